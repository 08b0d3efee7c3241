"""A player on paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.world import GUILD, join, track, world
from voxlink.client import Client, DeferredAudioTrack, PlayerSnapshot
from voxlink.client.snapshot import apply_snapshot, decode_snapshot, take_snapshot
from voxlink.errors import RemoteError, VoxlinkError


class Remembered(DeferredAudioTrack):
    async def load(self, client: Client) -> str | None:
        return track("found").track


async def test_what_is_written_is_read() -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        deferred = Remembered(track("later").raw["info"], requester=3, mood="calm")
        player.queue.extend([track("b"), deferred])
        await player.play(track("a"), end_time=90_000, start_time=10_000)
        player.queue.history.append(track("before"))
        saved = decode_snapshot(take_snapshot(player, 100.0).encode())
        assert "voice-token" not in repr(saved)
        await player.destroy()
        again = made.player_manager.create(GUILD, node=node)
        apply_snapshot(again, saved, 105.0, plays_on=True)
        assert take_snapshot(again, 105.0).queue == saved.queue
        assert (again.current.title, type(again.queue[1]), again.queue[1].extra["mood"]) == ("a", Remembered, "calm")
        assert again._plays.latest.end_time_ms == 90_000
        assert 15_000 <= again.position < 16_000
        assert [song.title for song in again.queue.history] == ["before"]


async def test_a_deferred_class_that_is_gone_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        player.queue.extend([Remembered(track("later").raw["info"]), track("b")])
        saved = take_snapshot(player, 0)
        saved.queue[0].kind = "nowhere:Gone"
        saved.queue[1].data = {"info": {}}
        other = made.player_manager.create(GUILD + 1, node=node)
        apply_snapshot(other, saved, 0, plays_on=False)
        assert other.queue == []
        assert "Gone" in caplog.text


@given(st.binary(max_size=60))
def test_rubbish_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(VoxlinkError):
        decode_snapshot(data)


def test_text_that_is_no_utf8_is_refused_by_name() -> None:
    with pytest.raises(RemoteError, match="cannot be read"):
        decode_snapshot(b'{"guild_id": 1, "node": "\xd4x", "saved_at": 0}')


def test_a_newer_version_is_refused() -> None:
    newer = PlayerSnapshot(guild_id=1, node="n", saved_at=0, version=99)
    with pytest.raises(RemoteError, match="99"):
        decode_snapshot(newer.encode())
