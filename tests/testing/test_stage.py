"""A stage has everything between a bot's play and a listener's ear, and is gone afterwards."""

from __future__ import annotations

import asyncio
import os

import pytest

from voxlink.testing import Stage, bundled_piece


async def test_what_a_bot_plays_is_heard_in_its_seat_and_the_stage_leaves_nothing() -> None:
    before, trust = asyncio.all_tasks(), os.environ.get("SSL_CERT_FILE")
    async with Stage() as stage:
        seat = await stage.join(guild_id=7)
        found = await stage.client.get_tracks(str(bundled_piece()))
        await seat.player.play(found.tracks[0])
        await seat.heard.wait_frames(25, timeout_s=30.0)
        assert stage.node.available
    assert seat.heard.faults == []
    assert asyncio.all_tasks() == before
    assert os.environ.get("SSL_CERT_FILE") == trust


def test_a_stage_that_is_not_open_has_no_node() -> None:
    with pytest.raises(RuntimeError, match="not open"):
        _ = Stage().node
