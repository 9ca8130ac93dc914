"""The awaiting client, which shares all but its input and output with the other."""

from __future__ import annotations

import asyncio
import inspect

import pytest

import headgate
from headgate import AsyncHeadgate, TaskFailed


def test_many_are_run_at_once(gateway, target):
    async def main():
        async with AsyncHeadgate(gateway.url) as client:
            return await asyncio.gather(*(client.run("/echo", json=i, wait_timeout=30) for i in range(8)))

    tasks = asyncio.run(main())
    assert [task["result"]["said"] for task in tasks] == list(range(8))


def test_a_hundred_who_wait_keep_nobody_from_asking(gateway):
    async def main():
        async with AsyncHeadgate(gateway.url, timeout=5) as client:
            later = await client.batch([{"path": "/later", "delay": "1h"} for _ in range(100)])
            waiting = [asyncio.ensure_future(task.wait()) for task in later.tasks]
            await asyncio.sleep(0)
            try:
                await client.stats()
            finally:
                await client.cancel_all(batch=later.id)
            return await asyncio.gather(*waiting)

    assert {task["status"] for task in asyncio.run(main())} == {"cancelled"}


def test_a_task_is_followed_to_its_end(gateway, held):
    async def main():
        async with AsyncHeadgate(gateway.url) as client:
            task = await client.submit("/held", json={})
            seen = []

            async def watch(record):
                seen.append(record["status"])
                if record["status"] == "processing":
                    held.release.set()

            record = await task.done(timeout=30, on_change=watch)
            answer = await task.result()
            listed = [found["task_id"] async for found in client.list(1)]
            return seen, record, answer, listed == [task.id]

    seen, record, answer, is_listed = asyncio.run(main())
    assert seen[-2:] == ["processing", "completed"]
    assert answer.json() == record["result"]
    assert is_listed


def test_cancelling_who_runs_a_task_cancels_the_task(gateway, held):
    async def main():
        async with AsyncHeadgate(gateway.url) as client:
            runs = asyncio.Event()

            def watch(record):
                if record["status"] == "processing":
                    runs.set()

            running = asyncio.ensure_future(client.run("/held/left", on_change=watch))
            await asyncio.wait_for(runs.wait(), 30)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            return [task["status"] async for task in client.list(path="/held/left")]

    assert asyncio.run(main()) == ["cancelled"]


def test_a_client_is_used_in_one_loop_after_another(gateway):
    client = AsyncHeadgate(gateway.url)
    for _ in range(2):
        assert asyncio.run(client.is_ready())


def test_failures_are_raised(gateway):
    async def main():
        async with AsyncHeadgate(gateway.url) as client:
            with pytest.raises(TaskFailed) as failed:
                await client.run("/broken", wait_timeout=30)
            return failed.value.code

    assert asyncio.run(main()) == "target_error"


@pytest.mark.parametrize("name", ["Headgate", "Task", "Batch", "EnhancedProxyClient"])
def test_the_twins_have_the_same_methods(name):
    one, other = getattr(headgate, name), getattr(headgate, f"Async{name}")
    assert _methods(one) == {
        "close" if method == "aclose" else method: parameters
        for method, parameters in _methods(other).items()
    }


def _methods(kind):
    found = inspect.getmembers(kind, inspect.isfunction)
    return {
        name: str(inspect.signature(method).replace(return_annotation=inspect.Signature.empty))
        for name, method in found
        if not name.startswith("_")
    }
