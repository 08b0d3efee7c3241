"""The player: queue, loops, commands; nothing is lost when a node refuses."""

from __future__ import annotations

import asyncio
import json

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    DeferredAudioTrack,
    LowPass,
    Node,
    PlayerPausedEvent,
    PlayerResumedEvent,
    QueueEndEvent,
    SeekEvent,
    TrackEndEvent,
    TrackLoadFailedEvent,
    TrackStartEvent,
    VolumeChangedEvent,
)
from voxlink.client.plays import new_token
from voxlink.client.snapshot import decode_snapshot
from voxlink.errors import RequestError
from voxlink.protocol import EndReason


async def test_playing_takes_the_first_of_the_queue_and_goes_on_by_itself() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        songs = [track(name) for name in "abc"]
        for song in songs:
            player.add(song, requester=42)
        await player.play()
        assert (player.current, player.queue, player.is_playing) == (songs[0], songs[1:], True)
        for song in songs[1:]:
            starting = asyncio.ensure_future(
                made.wait_for(TrackStartEvent, check=lambda e, s=song: e.track is s, timeout=10)
            )
            await asyncio.sleep(0)
            fake.finish(GUILD)
            assert (await starting).track.requester == 42
            assert player.current is song
        ending = asyncio.ensure_future(made.wait_for(QueueEndEvent, timeout=10))
        await asyncio.sleep(0)
        fake.finish(GUILD)
        await ending
        assert (player.current, player.is_playing) == (None, False)
        assert list(player.queue.history) == songs


async def test_tracks_may_be_raw_dicts_and_go_anywhere_in_the_queue() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        player.add(track("a"))
        player.add(dict(track("b").raw), requester=5, index=0)
        assert [song.title for song in player.queue] == ["b", "a"]
        assert player.queue[0].requester == 5
        player.queue = [track("c")]  # type: ignore[assignment]
        assert type(player.queue).__name__ == "Queue"
        with pytest.raises(ValueError):
            player.add(5)  # type: ignore[arg-type]


async def test_a_refused_play_loses_nothing() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        songs = [track("a"), track("b")]
        for song in songs:
            player.add(song)
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
        with pytest.raises(RequestError):
            await player.play(pause=True, volume=5)
        for bad in (
            {"start_time": -1},
            {"start_time": 10**9},
            {"end_time": 0},
            {"end_time": 10**9},
            {"start_time": "x"},
        ):
            with pytest.raises(ValueError):
                await player.play(**bad)  # type: ignore[arg-type]
        for bad in ({"volume": "x"}, {"pause": 1}, {"no_replace": 1}, {"volume": True}):
            with pytest.raises(TypeError):
                await player.play(**bad)  # type: ignore[arg-type]
        assert (player.queue, player.current, player.paused, player.volume) == (songs, None, False, 100)


async def test_none_is_the_same_as_not_given() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"), start_time=None, end_time=None, no_replace=None, volume=None, pause=None)  # type: ignore[arg-type]
        assert set(fake.patches(GUILD)[-1]) == {"track"}


async def test_everything_about_a_play_goes_in_one_request() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"), start_time=1000, end_time=5000, volume=2000, pause=True, mixer="x")
        body = fake.patches(GUILD)[-1]
        assert (body["position"], body["endTime"], body["volume"], body["paused"], body["mixer"]) == (
            1000,
            5000,
            1000,
            True,
            "x",
        )
        assert (player.paused, player.volume, player.position) == (True, 1000, 1000)


async def test_no_replace_leaves_what_plays() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        first = track("a")
        await player.play(first)
        await player.play(track("b"), no_replace=True)
        assert player.current is first


async def test_skip_skips_even_what_is_repeated() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        songs = [track("a"), track("b")]
        for song in songs:
            player.add(song)
        await player.play()
        player.set_loop(DefaultPlayer.LOOP_SINGLE)
        await player.skip()
        assert player.current is songs[1]
        starting = asyncio.ensure_future(made.wait_for(TrackStartEvent, timeout=10))
        await asyncio.sleep(0)
        fake.finish(GUILD)
        assert (await starting).track is songs[1]


