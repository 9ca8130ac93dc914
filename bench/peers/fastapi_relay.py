"""Peer (c): the founding document's own stack, as it describes itself.

FastAPI + httpx.AsyncClient, asyncio.Queue for order, asyncio.Semaphore for the limit, a number of workers,
and a dict of task states in memory. Same flags, paths, status words and defaults.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Dict, Optional
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

LONG_TASK_SECONDS = 300
TASK_TIMEOUT_SECONDS = 600
DROPPED_HEADERS = {"host", "content-length", "connection", "keep-alive", "transfer-encoding"}


@dataclass
class TaskStatus:
    task_id: UUID
    method: str
    path: str
    query: str
    headers: Dict[str, str]
    body: Optional[bytes]
    status: str = "pending"
    created_at: float = field(default_factory=time.time)
    started_at: Optional[float] = None
    completed_at: Optional[float] = None
    result: Any = None
    error: Optional[str] = None

    def as_dict(self) -> Dict[str, Any]:
        started = self.started_at
        duration = (self.completed_at or time.time()) - started if started else 0
        return {
            "success": self.status != "failed",
            "task_id": str(self.task_id),
            "status": self.status,
            "created_at": self.created_at,
            "started_at": started,
            "completed_at": self.completed_at,
            "duration": duration,
            "is_long_task": duration > LONG_TASK_SECONDS,
            "result": self.result,
            "error": self.error,
        }


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--target-host", required=True)
    parser.add_argument("--target-port", type=int, default=8000)
    parser.add_argument("--listen-host", default="0.0.0.0")
    parser.add_argument("--listen-port", type=int, default=8080)
    parser.add_argument("--max-concurrent", type=int, default=10)
    parser.add_argument("--max-queue-size", type=int, default=100)
    parser.add_argument("--num-workers", type=int, default=5)
    return parser.parse_args()


flags = parse_flags()
app = FastAPI()
tasks: Dict[UUID, TaskStatus] = {}
counts = {"pending": 0, "processing": 0, "completed": 0, "failed": 0, "cancelled": 0}


def move(task: TaskStatus, status: str) -> None:
    counts[task.status] -= 1
    counts[status] += 1
    task.status = status


@app.on_event("startup")
async def start() -> None:
    limits = httpx.Limits(max_connections=flags.max_concurrent, max_keepalive_connections=flags.max_concurrent)
    app.state.queue = asyncio.Queue(maxsize=flags.max_queue_size)
    app.state.semaphore = asyncio.Semaphore(flags.max_concurrent)
    app.state.client = httpx.AsyncClient(
        base_url=f"http://{flags.target_host}:{flags.target_port}", timeout=TASK_TIMEOUT_SECONDS, limits=limits
    )
    app.state.workers = [asyncio.create_task(work()) for _ in range(flags.num_workers)]


async def work() -> None:
    while True:
        task = await app.state.queue.get()
        async with app.state.semaphore:
            await forward(task)
        app.state.queue.task_done()


async def forward(task: TaskStatus) -> None:
    move(task, "processing")
    task.started_at = time.time()
    try:
        response = await app.state.client.request(
            task.method, task.path, params=task.query or None, headers=task.headers, content=task.body
        )
        response.raise_for_status()
        is_json = response.headers.get("content-type", "").startswith("application/json")
        task.result = response.json() if is_json else response.text
        move(task, "completed")
    except Exception as error:
        task.error = str(error)
        move(task, "failed")
    task.completed_at = time.time()
    task.body = None


@app.get("/")
async def root() -> Dict[str, Any]:
    return {"service": "enhanced proxy", "version": "2.0.0"}


@app.get("/stats")
async def stats() -> Dict[str, Any]:
    return {"tasks": counts, "queue_size": app.state.queue.qsize(), "queue_capacity": flags.max_queue_size}


@app.get("/tasks")
async def list_tasks(status: Optional[str] = None, limit: int = 50) -> Dict[str, Any]:
    found = [task for task in tasks.values() if status is None or task.status == status]
    return {"total": len(found), "tasks": [task.as_dict() for task in found[-limit:][::-1]]}


@app.delete("/tasks/cleanup")
async def cleanup(max_age_hours: float = 24) -> Dict[str, Any]:
    oldest = time.time() - max_age_hours * 3600
    old = [task for task in tasks.values() if task.completed_at and task.completed_at < oldest]
    for task in old:
        counts[task.status] -= 1
        del tasks[task.task_id]
    return {"success": True, "deleted": len(old)}


@app.get("/task/{task_id}")
async def read_task(task_id: UUID) -> Dict[str, Any]:
    if task_id not in tasks:
        raise HTTPException(status_code=404, detail="task not found")
    return tasks[task_id].as_dict()


# A Response as the return value skips FastAPI's serialising of the answer: the faster of its two ways.
@app.api_route("/{path:path}", methods=["POST", "PUT", "PATCH", "DELETE", "GET"])
async def create_task(path: str, request: Request) -> Response:
    headers = {name: value for name, value in request.headers.items() if name not in DROPPED_HEADERS}
    task = TaskStatus(uuid4(), request.method, "/" + path, request.url.query, headers, await request.body())
    try:
        app.state.queue.put_nowait(task)
    except asyncio.QueueFull:
        return JSONResponse({"success": False, "message": "queue is full"}, status_code=503)
    tasks[task.task_id] = task
    counts["pending"] += 1
    task_id = str(task.task_id)
    return JSONResponse(
        {
            "success": True,
            "task_id": task_id,
            "status": "pending",
            "message": "任务已创建",
            "data": {"task_id": task_id, "status_url": f"/task/{task_id}"},
        },
        status_code=202,
    )


if __name__ == "__main__":
    uvicorn.run(
        app,
        host=flags.listen_host,
        port=flags.listen_port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        backlog=4096,
    )
