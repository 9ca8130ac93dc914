"""A slow service that says how far it is, with FastAPI.

    $ PYTHONPATH=clients/python python3 examples/target-fastapi/service.py

It needs fastapi, uvicorn and httpx, and listens on port 8000, where Headgate looks for it.
"""

import asyncio
import os

import uvicorn
from fastapi import FastAPI, Request
from headgate import report_progress_async

app = FastAPI()


@app.post("/api/report")
async def report(request: Request, wanted: dict = {}) -> dict:
    pages = wanted.get("pages", 10)
    for page in range(1, pages + 1):
        # When the task is cancelled, Headgate closes the connection, and the work can stop.
        if await request.is_disconnected():
            print("stopped: nobody waits for the answer any more")
            break
        await asyncio.sleep(0.2)  # the work
        # The header fields of the request say where to report, and with which token. Without them, nothing is sent.
        await report_progress_async(request.headers, 100 * page / pages, f"page {page} of {pages}")
    return {"month": wanted.get("month"), "pages": pages}


if __name__ == "__main__":
    # Where only this machine can reach it: whoever can send requests here says where reports go.
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", 8000)))