async def test_skipping_with_nothing_left_stops_and_says_so() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        ending = asyncio.ensure_future(made.wait_for(QueueEndEvent, timeout=10))
        await asyncio.sleep(0)
        await player.skip()
        await ending
        assert fake.patches(GUILD)[-1] == {"track": {"encoded": None}}
        assert player.current is None


async def test_skip_goes_straight_to_an_entry() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(name) for name in "abcd"]
        player.queue.extend(songs)
        await player.skip(to=2)
        assert (player.current, player.queue) == (songs[2], songs[3:])
        with pytest.raises(IndexError):
            await player.skip(to=9)


async def test_skip_goes_to_that_very_entry_also_in_a_random_order() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(str(number)) for number in range(12)]
        player.queue.extend(songs)
        player.set_shuffle(True)
        await player.skip(to=6)
        assert (player.current, player.queue) == (songs[6], songs[7:])


async def test_a_skip_that_the_node_refuses_loses_nothing() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        songs = [track(name) for name in "abcd"]
        player.queue.extend(songs)
        await player.play()
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
        with pytest.raises(RequestError):
            await player.skip(to=2)
        assert (player.current, player.queue) == (songs[0], songs[1:])
        await player.skip()
        assert player.current is songs[1]


async def test_a_looped_queue_goes_round() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(name) for name in "ab"]
        player.queue.extend(songs)
        player.set_loop(player.LOOP_QUEUE)
        seen = []
        for _ in range(5):
            await player.skip()
            seen.append(player.current)
        assert seen == [songs[0], songs[1], songs[0], songs[1], songs[0]]
        alone = await join(made, GUILD + 1)
        alone.set_loop(2)
        alone.add(songs[0])
        await alone.play()
        await alone.skip()
        assert (alone.current, alone.queue) == (songs[0], [])


async def test_an_explicit_play_under_a_loop_keeps_the_one_before() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        first, second = track("a"), track("b")
        await player.play(first)
        player.set_loop(1)
        await player.play(second)
        assert (player.current, player.queue) == (second, [first])


async def test_shuffle_picks_without_reordering() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(str(number)) for number in range(20)]
        player.queue.extend(songs)
        player.set_shuffle(True)
        picked = []
        for _ in range(20):
            await player.skip()
            picked.append(player.current)
            rest = [song for song in songs if song not in picked]
            assert player.queue == rest
        assert picked != songs
        assert set(picked) == set(songs)


async def test_previous_goes_back_and_forth() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(name) for name in "abc"]
        player.queue.extend(songs)
        assert await player.previous() is False
        await player.play()
        await player.skip()
        assert await player.previous() is True
        assert (player.current, player.queue) == (songs[0], songs[1:])
        await player.skip()
        assert player.current is songs[1]


async def test_previous_in_a_looped_queue_repeats_no_track() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(name) for name in "abc"]
        player.queue.extend(songs)
        player.set_loop(player.LOOP_QUEUE)
        await player.play()
        await player.skip()
        assert await player.previous() is True
        assert (player.current, player.queue) == (songs[0], songs[1:])
        seen = []
        for _ in range(4):
            await player.skip()
            seen.append(player.current)
        assert seen == [songs[1], songs[2], songs[0], songs[1]]


async def test_previous_under_a_repeated_track_goes_back_and_keeps_it_next() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        songs = [track(name) for name in "ab"]
        player.queue.extend(songs)
        await player.play()
        await player.skip()
        player.set_loop(player.LOOP_SINGLE)
        assert await player.previous() is True
        assert (player.current, player.queue) == (songs[0], [songs[1]])


@pytest.mark.parametrize("bad", [1.5, True, 3, -1, "1", None])
def test_a_loop_that_is_none_is_refused(bad: object) -> None:
    async def try_it() -> None:
        async with world() as (made, _node, _fake):
            player = made.player_manager.create(GUILD)
            with pytest.raises(ValueError):
                player.set_loop(bad)
            with pytest.raises(TypeError):
                player.set_shuffle("yes")

    asyncio.run(try_it())


