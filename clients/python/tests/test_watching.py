"""What comes of tasks while they run, and of requests that belong together or come twice."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from headgate import AsyncHeadgate, Headgate, IdempotencyMismatch, InvalidRequest, report_progress


@pytest.fixture()
def client(gateway):
    with Headgate(gateway.url) as client:
        yield client


def test_progress_is_seen_as_it_is_reported(client, held):
    task = client.submit("/held/progress", json={})
    types, percents = [], []
    for event in task.events():
        types.append(event.type)
        if event.type == "state" and event.data["status"] == "processing":
            _report(held)
        if event.type == "progress":
            percents.append((event.data["percent"], event.data["message"]))
            held.release.set()
    assert percents == [(40, "four of ten")]
    assert types[-1] == "final"
    assert task.status()["progress"]["percent"] == 40


def _report(held):
    """As the target does, once it has the request."""

    def work():
        while not held.seen or held.seen[-1][1] != "/held/progress":
            time.sleep(0.01)
        assert report_progress(held.seen[-1][2], 40, "four of ten")

    threading.Thread(target=work, daemon=True).start()


def test_events_are_awaited(gateway):
    async def main():
        async with AsyncHeadgate(gateway.url) as client:
            task = await client.submit("/x", json={})
            events = [event async for event in task.events("0-0")]
            again = [event async for event in task.events(events[-1].id)]
            return [event.data["status"] for event in events if event.type in ("state", "final")], again

    assert asyncio.run(main()) == (["pending", "processing", "completed"], [])


def test_all_of_headgate_is_watched(client):
    with_events = client.events(types="task")
    seen = []

    def watch():
        for event in with_events:
            seen.append(event.type)
            # It may have come in the middle of one.
            if event.type == "final" and "state" in seen:
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    while watcher.is_alive():
        client.run("/x", wait_timeout=30)
        watcher.join(0.1)
    assert "state" in seen


def test_a_batch_is_taken_whole_and_waited_for(client):
    batch = client.batch([{"path": "/echo", "json": i, "priority": 3} for i in range(20)])
    assert batch.wait(timeout=30)["completed_at"] is not None
    results = [task.status()["result"]["said"] for task in batch.tasks]
    assert results == list(range(20))
    assert {task["task_id"] for task in client.list(batch=batch.id)} == set(batch.task_ids)


def test_a_batch_with_a_mistake_is_not_taken(client):
    with pytest.raises(InvalidRequest) as refused:
        client.batch([{"path": "/spoilt"}, {"path": "/spoilt", "priority": 12}])
    assert refused.value.field.startswith("requests[1]")
    assert refused.value.problem["index"] == 1
    assert list(client.list(path="/spoilt")) == []


def test_bulk_acts_on_a_filter(client):
    ids = {client.submit("/bulk", delay="1h", labels={"bulk": "yes"}).id for _ in range(3)}
    assert client.cancel_all(label="bulk=yes", dry_run=True)["matched"] == 3
    assert client.cancel_all(label="bulk=yes")["cancelled"] == 3
    assert {task["task_id"] for task in client.list(label="bulk=yes", status="cancelled")} == ids
    assert client.retry_all(label="bulk=yes", status="cancelled")["retried"] == 3
    with pytest.raises(InvalidRequest):
        client.cancel_all()


def test_a_request_that_comes_again_is_the_same_task(client):
    first = client.submit("/once", json=1, idempotency_key="order-1")
    again = client.submit("/once", json=1, idempotency_key="order-1")
    assert (first.receipt.is_replay, again.receipt.is_replay, again.id) == (False, True, first.id)
    with pytest.raises(IdempotencyMismatch):
        client.submit("/once", json=2, idempotency_key="order-1")
