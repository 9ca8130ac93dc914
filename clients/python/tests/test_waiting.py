"""How long is waited, how often is asked, and what ends it."""

from __future__ import annotations

import pytest
from flows import answer, pauses, play, problem

from headgate import HeadgateError, Unreachable, WaitTimeout
from headgate.flow import Call, Pause, Tell
from headgate.waiting import wait_for, wait_for_batch


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def task(status, **rest):
    body = {
        "success": True,
        "task_id": "t1",
        "status": status,
        "reason": status,
        "position": None,
        "progress": None,
        "error": None,
    }
    return answer(200, json={**body, **rest})


def play_wait(replies, clock=None, **options):
    """As ``play``, over time: each call is held as long as it asks, and each pause is taken."""
    clock = clock or Clock()
    flow = wait_for("t1", clock=clock, **options)
    steps, reply, left = [], None, list(replies)
    try:
        while True:
            step = flow.send(reply)
            steps.append(step)
            reply = None
            if isinstance(step, Pause):
                clock.now += step.seconds
            elif isinstance(step, Call):
                reply = left.pop(0)
                if isinstance(reply, tuple):
                    reply, took = reply
                    clock.now += took
    except StopIteration as end:
        return steps, end.value


def test_waiting_holds_a_question_and_tells_of_changes_once():
    steps, end = play_wait(
        [
            (task("pending", position=2), 30),
            (task("pending", position=2), 30),
            (task("processing"), 30),
            task("failed"),
        ]
    )
    assert end["status"] == "failed"
    assert [step.task["status"] for step in steps if isinstance(step, Tell)] == [
        "pending",
        "processing",
        "failed",
    ]
    assert pauses(steps) == []
    assert {(step.path, step.hold_seconds) for step in steps if isinstance(step, Call)} == {
        ("/task/t1?wait=30.000", 30)
    }


def test_a_server_that_is_away_is_asked_ever_more_rarely():
    away = [Unreachable("refused", was_sent=False) for _ in range(8)]
    steps, _ = play_wait([*away, problem(503, "not_ready", **{"Retry-After": "3"}), task("completed")])
    waits = pauses(steps)
    assert waits[0] <= 0.5
    assert 5 <= waits[-2] <= 10
    assert waits[-1] >= 3
    assert all(wait <= 10 for wait in waits)


def test_an_early_answer_does_not_make_it_spin():
    steps, _ = play_wait([task("pending"), task("pending"), task("completed")])
    assert pauses(steps) == [0.5, 0.5]


def test_the_time_to_wait_is_kept_to_and_the_last_sight_is_told():
    clock = Clock()
    with pytest.raises(WaitTimeout) as late:
        play_wait([(task("pending"), 30), (task("processing"), 12)], clock, timeout=42)
    assert late.value.task["status"] == "processing"
    with pytest.raises(WaitTimeout) as late:
        play_wait([Unreachable("refused", was_sent=False)] * 50, clock, timeout=10)
    assert late.value.task is None
    assert clock.now == pytest.approx(52)
    with pytest.raises(WaitTimeout):
        play_wait([task("pending")], timeout=0)


def test_a_server_that_does_not_answer_holds_nobody_longer_than_that():
    def patience(timeout):
        steps, _ = play_wait([task("completed")], timeout=timeout)
        return [(step.hold_seconds, step.within_seconds) for step in steps if isinstance(step, Call)]

    assert patience(2) == [(2, 1)]
    assert patience(40) == [(30, 10)]


def test_what_cannot_get_better_ends_the_wait():
    with pytest.raises(HeadgateError) as refused:
        play_wait([problem(404, "not_found")])
    assert refused.value.code == "not_found"
    # Another service may have that path, too.
    for foreign in (answer(200, text="<html>"), answer(200, json={"status": "pending"})):
        with pytest.raises(HeadgateError, match="base URL"):
            play_wait([foreign])
    with pytest.raises(ValueError, match="poll_interval"):
        play_wait([], poll_interval=-1)


def test_a_batch_is_waited_for_in_the_same_way():
    open_batch = answer(200, json={"success": True, "completed_at": None})
    away = [Unreachable("refused", was_sent=False), problem(503, "shutting_down")]
    ended = answer(200, json={"success": True, "completed_at": "now"})
    steps, batch = play(wait_for_batch("b1", clock=Clock()), [*away, open_batch, ended])
    assert batch["completed_at"] == "now"
    assert len(pauses(steps)) == 3
    assert {step.path for step in steps if isinstance(step, Call)} == {"/batches/b1?wait=30.000"}
