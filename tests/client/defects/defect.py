"""One test of a defect is one function that is run on both libraries: it must pass on ours and fail on the peer."""

from __future__ import annotations

import asyncio
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from client.defects.bench import PEER_WAIT_S, Library, hush, tidy_peer
from client.defects.table import TABLE
from voxlink.testing import fake_node as fake_node_module

OURS, PEER = Library("voxlink"), Library("lavalink")


class NoDefect(AssertionError):
    """The peer did not show its defect: the table is wrong, or the test does not look."""


def defect(*ids: str) -> Callable[[Callable[..., Any]], Any]:
    """Mark `async def test(library, …)` as the test of these defects. On the peer it must raise what the table says."""

    def mark(function: Callable[..., Any]) -> Any:
        rows = [TABLE[identity] for identity in ids]

        @functools.wraps(function)
        async def run(library: Library, **fixtures: Any) -> None:
            if library.is_ours:
                await _call(function, library, fixtures)
                return
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda *_: None)
            hush(library)
            try:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(fake_node_module, "WAIT_S", PEER_WAIT_S)
                    await _call(function, library, fixtures)
            except (Exception, pytest.fail.Exception) as error:
                shown = f"{type(error).__name__}: {error}"
                for row in rows:
                    assert re.match(row.peer, shown, re.DOTALL), f"the table says {row.peer!r}, but it was {shown!r}"
            else:
                raise NoDefect(f"{ids}: {PEER.name} passes")
            finally:
                await tidy_peer()

        run.defects = ids  # pyright: ignore[reportAttributeAccessIssue] - read by the test of the table
        peers = [
            pytest.param(
                PEER,
                id="lavalink-5.11.1",
                marks=[pytest.mark.peer, pytest.mark.filterwarnings("ignore")],
            )
        ]
        if all(row.reason for row in rows):
            peers = []
        return pytest.mark.parametrize("library", [pytest.param(OURS, id="voxlink"), *peers])(run)

    return mark


async def _call(function: Callable[..., Any], library: Library, fixtures: dict[str, Any]) -> None:
    result = function(library, **fixtures)
    if inspect.isawaitable(result):
        await result
