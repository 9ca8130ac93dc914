"""Runs flows over HTTP: once waiting, once awaiting. Everything that is decided is decided elsewhere.

No redirect is followed, whatever the caller's own client does: it would take the key to wherever it leads.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from inspect import isawaitable
from typing import Any, Callable, TypeVar

from ._httpx import httpx
from .errors import Unreachable
from .flow import Call, Flow, Pause, Reply, Tell
from .options import check_fields
from .records import TaskRecord
from .stream import Event, Follower

T = TypeVar("T")
OnChange = Callable[[TaskRecord], Any]

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)
"""Whoever waits holds a connection. With a limit, a hundred who wait would keep everybody else from asking anything."""


class Way:
    """Where calls go and what each of them carries."""

    def __init__(
        self,
        base_url: str,
        key: str | None,
        control_prefix: str,
        headers: Mapping[str, str] | None,
        timeout: float,
    ) -> None:
        if not re.match(r"https?://[^/?#]", base_url, re.IGNORECASE):
            raise ValueError(f"{base_url!r} is no base URL: it begins with http:// or https://.")
        self.base_url = base_url.rstrip("/")
        self.control_prefix = control_prefix.rstrip("/")
        self.headers = {**(headers or {}), **({"Headgate-Key": key} if key else {})}
        check_fields(list(self.headers.items()))
        self.timeout = timeout

    def request(self, client: Any, call: Call) -> Any:
        prefix = "" if call.is_forwarded else self.control_prefix
        headers = httpx.Headers(self.headers)
        given = {name.lower() for name, _ in call.headers}
        standing = [(name, value) for name, value in headers.multi_items() if name not in given]
        timeout = min(self.timeout, call.within_seconds)
        return client.build_request(
            call.method,
            self.base_url + prefix + call.path,
            headers=[*standing, *call.headers],
            content=call.content,
            timeout=httpx.Timeout(timeout, read=timeout + call.hold_seconds),
        )


def unreachable(error: Exception) -> Unreachable:
    """What is not known to have stayed here may have arrived."""
    said = str(error) or type(error).__name__
    failure = Unreachable(f"Headgate did not answer: {said}", was_sent=not isinstance(error, _NEVER_SENT))
    failure.__cause__ = error
    return failure


class Connection:
    """The waiting half."""

    def __init__(self, way: Way, client: httpx.Client | None) -> None:
        self._way = way
        self._client = client or httpx.Client(limits=_LIMITS)
        self._is_own = client is None

    def run(self, flow: Flow[T], on_change: OnChange | None = None) -> T:
        reply: Reply = None
        while True:
            try:
                step = flow.send(reply)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            reply = None
            if isinstance(step, Pause):
                time.sleep(step.seconds)
            elif isinstance(step, Tell):
                if on_change is not None:
                    on_change(step.task)
            else:
                reply = self._send(step)

    def _send(self, call: Call) -> Reply:
        try:
            return self._client.send(self._way.request(self._client, call), follow_redirects=False)
        except httpx.TransportError as error:
            return unreachable(error)

    def follow(self, follower: Follower) -> Iterator[Event]:
        while True:
            try:
                request = self._way.request(self._client, follower.call())
                response = self._client.send(request, stream=True, follow_redirects=False)
                try:
                    if response.status_code != 200:
                        response.read()
                    if follower.opened(response):
                        for piece in response.iter_bytes():
                            yield from follower.feed(piece)
                            if follower.is_over:
                                return
                finally:
                    response.close()
            except httpx.TransportError:
                pass  # it is opened again where it broke off
            if follower.is_over:
                return
            time.sleep(follower.pause_seconds())

    def close(self) -> None:
        if self._is_own:
            self._client.close()


class AsyncConnection:
    """The awaiting half."""

    def __init__(self, way: Way, client: httpx.AsyncClient | None) -> None:
        self._way = way
        self._given = client
        self._own: dict[str, Any] = {}

    async def run(self, flow: Flow[T], on_change: OnChange | None = None) -> T:
        reply: Reply = None
        while True:
            try:
                step = flow.send(reply)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            reply = None
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            elif isinstance(step, Tell):
                told = None if on_change is None else on_change(step.task)
                if isawaitable(told):
                    await told
            else:
                reply = await self._send(step)

    async def _send(self, call: Call) -> Reply:
        client = self._client()
        try:
            return await client.send(self._way.request(client, call), follow_redirects=False)
        except httpx.TransportError as error:
            return unreachable(error)

    async def follow(self, follower: Follower) -> AsyncIterator[Event]:
        client = self._client()
        while True:
            try:
                response = await client.send(
                    self._way.request(client, follower.call()), stream=True, follow_redirects=False
                )
                try:
                    if response.status_code != 200:
                        await response.aread()
                    if follower.opened(response):
                        async for piece in response.aiter_bytes():
                            for event in follower.feed(piece):
                                yield event
                            if follower.is_over:
                                return
                finally:
                    await response.aclose()
            except httpx.TransportError:
                pass  # it is opened again where it broke off
            if follower.is_over:
                return
            await asyncio.sleep(follower.pause_seconds())

    def _client(self) -> httpx.AsyncClient:
        """One for the loop that runs: connections of a loop that is over cannot be used, nor closed."""
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        if self._own.get("loop") is not loop:
            self._own = {"loop": loop, "client": httpx.AsyncClient(limits=_LIMITS)}
        client: httpx.AsyncClient = self._own["client"]
        return client

    async def aclose(self) -> None:
        if self._own.get("loop") is asyncio.get_running_loop():
            await self._own.pop("client").aclose()
            self._own = {}
