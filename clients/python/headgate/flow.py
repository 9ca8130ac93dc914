"""A flow is a generator: it says what to do next and is told what came of it.

It does no input or output of its own, so ``transport`` runs the same flow synchronously and asynchronously, and a test
runs it with neither a network nor a clock.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Callable, TypeVar, Union
from urllib.parse import quote, urlencode

from ._httpx import httpx
from .errors import HeadgateError, Unreachable, to_error
from .options import to_query
from .records import TaskRecord

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """Send a request; the answer comes back whatever its status, or ``Unreachable``."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]] = ()
    content: Any = None
    is_forwarded: bool = False
    """For the service behind: Headgate's prefix does not go before the path."""
    hold_seconds: float = 0
    """How long the server may keep the answer to itself."""
    within_seconds: float = inf
    """Where the client's time-out is longer than this."""


@dataclass(frozen=True)
class Pause:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True)
class Tell:
    """Tell whoever waits how the task stands now."""

    task: TaskRecord


Step = Union[Call, Pause, Tell]
Reply = Union["httpx.Response", Unreachable, None]
Flow = Generator[Step, Reply, T]


def get(
    path: str,
    parameters: Mapping[str, Any] | None = None,
    hold_seconds: float = 0,
    within_seconds: float = inf,
) -> Call:
    return Call(
        "GET", path + query(parameters), hold_seconds=hold_seconds, within_seconds=within_seconds
    )


def query(parameters: Mapping[str, Any] | None) -> str:
    text = urlencode(to_query(parameters or {}), quote_via=quote)
    return f"?{text}" if text else ""


def ask(call: Call) -> Flow[httpx.Response]:
    """The answer to a call. A question that changes nothing is put once more when its connection breaks: one that was
    kept open since the last may have been closed by the other end."""
    reply = yield call
    if isinstance(reply, Unreachable) and call.method == "GET":
        reply = yield call
    return answered(reply)


def ask_json(call: Call) -> Flow[Any]:
    """The JSON that answers a call of Headgate's; raises what the call was refused with."""
    response = yield from ask(call)
    return read_json(response)


def answered(reply: Reply) -> httpx.Response:
    if isinstance(reply, Unreachable):
        raise reply
    if reply is None:
        raise TypeError("A call is answered by a response.")
    return reply


def read_json(response: httpx.Response) -> Any:
    if not response.is_success:
        raise to_error(response)
    try:
        answer = response.json()
    except ValueError:
        answer = None
    # Whatever Headgate says has this member; the service, or another, may answer the same path with JSON, too.
    if isinstance(answer, dict) and "success" in answer:
        return answer
    raise HeadgateError(
        f"What answered {response.status_code} is no Headgate. Is this its base URL?",
        status=response.status_code,
    )


def then(flow: Flow[Any], read: Callable[[Any], T]) -> Flow[T]:
    """A flow whose outcome is read further."""
    return read((yield from flow))
