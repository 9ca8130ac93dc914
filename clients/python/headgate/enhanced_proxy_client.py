"""The names of the forwarding service that Headgate grew from: code that was written for it changes its import, no more.

What is asked for comes as the JSON that the server sends, as it did there.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from . import verbs
from .async_client import AsyncHeadgate
from .client import Headgate
from .errors import HeadgateError
from .flow import Flow
from .options import SubmitOptions
from .records import TaskPage, TaskRecord
from .submission import submit
from .waiting import wait_for

if TYPE_CHECKING:
    from typing_extensions import Unpack

Json = dict[str, Any]


class EnhancedProxyClient(Headgate):
    """A ``Headgate`` with the old names beside the new ones."""

    def submit_task(self, endpoint: str, data: Any = None, **options: Unpack[SubmitOptions]) -> str:
        """Hands a request over, ``data`` as its JSON; answers the id of its task."""
        return self._run(submit(endpoint, _with_json(data, options))).task_id

    def wait_for_task(
        self, task_id: str, poll_interval: float = 5, timeout: float | None = None
    ) -> TaskRecord:
        """The task once it has ended: ``success``, ``result``, ``error`` and the rest. It is told of its end at once, and
        asks anew every ``poll_interval`` seconds; raises ``TimeoutError`` after ``timeout`` seconds."""
        return self._run(_wait_whole(task_id, poll_interval, timeout))

    def get_task_status(self, task_id: str) -> TaskRecord:
        return self._run(_status_whole(task_id))

    def get_stats(self) -> Json:
        return self.stats()

    def list_tasks(self, status: str | None = None, limit: int = 50) -> TaskPage:
        """``tasks``, newest first; ``page`` and ``list`` can filter by more."""
        return self._run(verbs.page({"status": status} if status else {}, limit, None))

    def cleanup_tasks(self, max_age_hours: float = 24) -> Json:
        return self._run(verbs.cleanup(max_age_hours))

    def cancel_task(self, task_id: str) -> Json:
        return self._run(verbs.cancel(task_id))

    def retry_task(self, task_id: str) -> str:
        """The id of the new task."""
        return self._run(verbs.retry(task_id)).task_id

    def delete_task(self, task_id: str) -> Json:
        return self._run(verbs.delete(task_id))


class AsyncEnhancedProxyClient(AsyncHeadgate):
    """An ``AsyncHeadgate`` with the old names beside the new ones."""

    async def submit_task(self, endpoint: str, data: Any = None, **options: Unpack[SubmitOptions]) -> str:
        """Hands a request over, ``data`` as its JSON; answers the id of its task."""
        return (await self._run(submit(endpoint, _with_json(data, options)))).task_id

    async def wait_for_task(
        self, task_id: str, poll_interval: float = 5, timeout: float | None = None
    ) -> TaskRecord:
        """The task once it has ended: ``success``, ``result``, ``error`` and the rest. It is told of its end at once, and
        asks anew every ``poll_interval`` seconds; raises ``TimeoutError`` after ``timeout`` seconds."""
        return await self._run(_wait_whole(task_id, poll_interval, timeout))

    async def get_task_status(self, task_id: str) -> TaskRecord:
        return await self._run(_status_whole(task_id))

    async def get_stats(self) -> Json:
        return await self.stats()

    async def list_tasks(self, status: str | None = None, limit: int = 50) -> TaskPage:
        """``tasks``, newest first; ``page`` and ``list`` can filter by more."""
        return await self._run(verbs.page({"status": status} if status else {}, limit, None))

    async def cleanup_tasks(self, max_age_hours: float = 24) -> Json:
        return await self._run(verbs.cleanup(max_age_hours))

    async def cancel_task(self, task_id: str) -> Json:
        return await self._run(verbs.cancel(task_id))

    async def retry_task(self, task_id: str) -> str:
        """The id of the new task."""
        return (await self._run(verbs.retry(task_id))).task_id

    async def delete_task(self, task_id: str) -> Json:
        return await self._run(verbs.delete(task_id))


def _with_json(data: Any, options: SubmitOptions) -> SubmitOptions:
    if data is None:
        return options
    whole = options.copy()
    whole["json"] = data
    return whole


def _wait_whole(task_id: str, poll_interval: float, timeout: float | None) -> Flow[TaskRecord]:
    task = yield from wait_for(task_id, timeout=timeout, poll_interval=poll_interval)
    return (yield from _whole(task))


def _status_whole(task_id: str) -> Flow[TaskRecord]:
    task = yield from verbs.status(task_id)
    return (yield from _whole(task))


def _whole(task: TaskRecord) -> Flow[TaskRecord]:
    """With its result, however large: an answer that is kept in a file does not stand in the task, and there it did."""
    answered = task["response"]
    if task["result"] is not None or answered is None or task["completed_at"] is None:
        return task
    if answered.get("size_bytes") == 0:
        return task
    try:
        response = yield from verbs.result(task["task_id"])
    except HeadgateError:
        return task  # it was pruned meanwhile; what is known of it still holds
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.endswith(("/json", "+json")):
        try:
            task["result"] = response.json()
            return task
        except ValueError:
            pass
    if media_type.startswith("text/") or media_type.endswith(("json", "xml")):
        task["result"] = response.text
    else:
        task["result"] = b64encode(response.content).decode("ascii")
        task["result_encoding"] = "base64"
    return task
