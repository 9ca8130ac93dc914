"""Every block of the README is run as it stands, in a program of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^## (?P<title>[^\n]*)$|^```python\n(?P<code>.*?)^```$", re.M | re.S)


def blocks():
    title = ""
    for found in BLOCK.finditer((PACKAGE / "README.md").read_text(encoding="utf-8")):
        if found["title"]:
            title = found["title"]
        else:
            yield pytest.param(found["code"], id=title)


@pytest.mark.parametrize("code", list(blocks()))
def test_the_block_runs(gateway, code):
    ran = subprocess.run(
        [sys.executable, "-c", code.replace("http://localhost:8080", gateway.url)],
        env={**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr


def test_there_are_blocks():
    assert len(list(blocks())) >= 9
