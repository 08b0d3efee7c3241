"""A node without sound for every test that wants one."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from support.fake_engine import FakeEngine, a_track, library
from support.node_client import Client, running_node


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(library(tone=a_track("Tone"), other=a_track("Other")))


@pytest.fixture
async def node(engine: FakeEngine) -> AsyncIterator[Client]:
    async with running_node(engine) as client:
        yield client


@pytest.fixture(autouse=True)
def _no_bug_goes_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A handler that fails is answered with 500 and logged: no test may do that without meaning it."""
    yield
    errors = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR and record.name.startswith("voxlink")
    ]
    assert errors == [], "the node logged errors; a test that wants one clears caplog"
