"""Server-sent events (WHATWG HTML, 9.2) over however many connections."""

from __future__ import annotations

import random
from codecs import getincrementaldecoder
from collections.abc import Mapping
from dataclasses import dataclass, field
from json import loads
from typing import Any

from ._httpx import httpx
from .errors import to_error
from .flow import Call, query

LONGEST_PAUSE_SECONDS = 15.0

SILENCE_SECONDS = 45.0
"""A stream that is silent for so long is dead: three heartbeats have not come."""


@dataclass(frozen=True)
class Event:
    """``id`` is for going on later: what comes after it is what has not been seen."""

    id: str
    type: str
    data: Any


@dataclass
class Follower:
    """What is known of a stream between its connections, and what to do next. It reads and writes nothing itself."""

    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    last_event_id: str = ""
    last_type: str | None = None
    """The stream is over after an event of this type."""
    is_over: bool = False
    _retry_seconds: float = 1.0
    _failures: int = 0
    _parser: _Parser = field(default_factory=lambda: _Parser(""))

    def call(self) -> Call:
        """The request that opens the stream where it was left."""
        headers = [("Accept", "text/event-stream"), ("Cache-Control", "no-store")]
        if self.last_event_id:
            headers.append(("Last-Event-ID", self.last_event_id))
        self._parser = _Parser(self.last_event_id)
        return Call("GET", self.path + query(self.parameters), headers, hold_seconds=SILENCE_SECONDS)

    def opened(self, response: httpx.Response) -> bool:
        """Whether there are events to read. Raises what the stream is refused with, unless it passes."""
        if response.status_code == 204:
            self.is_over = True
        elif response.status_code == 200:
            self._failures = 0
            return True
        elif response.status_code < 500 and response.status_code != 429:
            raise to_error(response)
        return False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a piece of the stream completes."""
        events = []
        for event in self._parser.feed(piece):
            events.append(Event(event.id, event.type, _read(event.data)))
            if event.type == self.last_type:
                self.is_over = True
                break
        self.last_event_id = self._parser.last_id
        if self._parser.retry_seconds is not None:
            self._retry_seconds = self._parser.retry_seconds
        return events

    def pause_seconds(self) -> float:
        """How long to wait before it is opened again."""
        pause: float = min(LONGEST_PAUSE_SECONDS, self._retry_seconds * 2 ** min(self._failures, 6))
        self._failures += 1
        return pause * random.uniform(0.5, 1)


class _Parser:
    """One connection's bytes. What is cut off at its end is dropped, as the standard says."""

    def __init__(self, last_id: str) -> None:
        self.last_id = last_id
        self.retry_seconds: float | None = None
        self._id = last_id
        self._decode = getincrementaldecoder("utf-8-sig")("replace").decode
        self._rest = ""
        self._type = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[Event]:
        text = self._rest + self._decode(piece)
        # The other half of a CRLF may be in the next piece.
        kept = "\r" if text.endswith("\r") else ""
        text = text[: len(text) - len(kept)].replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        self._rest = rest + kept
        return [event for event in map(self._line, lines) if event is not None]

    def _line(self, line: str) -> Event | None:
        if line == "":
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_seconds = int(value) / 1_000
        return None

    def _dispatch(self) -> Event | None:
        # An id without data is remembered and tells of nothing.
        self.last_id = self._id
        event = Event(self._id, self._type or "message", "\n".join(self._data)) if self._data else None
        self._type, self._data = "", []
        return event


def _read(data: str) -> Any:
    try:
        return loads(data)
    except ValueError:
        return data
