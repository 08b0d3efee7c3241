"""Defects of Lavalink.py's players and queue (P1 to P24): each test runs on both libraries."""

from __future__ import annotations

import importlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from client.defects.bench import Bench, Library, bench, resumable
from client.defects.defect import defect
from client.world import GUILD, server_update, state_update
from voxlink.protocol import EndReason


def later(made: Bench, monkeypatch: pytest.MonkeyPatch, passed_s: float) -> None:
    """Let this much time pass on the player's clock."""
    if made.library.is_ours:
        now = made.client.now
        monkeypatch.setattr(made.client, "now", lambda: now() + passed_s)
    else:
        module = importlib.import_module("lavalink.player")
        now = module.monotonic
        monkeypatch.setattr(module, "monotonic", lambda: now() + passed_s)


@contextmanager
def late_messages(made: Bench) -> Generator[None, None, None]:
    """Within the block the node's messages wait."""
    (session,) = made.fake.lavalink.sessions.values()
    send, session.send, session.resuming = session.send, None, True
    assert send is not None
    yield
    session.send = send
    while session._waiting:
        send(session._waiting.popleft())


@defect("P1")
async def test_a_move_is_sent_with_the_channel_that_the_bot_is_in(library: Library) -> None:
    async with bench(library) as made:
        await made.join()
        await made.client.voice_update_handler(state_update(channel_id=8))
        await made.client.voice_update_handler(server_update(token="another"))
        body = made.fake.patches(GUILD)[-1]
        assert (body["voice"]["token"], body["voice"]["channelId"]) == ("another", "8")


@defect("P2")
async def test_a_page_in_place_of_an_answer_does_not_end_the_queue(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "first")
        player.add(library.track("second"))
        made.fake.fail_next("PATCH", "/players/", status=500, body="<html>")
        made.fake.finish(GUILD)
        await made.saw("TrackStartEvent", 2)


