"""Server-sent events: what the standard says, and going on where a stream was left."""

from __future__ import annotations

import asyncio

import pytest

from headgate import AsyncHeadgate, Headgate, HeadgateError, NotFound
from headgate._httpx import httpx
from headgate.stream import Follower

STREAM = (
    "\ufeffretry: 20\n\n: heartbeat\n\n"
    'id: 1-0\r\nevent: state\r\ndata: {"status":\r\ndata: "pending"}\r\n\r\n'
    'id: 2-0\revent: progress\rdata: {"percent": 5, "message": "五"}\r\r'
    "id: 3-0\n\n"
    "data: plain\n\n"
    "data: cut off"
).encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_read_however_the_bytes_are_cut(size):
    follower = Follower("/events")
    follower.call()
    events = [e for i in range(0, len(STREAM), size) for e in follower.feed(STREAM[i : i + size])]
    assert [(e.id, e.type, e.data) for e in events] == [
        ("1-0", "state", {"status": "pending"}),
        ("2-0", "progress", {"percent": 5, "message": "五"}),
        ("3-0", "message", "plain"),
    ]
    assert follower.last_event_id == "3-0"
    assert follower.pause_seconds() <= 0.02


PIECES = [
    b'retry: 1\n\nid: a\nevent: state\ndata: {"n": 1}\n\nid: b\nevent: st',
    b'id: b\nevent: state\ndata: {"n": 2}\n\n',
    None,
    b'id: c\nevent: final\ndata: {"n": 3}\n\n',
]


class Server:
    """Breaks off after each piece, and is away once."""

    def __init__(self):
        self.left = list(PIECES)
        self.asked = []

    def __call__(self, request):
        self.asked.append((request.url.raw_path, request.headers.get("last-event-id")))
        piece = self.left.pop(0)
        if piece is None:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=piece)


ASKED = [(b"/p/task/t1/events", last) for last in (None, "a", "b", "b")]


def test_a_task_is_followed_over_connections_that_break():
    server = Server()
    client = httpx.Client(transport=httpx.MockTransport(server))
    events = Headgate("http://gate", control_prefix="/p", client=client).task("t1").events()
    assert [event.data["n"] for event in events] == [1, 2, 3]
    assert server.asked == ASKED


def test_asynchronously_too():
    server = Server()

    async def main():
        client = httpx.AsyncClient(transport=httpx.MockTransport(server))
        events = AsyncHeadgate("http://gate", control_prefix="/p", client=client).task("t1").events()
        return [event.data["n"] async for event in events]

    assert asyncio.run(main()) == [1, 2, 3]
    assert server.asked == ASKED


def test_a_stream_that_is_over_is_not_opened_again():
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(204)))
    assert list(Headgate("http://gate", client=client).task("t1").events("end")) == []


def test_a_stream_that_is_refused_says_why():
    problem = {"type": "urn:headgate:problem:not_found", "code": "not_found", "detail": "no such task"}
    answer = httpx.Response(404, json=problem, headers={"Content-Type": "application/problem+json"})
    client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    with pytest.raises(NotFound):
        next(Headgate("http://gate", client=client).task("t1").events())


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "localhost:8080", "ftp://gate", "http://"])
def test_a_base_url_that_is_none_is_said_at_once(url):
    for kind in (Headgate, AsyncHeadgate):
        with pytest.raises(ValueError, match="base URL"):
            kind(url)


def test_the_key_goes_nowhere_else():
    asked = []

    def elsewhere(request):
        asked.append((request.url.host, request.headers.get("headgate-key")))
        return httpx.Response(307, headers={"Location": "http://elsewhere.example/"})

    client = httpx.Client(transport=httpx.MockTransport(elsewhere), follow_redirects=True)
    headgate = Headgate("http://gate", key="hg_secret", client=client)
    for call in (headgate.stats, lambda: headgate.submit("/x"), lambda: next(headgate.events())):
        with pytest.raises(HeadgateError):
            call()
    assert asked == [("gate", "hg_secret")] * 3
