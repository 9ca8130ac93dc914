"""One task and one batch, awaiting: the twin of ``task``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from . import verbs
from ._httpx import httpx
from .flow import ask_json, get
from .records import TaskRecord
from .stream import Event, Follower
from .submission import Receipt
from .transport import AsyncConnection, OnChange
from .waiting import done, wait_for, wait_for_batch

Json = dict[str, Any]


class AsyncTask:
    """One task, wherever it stands. ``receipt`` is None for one that was submitted elsewhere."""

    def __init__(self, connection: AsyncConnection, task_id: str, receipt: Receipt | None = None) -> None:
        self._connection = connection
        self.id = task_id
        self.receipt = receipt

    async def status(self) -> TaskRecord:
        return await self._connection.run(verbs.status(self.id))

    async def wait(self, timeout: float | None = None, on_change: OnChange | None = None) -> TaskRecord:
        """Returns when it has ended, however it did; raises ``WaitTimeout`` after ``timeout`` seconds. ``on_change`` is
        told how it stands, whenever that has changed."""
        flow = wait_for(self.id, timeout=timeout, is_watched=on_change is not None)
        return await self._connection.run(flow, on_change)

    async def done(self, timeout: float | None = None, on_change: OnChange | None = None) -> TaskRecord:
        """As ``wait``, but raises ``TaskFailed`` unless it was completed."""
        return done(await self.wait(timeout, on_change))

    async def result(self, byte_range: str | None = None) -> httpx.Response:
        """The service's own answer: ``status_code``, ``headers``, ``content``. ``byte_range`` as in ``"bytes=0-99"``.
        Raises ``NotReady`` before it has ended, and why there is no answer when there is none."""
        return await self._connection.run(verbs.result(self.id, byte_range))

    async def cancel(self) -> None:
        """Cancels it, also while it runs. Raises ``Conflict`` when it has ended already."""
        await self._connection.run(verbs.cancel(self.id))

    async def retry(self) -> AsyncTask:
        """The same request again, as a new task."""
        receipt = await self._connection.run(verbs.retry(self.id))
        return AsyncTask(self._connection, receipt.task_id, receipt)

    async def delete(self) -> None:
        """Forgets one that has ended."""
        await self._connection.run(verbs.delete(self.id))

    async def patch(self, **changes: Any) -> TaskRecord:
        """Changes ``priority``, ``not_before`` or ``delay_seconds`` while it waits."""
        return await self._connection.run(verbs.patch(self.id, changes))

    def events(self, last_event_id: str = "") -> AsyncIterator[Event]:
        """``state``, ``position``, ``progress`` and at the end ``final``, over reconnects."""
        return self._connection.follow(
            Follower(f"/task/{self.id}/events", last_event_id=last_event_id, last_type="final")
        )


class AsyncBatch:
    """Tasks that were accepted together; ``task_ids`` are in the order of their requests."""

    def __init__(self, connection: AsyncConnection, batch_id: str, task_ids: tuple[str, ...]) -> None:
        self._connection = connection
        self.id = batch_id
        self.task_ids = task_ids

    @property
    def tasks(self) -> list[AsyncTask]:
        return [AsyncTask(self._connection, task_id) for task_id in self.task_ids]

    async def status(self) -> Json:
        """How many of its tasks are in which state."""
        return await self._connection.run(ask_json(get(f"/batches/{self.id}")))

    async def wait(self, timeout: float | None = None) -> Json:
        """Returns when all have ended; raises ``WaitTimeout`` after ``timeout`` seconds."""
        return await self._connection.run(wait_for_batch(self.id, timeout=timeout))