@defect("P3")
async def test_a_broken_track_that_is_repeated_comes_to_rest(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        player.set_loop(library.DefaultPlayer.LOOP_SINGLE)

        async def fail(_event: Any) -> None:
            if len(made.seen("TrackStartEvent")) < 30:
                made.fake.fail_track(GUILD)

        made.client.add_event_hook(fail, event=library.TrackStartEvent)
        await player.play(library.track("broken"))
        await made.until(
            lambda: len(made.seen("TrackStartEvent")) >= 30 or bool(made.seen("ErrorBudgetExceededEvent")), "an end"
        )
        assert len(made.seen("TrackStartEvent")) < 30, "the same broken track was started again and again"


@defect("P4")
async def test_a_deferred_track_that_raises_is_told(library: Library) -> None:
    class Broken(library.DeferredAudioTrack):  # type: ignore[misc, name-defined]
        async def load(self, client: Any) -> str | None:
            raise OSError("the site is down")

    async with bench(library) as made:
        player = await made.join()
        track = Broken({**library.track("deferred").raw["info"]}, 0)
        track.track = None
        player.add(track)
        await player.play()
        event = await made.saw("TrackLoadFailedEvent")
        assert isinstance(event.original, OSError)


@defect("P5")
async def test_a_play_that_is_refused_loses_nothing(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        player.add(library.track("only"))
        with pytest.raises(ValueError):
            await player.play(start_time=10**9)
        assert [track.title for track in player.queue] == ["only"], "the track is lost"


@defect("P6")
async def test_two_plays_in_a_row_give_each_its_own_events(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        with late_messages(made):
            await player.play(library.track("a"))
            await player.play(library.track("b"))
        await made.saw("TrackStartEvent", 2)
        await made.saw("TrackEndEvent")
        told = [(type(event).__name__, event.track.title) for event in made.events if "Track" in type(event).__name__]
        assert told == [("TrackStartEvent", "a"), ("TrackEndEvent", "a"), ("TrackStartEvent", "b")]


@defect("P7")
async def test_a_track_that_somebody_else_started_is_told(library: Library) -> None:
    async with bench(library) as made:
        await made.join()
        await made.node.update_player(guild_id=GUILD, encoded_track=library.track("theirs").track)
        event = await made.saw("TrackStartEvent")
        assert event.track.title == "theirs"


@defect("P8")
async def test_an_end_with_a_reason_of_tomorrow_is_an_end(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "first")
        player.add(library.track("second"))
        made.fake.finish(GUILD, EndReason.read("exploded"))
        await made.saw("TrackStartEvent", 2)


@defect("P9")
async def test_the_end_of_a_stopped_track_names_it(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        song = await made.play(player, "song")
        with late_messages(made):
            await player.stop()
        event = await made.saw("TrackEndEvent")
        assert event.track is song


@defect("P10")
async def test_the_position_stands_still_at_a_pause(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "song")
        await made.saw("PlayerUpdateEvent", 2)
        later(made, monkeypatch, 4.0)
        before = player.position
        assert before >= 4000
        await player.set_pause(True)
        assert player.position >= before, "it jumped back to the last report"


@defect("P11")
async def test_a_guild_id_may_be_a_text(library: Library) -> None:
    async with bench(library) as made:
        manager = made.client.player_manager
        assert manager.create(1) is manager.create("1")
        assert manager.get("1") is manager.get(1)


@defect("P12")
async def test_a_player_that_could_not_be_removed_is_removed_later(library: Library) -> None:
    async with resumable(library) as made:
        player = await made.join()
        await made.play(player, "song")
        made.fake.fail_next("DELETE", "/players/", status=500, body="<html>")
        with suppress(library.ClientError, library.RequestError):
            await made.client.player_manager.destroy(GUILD)
        assert made.fake.has_player(GUILD)
        await made.fake.vanish()
        await made.fake.wait_request("DELETE", "/players/", count=2)


@defect("P13")
async def test_none_is_the_same_as_not_given(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await player.play_track(library.track("song"), start_time=None, end_time=None, volume=None, pause=None)
        await made.saw("TrackStartEvent")


@defect("P14")
async def test_an_end_time_can_be_cleared(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "song", end_time=90_000)
        await made.node.update_player(guild_id=GUILD, end_time=None)
        assert made.fake.patches(GUILD)[-1] == {"endTime": None}


@defect("P15")
async def test_user_data_without_a_track_is_sent(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "song")
        await made.node.update_player(guild_id=GUILD, user_data={"mine": 2})
        assert made.fake.patches(GUILD)[-1] == {"track": {"userData": {"mine": 2}}}


@defect("P16")
async def test_a_negative_position_is_refused_here(library: Library) -> None:
    async with bench(library) as made:
        with pytest.raises(ValueError):
            await made.node.update_player(guild_id=GUILD, position=-1)


@defect("P17")
async def test_filters_that_the_node_refused_are_not_set(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        made.fake.fail_next("PATCH", "/players/", status=400, body="<html>")
        with suppress(library.ClientError, library.RequestError):
            await player.set_filter(library.Timescale(speed=2.0))
        assert player.get_filter(library.Timescale) is None, "it is set here, but not on the node"


@defect("P18")
async def test_a_filter_with_constructor_arguments_can_be_updated(library: Library) -> None:
    class Echo(library.Filter):  # type: ignore[misc, name-defined]
        def __init__(self, delay: float) -> None:
            super().__init__({"delay": delay}, True)

        def update(self, **kwargs: Any) -> None:
            self.values.update(kwargs)

        def serialize(self) -> dict[str, Any]:
            return {"echo": self.values}

    async with bench(library) as made:
        player = await made.join()
        await player.set_filter(Echo(1.0))
        await player.update_filter(Echo, delay=2.0)
        assert made.fake.patches(GUILD)[-1] == {"filters": {"pluginFilters": {"echo": {"delay": 2.0}}}}


@defect("P19")
async def test_filters_are_removed_in_one_request(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await player.set_filters(library.Timescale(speed=2.0), library.Tremolo(), library.Vibrato())
        before = len(made.fake.patches(GUILD))
        await player.remove_filters(library.Timescale, library.Tremolo, library.Vibrato)
        assert len(made.fake.patches(GUILD)) == before + 1


@defect("P20")
async def test_changes_of_the_queue_are_told(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        player.queue.append(library.track("a"))
        await made.saw("QueueChangedEvent")


@defect("P21")
async def test_settings_of_the_wrong_kind_are_refused(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        for wrong in (True, 1.5):
            with pytest.raises(ValueError):
                player.set_loop(wrong)
        with pytest.raises(TypeError):
            player.set_shuffle("yes")


@defect("P22")
async def test_voice_messages_that_come_before_the_player_wait_for_it(library: Library) -> None:
    async with bench(library) as made:
        await made.client.voice_update_handler(state_update())
        await made.client.voice_update_handler(server_update())
        made.client.player_manager.create(GUILD)
        await made.fake.wait_request("PATCH", f"/players/{GUILD}")
        assert made.fake.patches(GUILD)[0]["voice"]["token"] == "voice-token"


@defect("P23")
async def test_being_kicked_is_told(library: Library) -> None:
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "song")
        await made.client.voice_update_handler(state_update(channel_id=None))
        await made.saw("PlayerDisconnectedEvent")


@defect("P24")
async def test_a_voice_session_that_is_gone_is_set_up_again(library: Library) -> None:
    async with bench(library) as made:
        await made.join()
        made.fake.close_voice(GUILD, 4006, "Session is no longer valid")
        await made.fake.wait_request("PATCH", f"/players/{GUILD}", count=2)
