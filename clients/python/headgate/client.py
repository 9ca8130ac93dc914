"""The waiting client. ``async_client`` is its twin: what both do is in ``verbs``, ``submission`` and ``waiting``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from . import verbs
from ._httpx import httpx
from .flow import Flow, ask_json, get
from .options import Filter, SubmitOptions
from .records import TaskPage, TaskRecord
from .stream import Event, Follower
from .submission import submit
from .task import Batch, Task
from .transport import Connection, OnChange, Way

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

Json = dict[str, Any]
Jsons = list[Json]
T = TypeVar("T")
PAGE_SIZE = 200


class Headgate:
    """A Headgate, and through it the service behind. May be shared by threads; ``close`` it, or use ``with``."""

    def __init__(
        self,
        base_url: str = "http://localhost:8080",
        *,
        key: str | None = None,
        control_prefix: str = "",
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        client: httpx.Client | None = None,
    ) -> None:
        """``key`` is sent as ``Headgate-Key``; ``control_prefix`` is the server's; ``headers`` go with every request;
        ``timeout`` is for an answer in seconds; ``client`` is used as it is, and closed by whoever made it."""
        self._connection = Connection(Way(base_url, key, control_prefix, headers, timeout), client)

    def submit(self, path: str, **options: Unpack[SubmitOptions]) -> Task:
        """Hands a request over; returns when it is safely in the queue. ``SubmitOptions`` says what can be given."""
        receipt = self._run(submit(path, options))
        return Task(self._connection, receipt.task_id, receipt)

    def run(
        self,
        path: str,
        *,
        wait_timeout: float | None = None,
        on_change: OnChange | None = None,
        on_interrupt: str = "cancel",
        **options: Unpack[SubmitOptions],
    ) -> TaskRecord:
        """Submits and waits. Raises ``TaskFailed`` unless it was completed, ``WaitTimeout`` after ``wait_timeout`` seconds,
        when the task goes on. Ctrl-C cancels the task, unless ``on_interrupt`` is ``"leave"``."""
        task = self.submit(path, **options)
        try:
            return task.done(timeout=wait_timeout, on_change=on_change)
        except KeyboardInterrupt:
            if on_interrupt == "cancel":
                self._run(verbs.cancel_quietly(task.id))
            raise

    def task(self, task_id: str) -> Task:
        """A task by its id; nothing is asked yet."""
        return Task(self._connection, task_id)

    def list(self, limit: int | None = None, **filters: Unpack[Filter]) -> Iterator[TaskRecord]:
        """Newest first, page after page as they are needed."""
        left, cursor = limit, None
        while left is None or left > 0:
            found = self.page(PAGE_SIZE if left is None else min(left, PAGE_SIZE), cursor, **filters)
            yield from found["tasks"]
            left = None if left is None else left - len(found["tasks"])
            cursor = found["next_cursor"]
            if cursor is None:
                return

    def page(self, limit: int = 50, cursor: str | None = None, **filters: Unpack[Filter]) -> TaskPage:
        """One page; ``next_cursor`` leads to the next."""
        return self._run(verbs.page(filters, limit, cursor))

    def stats(self) -> Json:
        return self._run(ask_json(get("/stats")))

    def cleanup(self, max_age_hours: float = 24) -> int:
        """Deletes tasks that ended longer ago; answers how many."""
        return int(self._run(verbs.cleanup(max_age_hours))["deleted"])

    def events(self, last_event_id: str = "", **parameters: Any) -> Iterator[Event]:
        """What happens in all of Headgate, over reconnects. ``types``, ``route`` and ``status`` choose."""
        return self._connection.follow(Follower("/events", parameters, last_event_id))

    def batch(self, requests: Iterable[Json], idempotency_key: str | None = None) -> Batch:
        """Up to 1,000 requests at once, all or none: each a dict of ``path`` and what ``submit`` takes.
        The same ``idempotency_key`` and requests are the same batch; one is made when none is given."""
        taken = self._run(verbs.batch(requests, idempotency_key))
        return Batch(self._connection, taken["batch_id"], tuple(taken["task_ids"]))

    def cancel_all(self, *, all: bool = False, dry_run: bool = False, **filters: Unpack[Filter]) -> Json:
        """Cancels what a filter finds; without any, ``all=True`` has to say so. ``dry_run`` only counts.
        Call again while there are ``more``."""
        return self._run(verbs.bulk("cancel", filters, all, dry_run))

    def retry_all(
        self,
        *,
        all: bool = False,
        dry_run: bool = False,
        cursor: str | None = None,
        **filters: Unpack[Filter],
    ) -> Json:
        """A new task for each that a filter finds: of those that failed, unless ``status`` says otherwise. While there are
        ``more``, call again with ``next_cursor``."""
        return self._run(verbs.bulk("retry", filters, all, dry_run, cursor))

    def lanes(self) -> Jsons:
        return self._run(verbs.lanes())

    def pause(self, lane: str) -> Json:
        return self._run(verbs.switch_lane(lane, "pause"))

    def resume(self, lane: str) -> Json:
        return self._run(verbs.switch_lane(lane, "resume"))

    def change_lane(self, lane: str, **changes: Any) -> Json:
        """``max_concurrent``, ``queue`` and ``rate`` while running; None for as configured."""
        return self._run(verbs.change_lane(lane, changes))

    def targets(self) -> Jsons:
        return self._run(verbs.targets())

    def deliveries(self, **filters: Any) -> Json:
        """The log of webhooks: ``state``, ``task``, ``endpoint``, ``limit`` and ``cursor`` choose."""
        return self._run(verbs.deliveries(filters))

    def delivery(self, delivery_id: str) -> Json:
        return self._run(verbs.delivery(delivery_id))

    def redeliver(self, delivery_id: str) -> Json:
        return self._run(verbs.redeliver(delivery_id))

    def endpoints(self) -> Json:
        return self._run(verbs.endpoints())

    def test_endpoint(self, name: str) -> Json:
        return self._run(verbs.act_on_endpoint(name, "test"))

    def enable_endpoint(self, name: str) -> Json:
        return self._run(verbs.act_on_endpoint(name, "enable"))

    def keys(self) -> Jsons:
        return self._run(verbs.keys())

    def create_key(
        self,
        name: str,
        role: str,
        client: str | None = None,
        *,
        rate: str | None = None,
        max_open: int | None = None,
    ) -> str:
        """The key's text, told this once. ``rate`` as in ``"10/s"`` and ``max_open`` tasks are its quota."""
        more = {"client": client, "rate": rate, "max_open": max_open}
        return str((self._run(verbs.create_key(name, role, more)))["key"])

    def remove_key(self, name: str) -> Json:
        return self._run(verbs.remove_key(name))

    def is_ready(self) -> bool:
        """Whether requests are accepted now."""
        return self._run(verbs.is_ready())

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        return self._connection.run(flow)
