"""What can go wrong, by kind. ``code`` is stable and part of Headgate's contract: match on it, never on the text."""

from __future__ import annotations

from typing import Any

from ._httpx import httpx
from .records import TaskRecord


class HeadgateError(Exception):
    """Headgate has refused a call, or could not do it.

    ``code`` names the reason, ``status`` is the HTTP status, ``field`` the parameter, member or header that is wrong,
    ``retry_after`` the seconds after which trying again makes sense, ``problem`` the whole answer (RFC 9457).
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "unknown",
        status: int | None = None,
        field: str | None = None,
        retry_after: float | None = None,
        problem: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.field = field
        self.retry_after = retry_after
        self.problem = problem or {}


class InvalidRequest(HeadgateError):
    """A parameter, member or header is malformed or not known; ``field`` names it."""


class AccessDenied(HeadgateError):
    """No key, or not one that may do this."""


class NotFound(HeadgateError):
    """There is no such thing, or it belongs to somebody else."""


class Conflict(HeadgateError):
    """The task is in a state in which this cannot be done."""


class Gone(HeadgateError):
    """The task was cancelled, or what is needed of it is no longer kept."""


class IdempotencyMismatch(HeadgateError):
    """The Idempotency-Key was used for another request."""


class QuotaExceeded(HeadgateError):
    """The key has used up what it may; ``retry_after`` says when there is more."""


class QueueFull(HeadgateError):
    """The queue is full (``queue_full``), or the task would begin too late (``start_within_unmet``)."""


class NotReady(HeadgateError):
    """The task has not ended yet, so there is no answer; ``retry_after`` says when to ask again."""


class Unreachable(HeadgateError):
    """No answer from Headgate. ``was_sent`` is false when the request is known not to have left."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        super().__init__(message, code="unreachable")
        self.was_sent = was_sent


class TaskFailed(HeadgateError):
    """A task has failed or was cancelled; ``task`` is how it ended, ``code`` why."""

    def __init__(self, task: TaskRecord) -> None:
        error = task["error"]
        message = error["message"] if error else f"Task {task['task_id']} was {task['status']}."
        super().__init__(message, code=error["code"] if error else task["status"])
        self.task = task


class WaitTimeout(TimeoutError):
    """The time to wait is over; the task is not. ``task`` is how it was last seen, None when it never was."""

    def __init__(self, what: str, task: TaskRecord | None = None) -> None:
        super().__init__(f"{what} has not ended in the time that was given.")
        self.task = task


_BY_CODE: dict[str, type[HeadgateError]] = {
    "queue_full": QueueFull,
    "start_within_unmet": QueueFull,
}

_BY_STATUS: dict[int, type[HeadgateError]] = {
    400: InvalidRequest,
    401: AccessDenied,
    403: AccessDenied,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: IdempotencyMismatch,
    429: QuotaExceeded,
}


def to_error(response: httpx.Response) -> HeadgateError:
    """The error that an answer is; one that is no problem of Headgate's has the code ``unknown``."""
    status = response.status_code
    problem = problem_of(response)
    retry_after = retry_after_of(response)
    if problem is None:
        message = f"The server answered {status}, which is no answer of Headgate's."
        return HeadgateError(message, status=status, retry_after=retry_after)
    kind = _BY_CODE.get(problem["code"], _BY_STATUS.get(status, HeadgateError))
    return kind(
        str(problem.get("detail") or problem.get("message") or problem["code"]),
        code=problem["code"],
        status=status,
        field=problem.get("field"),
        retry_after=retry_after,
        problem=problem,
    )


def problem_of(response: httpx.Response) -> dict[str, Any] | None:
    """The problem that Headgate itself tells of; None for any other answer, such as the service's own problem."""
    if not response.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    try:
        problem = response.json()
    except ValueError:
        return None
    if not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
        return None
    return problem if problem.get("type") == f"urn:headgate:problem:{problem['code']}" else None


def retry_after_of(response: httpx.Response) -> float | None:
    """Seconds; None when nothing is said, or a date, which Headgate never sends."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
