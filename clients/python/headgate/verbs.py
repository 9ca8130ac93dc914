"""Every call of Headgate's own, once: what is sent, and what is made of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from json import dumps
from typing import Any, cast
from urllib.parse import quote
from uuid import uuid4

from ._httpx import httpx
from .errors import HeadgateError, NotReady, Unreachable, problem_of, retry_after_of, to_error
from .flow import Call, Flow, ask, ask_json, get, query, read_json, then
from .options import Filter, to_instant, to_query
from .records import TaskPage, TaskRecord
from .request import to_batch_member
from .submission import Receipt, until_taken

Json = dict[str, Any]


def post(path: str, body: Any = None) -> Call:
    return with_json("POST", path, body)


def with_json(method: str, path: str, body: Any) -> Call:
    if body is None:
        return Call(method, path)
    return Call(method, path, [("Content-Type", "application/json")], dumps(body).encode())


def member(flow: Flow[Any], name: str) -> Flow[Any]:
    return then(flow, lambda answer: answer[name])


# One task


def status(task_id: str) -> Flow[TaskRecord]:
    return ask_json(get(_task(task_id)))


def result(task_id: str, byte_range: str | None = None) -> Flow[httpx.Response]:
    """The service's own answer, whatever its status. Raises where Headgate itself speaks: ``NotReady`` while the task
    has not ended, and the reason why there is no answer."""
    headers = [] if byte_range is None else [("Range", byte_range)]
    response = yield from ask(Call("GET", f"{_task(task_id)}/result", headers))
    if problem_of(response) is not None:
        raise to_error(response)
    if response.status_code == 202 and response.headers.get("location", "").endswith(f"/task/{task_id}"):
        raise NotReady(
            "The task has not ended yet.", code="not_ready", status=202, retry_after=retry_after_of(response)
        )
    return response


def cancel(task_id: str) -> Flow[Json]:
    return ask_json(post(f"{_task(task_id)}/cancel"))


def cancel_quietly(task_id: str) -> Flow[None]:
    """For whoever is interrupted and cannot do more: it may have ended, or Headgate be away."""
    try:
        yield from ask(replace(post(f"{_task(task_id)}/cancel"), within_seconds=5))
    except HeadgateError:
        pass


def retry(task_id: str) -> Flow[Receipt]:
    answer = yield from ask_json(post(f"{_task(task_id)}/retry"))
    data = answer["data"]
    return Receipt(
        answer["task_id"], answer["status"], data["position"], data["eta_seconds"], is_replay=False
    )


def delete(task_id: str) -> Flow[Json]:
    return ask_json(Call("DELETE", _task(task_id)))


def patch(task_id: str, changes: Mapping[str, Any]) -> Flow[TaskRecord]:
    return ask_json(with_json("PATCH", _task(task_id), to_changes(changes)))


def to_changes(changes: Mapping[str, Any]) -> Json:
    """None is kept here: it takes a change back."""
    return {name: None if value is None else _to_json(value) for name, value in changes.items()}


# Many tasks


def page(filters: Filter, limit: int, cursor: str | None) -> Flow[TaskPage]:
    return ask_json(get("/tasks", {**filters, "limit": limit, "cursor": cursor}))


def cleanup(max_age_hours: float) -> Flow[Json]:
    return ask_json(Call("DELETE", "/tasks/cleanup" + query({"max_age_hours": max_age_hours})))


def bulk(
    action: str, filters: Filter, everything: bool, dry_run: bool, cursor: str | None = None
) -> Flow[Json]:
    """``cancel`` or ``retry`` over a filter; no filter has to be said in so many words."""
    body: Json = dict(to_query(cast(Mapping[str, Any], filters)))
    if everything:
        body["all"] = True
    if dry_run:
        body["dry_run"] = True
    if cursor is not None:
        body["cursor"] = cursor
    return ask_json(post(f"/tasks/{action}", body))


def batch(requests: Iterable[Json], idempotency_key: str | None) -> Flow[Json]:
    """All or nothing, and once, however often it has to be sent."""
    call = post("/tasks/batch", {"requests": [to_batch_member(request) for request in requests]})
    key = ("Idempotency-Key", idempotency_key or str(uuid4()))
    response = yield from until_taken(replace(call, headers=[*call.headers, key]))
    taken: Json = read_json(response)
    return taken


# The service, its lanes and targets


def lane(name: str, action: str = "") -> str:
    return f"/lanes/{_segment(name)}{action}"


def lanes() -> Flow[list[Json]]:
    return member(ask_json(get("/lanes")), "lanes")


def targets() -> Flow[list[Json]]:
    return member(ask_json(get("/targets")), "targets")


def change_lane(name: str, changes: Mapping[str, Any]) -> Flow[Json]:
    return member(ask_json(with_json("PATCH", lane(name), to_changes(changes))), "lane")


def switch_lane(name: str, action: str) -> Flow[Json]:
    return member(ask_json(post(lane(name, f"/{action}"))), "lane")


def is_ready() -> Flow[bool]:
    try:
        response = yield from ask(get("/readyz"))
    except Unreachable:
        return False
    return bool(response.is_success)


# Webhooks and keys


def deliveries(filters: Mapping[str, Any]) -> Flow[Json]:
    return ask_json(get("/webhooks/deliveries", filters))


def delivery(delivery_id: str) -> Flow[Json]:
    return member(ask_json(get(f"/webhooks/deliveries/{_segment(delivery_id)}")), "delivery")


def redeliver(delivery_id: str) -> Flow[Json]:
    return ask_json(post(f"/webhooks/deliveries/{_segment(delivery_id)}/redeliver"))


def endpoints() -> Flow[Json]:
    return ask_json(get("/webhooks/endpoints"))


def act_on_endpoint(name: str, action: str) -> Flow[Json]:
    return ask_json(post(f"/webhooks/endpoints/{_segment(name)}/{action}"))


def keys() -> Flow[list[Json]]:
    return member(ask_json(get("/keys")), "keys")


def create_key(name: str, role: str, more: Mapping[str, Any]) -> Flow[Json]:
    given = {key: value for key, value in more.items() if value is not None}
    return ask_json(post("/keys", {"name": name, "role": role, **given}))


def remove_key(name: str) -> Flow[Json]:
    return ask_json(Call("DELETE", f"/keys/{_segment(name)}"))


def _task(task_id: str) -> str:
    return f"/task/{_segment(task_id)}"


def _segment(text: str) -> str:
    return quote(text, safe="")


def _to_json(value: Any) -> Any:
    return to_instant(value) if isinstance(value, datetime) else value
