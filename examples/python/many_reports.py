"""Many reports at once, with the asynchronous Python client.

    $ PYTHONPATH=clients/python python3 examples/python/many_reports.py

It needs httpx, a service, and Headgate in front of it: see "Start here" in examples/README.md.
"""

import asyncio
import os

from headgate import AsyncHeadgate, TaskFailed


async def report(headgate: AsyncHeadgate, month: str) -> None:
    try:
        # Hands the request over and waits until it has ended. However many are handed over at once, the service sees as
        # many as it can bear: the rest waits in line.
        task = await headgate.run("/api/report", json={"month": month, "pages": 2})
        print(month, task["status"], task["result"])
    except TaskFailed as failed:
        print(month, "failed:", failed)


async def main() -> None:
    async with AsyncHeadgate(os.environ.get("HEADGATE_URL", "http://localhost:8080")) as headgate:
        await asyncio.gather(*(report(headgate, f"2026-{month:02}") for month in range(1, 13)))
        stats = await headgate.stats()
        print(f"at most {stats['num_workers']} at once; completed so far: {stats['totals']['completed']}")


asyncio.run(main())