async def test_settings_change_once_the_node_agrees() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        stream = made.stream(VolumeChangedEvent)
        for change in (player.set_volume(5), player.set_pause(True), player.seek(7000)):
            fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
            with pytest.raises(RequestError):
                await change
        assert (player.volume, player.paused) == (100, False)
        assert player.position < 5000
        await player.set_volume(5000)
        event = await anext(stream)
        stream.close()
        assert (player.volume, event.old, event.new) == (1000, 100, 1000)
        for bad in (5.0, True, "5"):
            with pytest.raises(TypeError):
                await player.set_volume(bad)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await player.set_pause(1)  # type: ignore[arg-type]
        for bad in (-1, True, "1"):
            with pytest.raises(ValueError):
                await player.seek(bad)  # type: ignore[arg-type]


async def test_changes_are_told() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        await player.play(track("a"))
        paused, resumed, sought = (
            made.stream(PlayerPausedEvent),
            made.stream(PlayerResumedEvent),
            made.stream(SeekEvent),
        )
        await player.set_pause(True)
        await player.set_pause(False)
        await player.seek(1234.5)  # type: ignore[arg-type]
        assert (await anext(paused)).player is (await anext(resumed)).player is player
        assert (await anext(sought)).position == 1234
        for stream in (paused, resumed, sought):
            stream.close()


async def test_a_batch_is_one_request_and_all_or_nothing() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        before = len(fake.patches(GUILD))
        async with player.batch():
            await player.set_volume(30)
            await player.set_pause(True)
            await player.play(track("a"), start_time=500)
            await player.set_volume(31)
            assert player.volume == 30
        assert [set(body) for body in fake.patches(GUILD)[before:]] == [
            {"volume", "paused", "track", "position"},
            {"volume"},
        ]
        assert (player.volume, player.paused) == (31, True)
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
        with pytest.raises(RequestError):
            async with player.batch():
                await player.set_volume(99)
                await player.set_pause(False)
        assert (player.volume, player.paused) == (31, True)
        with pytest.raises(KeyError):
            async with player.batch():
                await player.set_volume(98)
                raise KeyError
        assert fake.player(GUILD).volume == 31


async def test_an_end_time_can_be_set_and_cleared() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"), end_time=5000)
        await player.set_end_time(None)
        assert fake.patches(GUILD)[-1] == {"endTime": None}
        assert fake.player(GUILD).end_time is None
        await player.set_end_time(9000)
        assert fake.player(GUILD).end_time == 9000


async def test_stopping_names_the_track_that_was_stopped() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        song = track("a")
        await player.play(song)
        ending = asyncio.ensure_future(made.wait_for(TrackEndEvent, timeout=10))
        await asyncio.sleep(0)
        await player.stop()
        event = await ending
        assert (event.track, event.reason, player.current) == (song, EndReason.STOPPED, None)


async def test_two_plays_in_a_row_give_each_its_own_events() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        events = []
        made.add_event_hook(
            lambda event: events.append((type(event).__name__, event.track.title)), event=TrackStartEvent
        )
        made.add_event_hook(lambda event: events.append((type(event).__name__, event.track.title)), event=TrackEndEvent)
        waiting = asyncio.ensure_future(
            made.wait_for(TrackStartEvent, check=lambda e: e.track.title == "b", timeout=10)
        )
        await asyncio.sleep(0)
        await player.play(track("a"))
        await player.play(track("b"))
        await waiting
        await asyncio.sleep(0)
        assert events == [("TrackStartEvent", "a"), ("TrackEndEvent", "a"), ("TrackStartEvent", "b")]
        assert player.current is not None
        assert player.current.title == "b"


def test_repr_says_what_plays() -> None:
    async def look() -> str:
        async with world() as (made, _node, _fake):
            return repr(made.player_manager.create(GUILD))

    assert asyncio.run(look()).startswith(f"<DefaultPlayer guild_id={GUILD}")


