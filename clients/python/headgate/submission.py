"""Handing a request over, once, however often it has to be sent for that."""

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import dataclass
from json import dumps
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from ._httpx import httpx
from .errors import Unreachable, problem_of, retry_after_of, to_error
from .flow import Call, Flow, Pause, answered, read_json
from .options import HeaderFields, SubmitOptions, directives, to_query

LONGEST_PAUSE_SECONDS = 10.0
_STEADY = frozenset("-._~:/?#[]@!$&'()*+,;=%")


@dataclass(frozen=True)
class Receipt:
    """What is said of an accepted task. ``is_replay``: it had been submitted before, under the same Idempotency-Key."""

    task_id: str
    status: str
    position: int | None
    eta_seconds: float | None
    is_replay: bool


#: Known to Headgate alone: it does not say that the service may be sent the request twice.
_OWN_KEY = "Headgate-Idempotency-Key"


def submit(path: str, options: SubmitOptions, tries: int = 4) -> Flow[Receipt]:
    """What may have been taken is only sent again under an Idempotency-Key, with which it is taken once; what was
    refused because Headgate is full or stopping is sent again in any case, when Headgate says."""
    call = to_request(path, options)
    is_repeatable = isinstance(call.content, bytes)
    has_key = any(name.lower() in ("idempotency-key", _OWN_KEY.lower()) for name, _ in call.headers)
    for number in range(1, tries + 1):
        is_last = number == tries or not is_repeatable
        reply = yield call
        if isinstance(reply, Unreachable):
            if is_last or (reply.was_sent and not has_key):
                raise reply
            yield Pause(_pause_seconds(None, number))
            continue
        response = answered(reply)
        if "headgate-task-id" in response.headers:
            return _to_receipt(response)
        if is_last or not _passes(response, has_key):
            break
        yield Pause(_pause_seconds(retry_after_of(response), number))
    # Also a success without a task: whatever answered there, it is no Headgate.
    raise to_error(response)


NEVER_TAKEN = frozenset({"queue_full", "start_within_unmet", "not_ready", "shutting_down"})
"""Unlike ``storage_failed``, after which nobody knows what is on the disk, and a proxy's own 502 or 504."""


def _passes(response: httpx.Response, has_key: bool) -> bool:
    """Whether it may be taken later, and sending it again does no harm."""
    if response.status_code not in (502, 503, 504):
        return False
    problem = problem_of(response)
    return has_key or (problem is not None and problem["code"] in NEVER_TAKEN)


def _pause_seconds(asked: float | None, number: int) -> float:
    own: float = 0.25 * 2**number * random.uniform(0.5, 1)
    return min(LONGEST_PAUSE_SECONDS, max(own, asked or 0))


def _to_receipt(response: httpx.Response) -> Receipt:
    body = read_json(response)
    return Receipt(
        task_id=body["task_id"],
        status=body["status"],
        position=body["data"].get("position"),
        eta_seconds=body["data"].get("eta_seconds"),
        is_replay=response.headers.get("idempotent-replayed") == "true",
    )


def to_request(path: str, options: SubmitOptions) -> Call:
    """The request as it goes out, directives as header fields."""
    headers = _header_list(options.get("headers") or ())
    content, content_type = _content_of(options)
    headers += directives(options)
    if content_type is not None:
        _default(headers, "Content-Type", content_type)
    key = options.get("idempotency_key", "")
    if key:
        _default(headers, "Idempotency-Key", key)
    elif key is not None and not any(name.lower() == "idempotency-key" for name, _ in headers):
        _default(headers, _OWN_KEY, str(uuid4()))
    # A route may hold the connection for the answer itself; here the task is wanted.
    _default(headers, "Prefer", "respond-async")
    # The answer is stored as the service gives it: one that is compressed would be no text in the task.
    _default(headers, "Accept-Encoding", "identity")
    method = options.get("method", "POST").upper()
    return Call(method, to_path(path, options), headers, content, is_forwarded=True)


def to_path(path: str, options: SubmitOptions) -> str:
    """The path with its query; what is percent-encoded already stays as it is."""
    parameters = urlencode(to_query(options.get("params") or {}), quote_via=quote)
    separator = "&" if "?" in path else "?"
    whole = f"{path}{separator}{parameters}" if parameters else path
    return quote(whole if whole.startswith("/") else f"/{whole}", safe="".join(_STEADY))


def to_batch_member(request: dict[str, Any]) -> dict[str, Any]:
    """A request of a batch as JSON: ``path`` and the options of ``submit``, but for ``content`` that is a stream."""
    options: SubmitOptions = {k: v for k, v in request.items() if k != "path"}  # type: ignore[assignment]
    fields: dict[str, Any] = {}
    for name, value in _header_list(options.get("headers") or ()) + directives(options):
        before = fields.get(name)
        fields[name] = (
            value if before is None else [*([before] if isinstance(before, str) else before), value]
        )
    if options.get("idempotency_key"):
        fields["Idempotency-Key"] = options["idempotency_key"]
    member: dict[str, Any] = {
        "method": options.get("method", "POST").upper(),
        "path": to_path(request["path"], options),
    }
    content, content_type = _content_of(options)
    if content_type is not None and all(name.lower() != "content-type" for name in fields):
        fields["Content-Type"] = content_type
    if content:
        member.update(_as_text(content))
    return {**member, "headers": fields} if fields else member


def _as_text(content: Any) -> dict[str, str]:
    if not isinstance(content, bytes):
        raise TypeError("A request of a batch has json, form, or content that is bytes or text.")
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": b64encode(content).decode("ascii")}


def _content_of(options: SubmitOptions) -> tuple[Any, str | None]:
    given = [name for name in ("json", "form", "content") if name in options]
    if len(given) > 1:
        raise TypeError(f"Give one of json, form and content, not {' and '.join(given)}.")
    if "json" in options:
        return dumps(options["json"], ensure_ascii=False, allow_nan=False).encode(), "application/json"
    if "form" in options:
        return urlencode(options["form"], doseq=True).encode(), "application/x-www-form-urlencoded"
    content = options.get("content", b"")
    if isinstance(content, str):
        return content.encode(), "text/plain; charset=utf-8"
    return (bytes(content) if isinstance(content, (bytearray, memoryview)) else content), None


def _header_list(headers: HeaderFields) -> list[tuple[str, str]]:
    return list(headers.items() if hasattr(headers, "items") else headers)


def _default(headers: list[tuple[str, str]], name: str, value: str) -> None:
    if all(given.lower() != name.lower() for given, _ in headers):
        headers.append((name, value))
