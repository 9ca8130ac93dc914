"""Waiting for a task, over restarts of Headgate: its tasks are on its disk."""

from __future__ import annotations

import random
from math import inf
from time import monotonic
from typing import Any, Callable

from ._httpx import httpx
from .errors import TaskFailed, Unreachable, WaitTimeout, retry_after_of
from .flow import Flow, Pause, Tell, answered, ask_json, get, read_json
from .records import TaskRecord, is_final

LONG_POLL_SECONDS = 30.0
"""One question is held by the server for so long."""

WATCHED_POLL_SECONDS = 1.0
"""The same where somebody wants to see each change."""

LONGEST_HOLD_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 10.0
_LATER = frozenset({408, 429, 500, 502, 503, 504})


def wait_for(
    task_id: str,
    *,
    timeout: float | None = None,
    poll_interval: float | None = None,
    is_watched: bool = False,
    clock: Callable[[], float] = monotonic,
) -> Flow[TaskRecord]:
    """The task once it has ended, however it did. It looks once at least; raises ``WaitTimeout`` after ``timeout``."""
    deadline = inf if timeout is None else clock() + timeout
    interval = poll_interval or (WATCHED_POLL_SECONDS if is_watched else LONG_POLL_SECONDS)
    seen: TaskRecord | None = None
    failures = 0
    while True:
        began = clock()
        hold = max(0.0, min(interval, LONGEST_HOLD_SECONDS, deadline - began))
        reply = yield get(f"/task/{task_id}", {"wait": f"{hold:.3f}"}, hold_seconds=hold)
        if isinstance(reply, Unreachable) or answered(reply).status_code in _LATER:
            failures += 1
            pause = _pause_seconds(reply, failures)
        else:
            failures = 0
            task: TaskRecord = read_json(answered(reply))
            if seen is None or _standing(task) != _standing(seen):
                yield Tell(task)
            seen = task
            if is_final(task):
                return task
            # A server that is stopping, or a proxy that drops the query, answers at once: that must not spin.
            pause = 0.0 if clock() - began >= hold / 2 else min(interval, 0.5)
        left = deadline - clock()
        if left <= 0:
            raise WaitTimeout(f"Task {task_id}", seen)
        if pause > 0:
            yield Pause(min(pause, left))


def done(task: TaskRecord) -> TaskRecord:
    """The task, if it was completed; raises ``TaskFailed`` if it was not."""
    if task["status"] != "completed":
        raise TaskFailed(task)
    return task


def wait_for_batch(
    batch_id: str, *, timeout: float | None = None, clock: Callable[[], float] = monotonic
) -> Flow[dict[str, Any]]:
    """The batch once all its tasks have ended."""
    deadline = inf if timeout is None else clock() + timeout
    pause = 0.25
    while True:
        batch: dict[str, Any] = {}
        try:
            batch = yield from ask_json(get(f"/batches/{batch_id}"))
        except Unreachable:
            pass
        if batch.get("completed_at") is not None:
            return batch
        left = deadline - clock()
        if left <= 0:
            raise WaitTimeout(f"Batch {batch_id}")
        yield Pause(min(pause, left))
        pause = min(5.0, pause * 1.5)


def _pause_seconds(reply: Any, failures: int) -> float:
    asked = retry_after_of(reply) if isinstance(reply, httpx.Response) else None
    own: float = 0.5 * 2 ** min(failures - 1, 6) * random.uniform(0.5, 1)
    return min(LONGEST_PAUSE_SECONDS, max(own, asked or 0))


def _standing(task: TaskRecord) -> Any:
    return task["status"], task["reason"], task["position"], task["progress"]