async def test_an_update_is_one_request_and_all_or_nothing() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        before = len(fake.patches(GUILD))
        await player.update(
            track=track("a"), position=5000, end_time=9000, volume=40, paused=True, filters=[LowPass(5)]
        )
        (body,) = fake.patches(GUILD)[before:]
        assert set(body) == {"track", "position", "endTime", "volume", "paused", "filters"}
        assert (player.volume, player.paused, player.position, list(player.filters)) == (40, True, 5000, ["lowpass"])
        await player.update(position=1000, end_time=None, paused=False, filters=None)
        assert fake.patches(GUILD)[-1] == {"position": 1000, "endTime": None, "paused": False, "filters": {}}
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
        with pytest.raises(RequestError):
            await player.update(volume=99, paused=True)
        assert (player.volume, player.paused) == (40, False)
        await player.update(track=None, volume=50)
        assert fake.patches(GUILD)[-1] == {"track": {"encoded": None}, "volume": 50}
        assert player.current is None


async def test_a_snapshot_becomes_a_player_again() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        player.add(track("b"))
        await player.play(track("a"), start_time=20_000)
        kept = player.snapshot()
        with pytest.raises(ValueError):
            await made.restore(kept)
        await player.destroy()
        again = await made.restore(kept)
        assert (again.current.title, len(again.queue)) == ("a", 1)
        assert fake.player(GUILD).position >= 20_000
        await again.destroy()
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no"})
        with pytest.raises(RequestError):
            await made.restore(kept)
        assert made.players == {}


@pytest.mark.parametrize(
    ("loop", "queue", "claimed", "left"),
    [
        (0, ["b", "c"], "queued", ["c"]),
        (0, ["a", "c"], "queued", ["c"]),  # the same song twice in a row
        (1, ["a", "c"], "current", ["a", "c"]),
        (1, ["b", "c"], "queued", ["c"]),  # somebody skipped
        (2, ["b", "c"], "queued", ["c", "a"]),
        (2, [], "current", []),
        (0, ["c"], "neither", ["c"]),  # an explicit play
    ],
)
async def test_a_play_that_nobody_knows_here_is_the_one_that_the_queue_had_next(
    loop: int, queue: list[str], claimed: str, left: list[str]
) -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        await player.play(track("a"))
        first = player.current
        player.queue.extend([track(title) for title in queue])
        player.set_loop(loop)
        player._plays.latest.ended = True  # type: ignore[union-attr]
        title = "b" if claimed == "neither" else queue[0] if claimed == "queued" else "a"
        queued = player.queue[0] if claimed == "queued" else None
        raw = {**track(title).raw, "userData": {"voxlink": {"play": new_token()}}}
        starts = made.stream(TrackStartEvent)
        node.session.message(
            json.dumps({"op": "event", "type": "TrackStartEvent", "guildId": str(GUILD), "track": raw})
        )
        event = await anext(starts)
        starts.close()
        assert event.track is player.current
        assert (player.current is first, player.current is queued) == (claimed == "current", claimed == "queued")
        assert [song.title for song in player.queue] == left
        assert (first in player.queue.history) == (claimed != "current")
        assert player._plays.find(raw) is player._plays.latest


async def test_a_play_that_nobody_knows_here_changes_nothing_while_one_of_ours_goes_on() -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        await player.play(track("a"))
        first, latest = player.current, player._plays.latest
        raw = {**track("a").raw, "userData": {"voxlink": {"play": new_token()}}}
        assert player._claim(track("a"), raw) == (first, None)
        assert player._claim_end(track("z"), raw) != (first, latest)
        assert player._claim_end(track("a"), raw) == (first, latest)
        old = {**raw, "userData": {"voxlink": {"play": "another-1"}}}
        assert player._claim_end(track("a"), old)[1] is None
        assert (player.current, player._plays.latest, player.node) == (first, latest, node)


class Slow(DeferredAudioTrack):
    """Begins to load and is done when the test says so, or never."""

    def __init__(self, title: str, stubborn: bool = False) -> None:
        super().__init__(track(title).raw["info"])
        self.began, self.found, self.was_cancelled = asyncio.Event(), asyncio.Event(), False
        self.stubborn = stubborn

    async def load(self, client: Client) -> str | None:
        self.began.set()
        try:
            await self.found.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            if not self.stubborn:
                raise
        return track(self.title).track


