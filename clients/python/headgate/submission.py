"""Handing a request over, once, however often it has to be sent for that."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ._httpx import httpx
from .errors import Unreachable, problem_of, retry_after_of, to_error
from .flow import Call, Flow, Pause, answered, read_json
from .options import SubmitOptions
from .request import KEY_NAMES, to_request

LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Receipt:
    """What is said of an accepted task. ``is_replay``: it had been submitted before, under the same Idempotency-Key."""

    task_id: str
    status: str
    position: int | None
    eta_seconds: float | None
    is_replay: bool


def submit(path: str, options: SubmitOptions) -> Flow[Receipt]:
    """Hands a request over."""
    call = to_request(path, options)
    response = yield from until_taken(call)
    if "headgate-task-id" not in response.headers:
        # Also a success without a task: whatever answered there, it is no Headgate.
        raise to_error(response)
    is_replay = response.headers.get("idempotent-replayed") == "true"
    if call.method == "HEAD":
        # Its answer has no body (RFC 9110, 9.3.2).
        return Receipt(response.headers["headgate-task-id"], "pending", None, None, is_replay)
    body = read_json(response)
    return Receipt(
        task_id=body["task_id"],
        status=body["status"],
        position=body["data"].get("position"),
        eta_seconds=body["data"].get("eta_seconds"),
        is_replay=is_replay,
    )


def until_taken(call: Call, tries: int = 4) -> Flow[httpx.Response]:
    """The answer to what must not be done twice. What may have been taken is only sent again under an Idempotency-Key,
    with which it is taken once; what was refused because Headgate is full or stopping is sent again in any case, when
    Headgate says."""
    has_key = any(name.lower() in KEY_NAMES for name, _ in call.headers)
    number = 0
    while True:
        number += 1
        # A stream is used up by sending it.
        is_last = number == tries or not isinstance(call.content, bytes)
        reply = yield call
        if isinstance(reply, Unreachable):
            if is_last or (reply.was_sent and not has_key):
                raise reply
            yield Pause(_pause_seconds(None, number))
            continue
        response = answered(reply)
        if is_last or not _passes(response, has_key):
            return response
        yield Pause(_pause_seconds(retry_after_of(response), number))


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
