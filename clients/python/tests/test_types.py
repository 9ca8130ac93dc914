"""What a type checker makes of the package, and of the code of somebody who uses it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
MYPY = Path("/usr/bin/mypy")

USED = """
from headgate import AsyncHeadgate, EnhancedProxyClient, Headgate

headgate = Headgate()
task = headgate.submit("/x", json={"a": 1}, priority=3, delay="1m")
reveal_type(task)
reveal_type(task.result())
reveal_type(task.done(on_change=lambda now: print(now["status"]))["attempts"][0]["status"])
reveal_type(EnhancedProxyClient().submit_task("x", {"a": 1}, priority=3))
headgate.submit("/x", priority="high")
headgate.submit("/x", prio=3)


async def run() -> None:
    async with AsyncHeadgate() as client:
        reveal_type((await client.run("/x"))["success"])
        async for found in client.list(status="failed"):
            found["statuss"]
"""

EXPECTED = """
note: Revealed type is "headgate.task.Task"
note: Revealed type is "httpx._models.Response"
note: Revealed type is "Union[builtins.int, None]"
note: Revealed type is "builtins.str"
error: Argument "priority" to "submit" of "Headgate" has incompatible type "str"; expected "int"  [arg-type]
error: Unexpected keyword argument "prio" for "submit" of "Headgate"  [call-arg]
note: Revealed type is "builtins.bool"
error: TypedDict "TaskRecord" has no key "statuss"  [typeddict-item]
"""


@pytest.mark.skipif(not MYPY.exists(), reason="apt-get install mypy")
def test_the_package_is_typed_and_who_uses_it_is_told_of_mistakes(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(USED)
    ran = subprocess.run(
        # Debian's mypy wants to be told of what later ones know: keyword arguments that a TypedDict lists.
        [MYPY, "--strict", "--enable-incomplete-feature=Unpack", "--cache-dir", tmp_path, "headgate", program],
        cwd=PACKAGE,
        env={**os.environ, "MYPYPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        timeout=50,
    )
    said = [line.partition(": ")[2] for line in ran.stdout.splitlines()]
    words = [line for line in said if line.startswith(("error: ", "note: Revealed"))]
    assert words == EXPECTED.strip().splitlines(), ran.stdout
    assert (PACKAGE / "headgate" / "py.typed").exists()
