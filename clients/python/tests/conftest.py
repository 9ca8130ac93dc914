from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig import Gateway, Target, running_gateway, running_target

TEST_WITHIN_SECONDS = 120


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """A test that hangs fails where it hangs, and what it started is ended."""

    def give_up(*_: object) -> None:
        raise AssertionError(f"The test has not ended within {TEST_WITHIN_SECONDS} seconds.")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(TEST_WITHIN_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with running_target() as target:
        yield target


@pytest.fixture(scope="module")
def gateway(target: Target) -> Iterator[Gateway]:
    with running_gateway(target.url, "--max-concurrent", "2") as gateway:
        yield gateway


@pytest.fixture()
def held(target: Target) -> Iterator[Target]:
    """The target, whose ``/held`` hangs until the test releases it or is over."""
    target.release.clear()
    yield target
    target.release.set()