async def test_who_skips_a_track_that_is_still_looked_up_is_obeyed_at_once() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        failures = made.stream(TrackLoadFailedEvent)
        await player.play(track("a"))
        for stubborn in (False, True):
            slow = Slow("slow", stubborn)
            player.queue = [slow, track("c"), track("d")]  # type: ignore[assignment]
            waiting = asyncio.ensure_future(player.play())
            await slow.began.wait()
            async with asyncio.timeout(10):
                await player.skip()
                await waiting
            assert slow.was_cancelled
            assert player.current is not None
            assert (player.current.title, [song.title for song in player.queue]) == ("c", ["d"])
        player.set_loop(2)
        slow = Slow("slow")
        player.queue = [slow, track("e")]  # type: ignore[assignment]
        waiting = asyncio.ensure_future(player.play())
        await slow.began.wait()
        async with asyncio.timeout(10):
            await player.skip()
            await waiting
        assert [song.title for song in player.queue] == ["slow", "c"]  # a repeated queue keeps it
        assert not failures._events
        failures.close()


async def test_who_stops_while_the_next_track_is_looked_up_hears_nothing_more() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        slow = Slow("slow")
        player.queue = [track("a"), slow]  # type: ignore[assignment]
        await player.play()
        fake.finish(GUILD)
        await slow.began.wait()
        async with asyncio.timeout(10):
            await player.stop()
        slow.found.set()
        await node.get_version()
        assert (player.current, list(player.queue), fake.player(GUILD).track) == (None, [slow], None)
        await player.play()
        assert player.current is slow


async def test_a_pause_while_a_track_is_looked_up_holds_at_once_and_for_what_is_found() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        slow = Slow("slow")
        await player.play(track("a"))
        waiting = asyncio.ensure_future(player.play(slow))
        await slow.began.wait()
        async with asyncio.timeout(10):
            await player.set_pause(True)
        assert (player.paused, fake.player(GUILD).paused, player.current is slow) == (True, True, False)
        louder = asyncio.ensure_future(player.set_volume(50))  # keeps its place after the play
        slow.found.set()
        await waiting
        assert (player.current, player.paused, fake.player(GUILD).paused) == (slow, True, True)
        await louder
        assert fake.patches(GUILD)[-1] == {"volume": 50}


# fmt: off
NAMES_OF_BOTS = (
    "_lock", "_queue", "_task", "_tasks", "_loop", "_volume", "_history", "_skipping",
    "_paused", "_timer", "_playing", "_play", "_play_next", "_current", "_player", "_client",
    "_bot", "_guild", "_channel", "_message", "_voice", "_state", "_data", "_cache",
    "_config", "_votes", "_stop", "_skip", "_filters", "_autoplay", "_shuffle", "_repeat",
    "_position", "_idle", "_timeout", "_ready", "_update", "_connect", "_disconnect", "_connected",
    "_own_queue", "_text_channel",
)
# fmt: on


async def test_a_bots_own_attributes_do_not_get_in_the_way_of_ours() -> None:
    class Mine(DefaultPlayer):
        def __init__(self, guild_id: int, node: Node) -> None:
            super().__init__(guild_id, node)
            for name in NAMES_OF_BOTS:
                assert not hasattr(self, name), name
                setattr(self, name, object())

    async with world(player=Mine) as (made, _node, fake):
        player = await join(made)
        starts = made.stream(TrackStartEvent)
        for title in "abc":
            player.add(track(title))
        await player.play()
        assert (await anext(starts)).track.title == "a"
        fake.finish(GUILD)
        assert (await anext(starts)).track.title == "b"
        await player.set_volume(50)
        await player.set_pause(True)
        player.set_loop(1)
        await player.skip()
        assert (await anext(starts)).track.title == "c"
        assert decode_snapshot(player.snapshot().encode()).volume == 50
        assert isinstance(player, Mine)
        starts.close()
