"""A session's stats message holds the frames of its own players; the rest is the node's."""

from __future__ import annotations

from support.fake_engine import FakeEngine
from voxlink.nodeserver.load import Machine
from voxlink.nodeserver.node_stats import server_stats, stats_message
from voxlink.nodeserver.sessions import Session
from voxlink.playback import FrameMinute


class Connected:
    def wake(self) -> None: ...

    def stop(self, code: int, reason: str) -> None: ...


async def test_frames_are_averaged_over_the_sessions_own_players() -> None:
    engine = FakeEngine()
    mine, other = Session("a", 1, "", engine), Session("b", 1, "", engine)
    mine.attach(Connected())
    other.attach(Connected())
    for guild, session in [(1, mine), (2, mine), (3, other)]:
        await session.player(guild)
    engine.players[1].counts = FrameMinute(2990, 10)
    engine.players[3].counts = FrameMinute(0, 3000)
    message = stats_message([mine, other], mine, Machine())
    assert message.frame_stats is not None
    assert (message.frame_stats.sent, message.frame_stats.nulled, message.frame_stats.deficit) == (2990, 10, 0)
    assert (message.players, message.playing_players) == (3, 0)


async def test_sessions_whose_client_is_away_do_not_count() -> None:
    session = Session("a", 1, "", FakeEngine())
    await session.player(1)
    assert server_stats([session], Machine(), frame_stats=None).players == 0
