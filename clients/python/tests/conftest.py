from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig import Gateway, Target, running_gateway, running_target  # noqa: E402

TEST_WITHIN_SECONDS = 60


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """A test that hangs ends the run, and says where it hung."""
    faulthandler.dump_traceback_later(TEST_WITHIN_SECONDS, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


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
