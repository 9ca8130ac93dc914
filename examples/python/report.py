"""A report that takes seconds, with the Python client.

    $ PYTHONPATH=clients/python python3 examples/python/report.py

It needs httpx, a service, and Headgate in front of it: see "Start here" in examples/README.md.
"""

import os
import sys

from headgate import Headgate, QueueFull, TaskFailed

with Headgate(os.environ.get("HEADGATE_URL", "http://localhost:8080")) as headgate:
    try:
        # Returns as soon as the request is safely in the queue. If the connection breaks, it is sent again, as one task.
        task = headgate.submit(
            "/api/report",
            json={"month": "2026-02", "pages": 5},
            labels={"customer": "acme"},
            priority=7,  # 0 to 9
        )
        print(f"accepted: {task.id}, number {task.receipt.position} in the line")

        # Until the task has ended, over broken connections and restarts of Headgate.
        for event in task.events():
            if event.type == "state":
                print(event.data["status"])
            if event.type == "progress":
                print(f"{event.data['percent']} %: {event.data['message']}")

        ended = task.done()
        print(ended["status"], "after", ended["duration_seconds"], "s:", ended["result"])
    except TaskFailed as failed:
        sys.exit(f"It failed: {failed}")
    except QueueFull as full:
        sys.exit(f"Come again in {full.retry_after} s")
