"""What Headgate says of tasks, as the JSON it sends. Members that are not listed may be added by later versions."""

from __future__ import annotations

from typing import Any, TypedDict


class ErrorRecord(TypedDict):
    code: str
    message: str


class AttemptRecord(TypedDict):
    number: int
    target: str | None
    started_at: str
    ended_at: str | None
    outcome: str | None
    status: int | None
    error: ErrorRecord | None


class ProgressRecord(TypedDict, total=False):
    percent: float | None
    message: str | None
    at: str


class ResponseRecord(TypedDict, total=False):
    status: int
    headers: dict[str, str | list[str]]
    size_bytes: int


class _AlwaysThere(TypedDict):
    success: bool
    task_id: str
    status: str
    reason: str
    route: str
    method: str
    path: str
    created_at: str
    started_at: str | None
    completed_at: str | None
    queue_seconds: float
    duration_seconds: float | None
    is_long_task: bool
    priority: int
    position: int | None
    eta_seconds: float | None
    waiting_for: dict[str, Any] | None
    progress: ProgressRecord | None
    attempts: list[AttemptRecord]
    result: Any
    error: ErrorRecord | None
    result_url: str
    client: str
    labels: dict[str, str]
    retry_of: str | None
    response: ResponseRecord | None


class TaskRecord(_AlwaysThere, total=False):
    """A task as ``GET /task/{id}`` gives it."""

    result_encoding: str
    batch_id: str | None


class TaskPage(TypedDict):
    success: bool
    tasks: list[TaskRecord]
    count: int
    next_cursor: str | None


FINAL = frozenset({"completed", "failed", "cancelled"})


def is_final(task: TaskRecord) -> bool:
    return task["status"] in FINAL
