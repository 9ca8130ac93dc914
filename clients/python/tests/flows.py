"""Plays a flow against given replies: what it decides, without a network and without a clock."""

from __future__ import annotations

import json

from headgate._httpx import httpx
from headgate.flow import Call, Pause


def answer(status=200, **rest):
    return httpx.Response(status, **rest)


def problem(status, code, **headers):
    body = {
        "type": f"urn:headgate:problem:{code}",
        "code": code,
        "detail": "words",
        "status": status,
        "field": "f",
    }
    return answer(
        status, content=json.dumps(body), headers={"Content-Type": "application/problem+json", **headers}
    )


def play(flow, replies):
    """The steps of a flow that is told these replies, and what it came to."""
    steps, reply, left = [], None, list(replies)
    try:
        while True:
            step = flow.send(reply)
            steps.append(step)
            reply = left.pop(0) if isinstance(step, Call) else None
    except StopIteration as end:
        assert not left
        return steps, end.value


def pauses(steps):
    return [step.seconds for step in steps if isinstance(step, Pause)]
