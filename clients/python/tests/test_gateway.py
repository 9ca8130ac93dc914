"""Against the real program."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from rig import running_gateway

from headgate import (
    Conflict,
    Gone,
    Headgate,
    InvalidRequest,
    NotFound,
    NotReady,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)


@pytest.fixture()
def client(gateway):
    with Headgate(gateway.url) as client:
        yield client


def test_a_request_is_handed_over_and_its_answer_collected(client, target):
    task = client.submit("/api/function1", json={"n": 1}, headers={"X-Own": "kept"}, params={"a": "b c"})
    assert task.receipt is not None
    assert task.receipt.task_id == task.id
    record = task.wait(timeout=30)
    assert record["status"] == "completed"
    assert record["result"] == {"path": "/api/function1?a=b%20c", "said": {"n": 1}}
    method, _, headers, body = target.seen[-1]
    assert (method, body, headers["X-Own"]) == ("POST", b'{"n": 1}', "kept")
    assert not [name for name in headers if name.lower() == "headgate-key"]

    answer = task.result()
    assert (answer.status_code, answer.json()) == (200, record["result"])
    assert answer.headers["content-type"] == "application/json"


def test_bytes_come_back_as_they_were_and_in_parts(client):
    task = client.submit("/bytes", method="GET")
    task.done(timeout=30)
    assert task.result().content == bytes(range(256))
    part = task.result(byte_range="bytes=16-19")
    assert (part.status_code, part.content) == (206, bytes(range(16, 20)))


def test_an_answer_that_looks_like_a_problem_is_the_services_own(client):
    task = client.submit("/problem", method="GET")
    task.done(timeout=30)
    assert task.result().json()["code"] == "own"


def test_run_raises_for_a_task_that_fails_and_says_why(client):
    with pytest.raises(TaskFailed) as failed:
        client.run("/broken", wait_timeout=30)
    assert failed.value.code == "target_error"
    assert failed.value.task["result"] == {"detail": "broken on purpose"}
    answer = client.task(failed.value.task["task_id"]).result()
    assert answer.status_code == 500


def test_directives_reach_the_gateway(client):
    due = datetime.now(timezone.utc) + timedelta(hours=1)
    task = client.submit(
        "/later", not_before=due, priority=9, labels={"team": "search", "tier": "gold"}, client="me"
    )
    record = task.status()
    assert (record["status"], record["reason"], record["priority"]) == ("pending", "delayed", 9)
    assert (record["labels"], record["client"]) == ({"team": "search", "tier": "gold"}, "me")

    assert task.patch(priority=1)["priority"] == 1
    assert [found["task_id"] for found in client.list(label="tier=gold", since=due - timedelta(hours=2))] == [
        task.id
    ]
    with pytest.raises(WaitTimeout) as late:
        task.wait(timeout=2)
    assert isinstance(late.value, TimeoutError)
    assert late.value.task is not None
    with pytest.raises(NotReady) as early:
        task.result()
    assert early.value.retry_after is not None
    with pytest.raises(Conflict):
        task.delete()

    assert task.patch(delay_seconds=0)["reason"] == "queued"
    assert task.done(timeout=30)["status"] == "completed"
    task.delete()
    with pytest.raises(NotFound) as gone:
        task.status()
    assert gone.value.code == "not_found"


def test_what_is_wrong_is_named(client):
    with pytest.raises(InvalidRequest) as refused:
        client.submit("/x", priority=12)
    assert (refused.value.code, refused.value.field) == ("invalid_request", "Headgate-Priority")
    with pytest.raises(TypeError, match="priorty"):
        client.submit("/x", priorty=9)
    with pytest.raises(InvalidRequest) as refused:
        client.page(limit=5000)
    assert refused.value.field == "limit"


def test_a_running_task_is_cancelled_and_run_again(client, held):
    task = client.submit("/held", delay=0)
    seen = []
    states = threading.Event()

    def watch(record):
        seen.append(record["status"])
        if record["status"] == "processing":
            states.set()

    waiter = threading.Thread(target=lambda: task.wait(timeout=30, on_change=watch), daemon=True)
    waiter.start()
    assert states.wait(30)
    task.cancel()
    waiter.join(30)
    assert seen[-1] == "cancelled"
    with pytest.raises(Conflict):
        task.cancel()
    with pytest.raises(Gone):
        task.result()

    again = task.retry()
    held.release.set()
    assert again.done(timeout=30)["retry_of"] == task.id


def test_ctrl_c_cancels_what_was_run(client, held):
    def interrupt(record):
        if record["status"] == "processing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.run("/held/interrupted", on_change=interrupt)
    (task,) = client.list(path="/held/interrupted")
    assert task["status"] == "cancelled"


def test_lists_go_on_over_pages(client):
    ids = [client.submit("/paged", json=i).id for i in range(5)]
    assert [task["task_id"] for task in client.list(path="/paged")] == ids[::-1]
    assert [task["task_id"] for task in client.list(2, path="/paged")] == ids[:2:-1]
    page = client.page(2, path="/paged")
    rest = client.page(10, page["next_cursor"], path="/paged")
    assert [task["task_id"] for task in [*page["tasks"], *rest["tasks"]]] == ids[::-1]


def test_the_service_is_looked_at_and_steered(client):
    assert client.is_ready()
    assert set(client.stats()["tasks"]) == {"pending", "processing", "completed", "failed", "cancelled"}
    (lane,) = client.lanes()
    assert client.pause(lane["name"])["paused"] is True
    assert client.resume(lane["name"])["paused"] is False
    assert client.change_lane(lane["name"], max_concurrent=1)["limit"] == 1
    assert client.change_lane(lane["name"], max_concurrent=None)["limit"] == 2
    assert len(client.targets()) == 1
    assert client.cleanup(max_age_hours=24) == 0


def test_a_wait_outlives_the_gateway(held):
    with running_gateway(held.url) as gateway, Headgate(gateway.url) as client:
        task = client.submit("/held", method="PUT")
        outcome = []
        waiter = threading.Thread(target=lambda: outcome.append(task.done(timeout=40)), daemon=True)
        waiter.start()
        gateway.kill()
        assert not client.is_ready()
        with pytest.raises(Unreachable) as away:
            client.stats()
        assert away.value.was_sent is False
        held.release.set()
        gateway.start()
        waiter.join(40)
        assert [task["status"] for task in outcome] == ["completed"]
