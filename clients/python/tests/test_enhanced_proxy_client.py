"""The founding document's examples, with another import and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from headgate import AsyncEnhancedProxyClient, EnhancedProxyClient


def test_the_synchronous_example(gateway, capsys):
    client = EnhancedProxyClient(gateway.url)
    task_id = client.submit_task("api/function1", {"param1": "value1", "param2": "value2", "param3": 100})
    result = client.wait_for_task(task_id, poll_interval=5)
    if result["success"]:
        print("任务成功:", result["result"])
    else:
        print("任务失败:", result["error"])
    assert "任务成功: {'path': '/api/function1', 'said': {'param1': 'value1'" in capsys.readouterr().out


def test_the_asynchronous_example(gateway):
    async def main():
        client = AsyncEnhancedProxyClient(gateway.url)
        task_id = await client.submit_task("api/function1", {"param1": "value1"})
        result = await client.wait_for_task(task_id)
        stats = await client.get_stats()
        tasks = await client.list_tasks(status="completed", limit=5)
        cleaned = await client.cleanup_tasks(max_age_hours=24)
        return task_id, result, stats, tasks, cleaned, await client.get_task_status(task_id)

    task_id, result, stats, tasks, cleaned, status = asyncio.run(main())
    assert result["success"] and result["result"]["said"] == {"param1": "value1"}
    assert stats["tasks"]["completed"] >= 1
    assert tasks["tasks"][0]["task_id"] == task_id
    assert cleaned["deleted"] == 0
    assert status["result"] == result["result"]


def test_everything_else_that_it_could(gateway):
    client = EnhancedProxyClient(gateway.url)
    failed = client.wait_for_task(client.submit_task("/broken", {}), timeout=30)
    assert (failed["success"], failed["error"]["code"]) == (False, "target_error")
    assert client.list_tasks(status="failed")["tasks"][0]["task_id"] == failed["task_id"]
    assert client.get_stats()["tasks"]["failed"] >= 1
    assert (
        client.wait_for_task(client.retry_task(failed["task_id"]), timeout=30)["retry_of"]
        == failed["task_id"]
    )
    later = client.submit_task("/later", delay="1h")
    with pytest.raises(TimeoutError):
        client.wait_for_task(later, poll_interval=0.1, timeout=0.2)
    assert client.cancel_task(later)["status"] == "cancelled"
    assert client.delete_task(later)["success"] is True
    assert client.cleanup_tasks(max_age_hours=0)["deleted"] >= 2


def test_an_answer_that_is_too_large_for_the_task_is_in_it_all_the_same(gateway):
    client = EnhancedProxyClient(gateway.url)
    task_id = client.submit_task("/large", {})
    assert client.wait_for_task(task_id, timeout=30)["result"] == {"text": "x" * 2_000_000}
    assert client.get_task_status(task_id)["result"] == {"text": "x" * 2_000_000}
    # What is kept in a file does not stand in the task itself, or the test shows nothing.
    assert client.task(task_id).status()["result"] is None
