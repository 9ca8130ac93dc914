"""The real program, and a small service for it to stand in front of."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[3]
READY_WITHIN_SECONDS = 60
LISTENING = re.compile(r"listens on +(http:\S+)")


class Gateway:
    """A process on a data folder; the next one listens where the one before did."""

    def __init__(self, target: str, folder: str, args: tuple[str, ...]) -> None:
        self._target = target
        self._folder = folder
        self._args = args
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        port = self.url.rpartition(":")[2] or str(_free_port())
        fixed = ["--listen-host", "127.0.0.1", "--log-format", "json", "--min-free-disk", "0"]
        where = ["--target", self._target, "--data-dir", self._folder, "--listen-port", port]
        self._process = subprocess.Popen(
            [str(ROOT / "bin" / "headgate"), "serve", *where, *fixed, *self._args],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
        self.url = self._address(self._process)
        self._become_ready()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _address(self, process: subprocess.Popen[str]) -> str:
        said: Queue[str] = Queue()
        threading.Thread(target=_pump, args=(process.stderr, said), daemon=True).start()
        text = ""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            text += said.get(timeout=max(0.1, deadline - time.monotonic()))
            found = LISTENING.search(text)
            if found:
                return found.group(1).rstrip("/")
            if process.poll() is not None:
                raise AssertionError(f"The gateway did not start: {text}")

    def _become_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("The gateway did not become ready.")


def _free_port() -> int:
    """One that stays free while the gateway is away: below those that the system gives to whoever connects."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as attempt:
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def _pump(stream, said: Queue[str]) -> None:
    for line in stream:
        said.put(line)
    said.put("")


@contextmanager
def running_gateway(target: str, *args: str) -> Iterator[Gateway]:
    with TemporaryDirectory(prefix="headgate-python-") as folder:
        gateway = Gateway(target, folder, args)
        try:
            gateway.start()
            yield gateway
        finally:
            gateway.kill()


class Target(ThreadingHTTPServer):
    """Answers what it is asked; holds ``/held`` until ``release`` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.release = threading.Event()
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    def handle_error(self, *_: object) -> None:
        """A gateway that is killed breaks connections off, which is the test's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Target

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        if self.path.startswith("/held"):
            self.server.release.wait(30)
        if self.path.startswith("/broken"):
            self._send(500, "application/json", b'{"detail": "broken on purpose"}')
        elif self.path.startswith("/large"):
            self._send(200, "application/json", json.dumps({"text": "x" * 2_000_000}).encode())
        elif self.path.startswith("/bytes"):
            self._send(200, "application/octet-stream", bytes(range(256)))
        elif self.path.startswith("/problem"):
            self._send(200, "application/problem+json", b'{"code": "own", "type": "about:blank"}')
        else:
            said = json.loads(body) if body and "json" in self.headers.get("Content-Type", "") else None
            self._send(200, "application/json", json.dumps({"path": self.path, "said": said}).encode())

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running_target() -> Iterator[Target]:
    target = Target()
    thread = threading.Thread(target=target.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield target
    finally:
        target.release.set()
        target.shutdown()
        target.server_close()
