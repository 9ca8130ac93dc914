"""Waiting for a task, over restarts of Headgate: its tasks are on its disk."""

from __future__ import annotations

import random
from math import inf
from time import monotonic
from typing import Any, Callable

from ._httpx import httpx
from .errors import TaskFailed, Unreachable, WaitTimeout, retry_after_of
from .flow import Flow, Pause, Tell, answered, get, read_json
from .records import TaskRecord, is_final

LONG_POLL_SECONDS = 30.0
"""One question is held by the server for so long."""

WATCHED_POLL_SECONDS = 1.0
"""The same where somebody wants to see each change."""

LONGEST_HOLD_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 10.0
LEAST_WITHIN_SECONDS = 1.0
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
    if poll_interval is not None and poll_interval < 0:
        raise ValueError("poll_interval is 0 or more.")
    interval = poll_interval or (WATCHED_POLL_SECONDS if is_watched else LONG_POLL_SECONDS)
    wait = _Wait(f"/task/{task_id}", f"Task {task_id}", interval, timeout, clock, is_watched)
    seen: TaskRecord | None = None
    while seen is None or not is_final(seen):
        task: TaskRecord = yield from wait.look(seen)
        if seen is None or _standing(task) != _standing(seen):
            yield Tell(task)
        seen = task
    return seen


def done(task: TaskRecord) -> TaskRecord:
    """The task, if it was completed; raises ``TaskFailed`` if it was not."""
    if task["status"] != "completed":
        raise TaskFailed(task)
    return task


def wait_for_batch(
    batch_id: str, *, timeout: float | None = None, clock: Callable[[], float] = monotonic
) -> Flow[dict[str, Any]]:
    """The batch once all its tasks have ended."""
    wait = _Wait(f"/batches/{batch_id}", f"Batch {batch_id}", LONG_POLL_SECONDS, timeout, clock)
    batch: dict[str, Any] | None = None
    while batch is None or batch["completed_at"] is None:
        batch = yield from wait.look(batch)
    return batch


class _Wait:
    """Looks at something again and again, each time until the server knows more or does not want to hold the question."""

    def __init__(
        self,
        path: str,
        what: str,
        interval: float,
        timeout: float | None,
        clock: Callable[[], float],
        is_watched: bool = False,
    ) -> None:
        self._path = path
        self._what = what
        self._interval = min(interval, LONGEST_HOLD_SECONDS)
        self._is_watched = is_watched
        self._clock = clock
        self._deadline = inf if timeout is None else clock() + timeout
        self._pause = 0.0

    def look(self, seen: Any) -> Flow[Any]:
        """How it stands now. A server that is away is asked until the time is over, ever more rarely."""
        failures = 0
        while True:
            # The first look is free, or nothing could be seen in no time.
            if seen is not None or failures > 0:
                yield from self._rest(seen)
            began = self._clock()
            left = max(0.0, self._deadline - began)
            # Who watches sees at once how it stands now.
            hold = 0.0 if self._is_watched and seen is None else min(self._interval, left)
            # A server that takes the question and does not answer must not hold whoever has no time.
            within = max(LEAST_WITHIN_SECONDS, left - hold)
            reply = yield get(self._path, {"wait": f"{hold:.3f}"}, hold_seconds=hold, within_seconds=within)
            if not isinstance(reply, Unreachable) and answered(reply).status_code not in _LATER:
                # A server that is stopping, or a proxy that drops the query, answers at once: that must not spin.
                is_early = self._clock() - began < hold / 2
                self._pause = min(self._interval, 0.5) if is_early else 0.0
                return read_json(answered(reply))
            failures += 1
            self._pause = _pause_seconds(reply, failures)

    def _rest(self, seen: Any) -> Flow[None]:
        left = self._deadline - self._clock()
        if left <= 0:
            raise WaitTimeout(self._what, seen)
        if self._pause > 0:
            yield Pause(min(self._pause, left))


def _pause_seconds(reply: Any, failures: int) -> float:
    asked = retry_after_of(reply) if isinstance(reply, httpx.Response) else None
    own: float = 0.5 * 2 ** min(failures - 1, 6) * random.uniform(0.5, 1)
    return min(LONGEST_PAUSE_SECONDS, max(own, asked or 0))


def _standing(task: TaskRecord) -> Any:
    return task["status"], task["reason"], task["position"], task["progress"]
