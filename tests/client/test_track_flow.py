"""What follows a track's end."""

from __future__ import annotations

import asyncio

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    DeferredAudioTrack,
    ErrorBudgetExceededEvent,
    ErrorPolicy,
    PlayerDestroyedEvent,
    PlayerErrorEvent,
    QueueEndEvent,
    TrackEndEvent,
    TrackLoadFailedEvent,
    TrackStartEvent,
)
from voxlink.protocol import EndReason, encode
from voxlink.testing import FakeNode

QUICK = ErrorPolicy(first_delay_s=0.0, max_errors=3)


async def after(made: Client, kind: type, action: object, check: object = None) -> object:
    waiting = asyncio.ensure_future(made.wait_for(kind, check=check, timeout=10))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    action()  # type: ignore[operator]
    return await waiting


@pytest.mark.parametrize(
    ("reason", "goes_on"),
    [
        ("finished", True),
        ("loadFailed", True),
        ("stopped", False),
        ("replaced", False),
        ("cleanup", False),
        ("brandNew", True),
    ],
)
async def test_the_reason_decides_whether_the_queue_goes_on(reason: str, goes_on: bool) -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("a"), track("b")])
        await player.play()
        ended = await after(made, TrackEndEvent, lambda: fake.finish(GUILD, EndReason.read(reason)))
        assert str(ended.reason) == reason  # type: ignore[attr-defined]
        if goes_on:
            await fake.wait_until(lambda: fake.player(GUILD).track is not None)
            assert fake.player(GUILD).track.info.title == "b"  # type: ignore[union-attr]
        else:
            await made.nodes[0].get_version()
            assert [song.title for song in player.queue] == ["b"]


async def test_a_stuck_track_is_replaced_at_once() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("a"), track("b")])
        await player.play()
        await after(made, TrackStartEvent, lambda: fake.stick(GUILD), lambda e: e.track.title == "b")
        assert player.queue == []


async def test_a_failing_track_that_is_repeated_is_given_up_within_the_budget() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("broken"), track("fine")])
        await player.play()
        player.set_loop(DefaultPlayer.LOOP_SINGLE)
        starts = made.stream(TrackStartEvent)
        exceeded = asyncio.ensure_future(made.wait_for(ErrorBudgetExceededEvent, timeout=10))
        await asyncio.sleep(0)
        tries = 0
        async for event in starts:
            if event.track.title == "fine":
                break
            tries += 1
            fake.fail_track(GUILD)
        assert (await exceeded).action == "skip"
        assert tries == 4
        starts.close()


async def test_a_queue_of_broken_tracks_comes_to_rest() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("x"), track("y")])
        player.set_loop(DefaultPlayer.LOOP_QUEUE)
        ending = asyncio.ensure_future(made.wait_for(QueueEndEvent, timeout=10))
        await asyncio.sleep(0)
        starts = made.stream(TrackStartEvent)
        await player.play()
        tries = 0

        async def break_all() -> None:
            nonlocal tries
            async for _ in starts:
                tries += 1
                fake.fail_track(GUILD)

        breaking = asyncio.ensure_future(break_all())
        await ending
        starts.close()
        await breaking
        assert tries <= 8


@pytest.mark.parametrize("action", ["stop", "destroy"])
async def test_the_policy_may_end_the_playing(action: str) -> None:
    policy = ErrorPolicy(max_errors=1, first_delay_s=0, action=action)  # type: ignore[arg-type]
    async with world(errors=policy) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track(name) for name in "abc"])
        starts = made.stream(TrackStartEvent)
        exceeded = asyncio.ensure_future(made.wait_for(ErrorBudgetExceededEvent, timeout=10))
        destroyed = made.stream(PlayerDestroyedEvent)
        await player.play()
        for _ in range(2):
            await anext(starts)
            fake.fail_track(GUILD)
        await exceeded
        if action == "destroy":
            await fake.wait_request("DELETE", "/players/")
            assert made.player_manager.get(GUILD) is None
            assert (await anext(destroyed)).reason == "errors"
        else:
            await fake.wait_until(lambda: fake.patches(GUILD)[-1] == {"track": {"encoded": None}})
            assert [song.title for song in player.queue] == ["c"]
        starts.close()
        destroyed.close()


@pytest.mark.parametrize("status", [400, 500])
async def test_a_track_that_the_node_refuses_is_told_and_passed(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from voxlink.client import track_flow

    monkeypatch.setattr(track_flow, "SERVER_TRIES", 1)
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track(name) for name in "abc"])
        await player.play()
        errors = made.stream(PlayerErrorEvent)
        fake.fail_next("PATCH", "/players/", status=status, body="<html>")
        await after(made, TrackStartEvent, lambda: fake.finish(GUILD), lambda e: e.track.title == "c")
        assert (await anext(errors)).player is player
        errors.close()


async def test_a_page_in_place_of_an_answer_does_not_end_the_queue() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track(name) for name in "ab"])
        await player.play()
        fake.fail_next("PATCH", "/players/", status=200, body="<html>maintenance</html>")
        await after(made, TrackStartEvent, lambda: fake.finish(GUILD), lambda e: e.track.title == "b")


async def test_a_node_that_is_lost_between_two_tracks_goes_on_when_it_is_back() -> None:
    async with world(errors=QUICK, retries=0) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track(name) for name in "ab"])
        await player.play()
        starting = asyncio.ensure_future(
            made.wait_for(TrackStartEvent, check=lambda e: e.track.title == "b", timeout=10)
        )
        await made.wait_for(TrackStartEvent, timeout=10) if not player.current else None
        fake.cut("PATCH", "/players/", times=None)
        fake.finish(GUILD)
        await fake.wait_request("PATCH", "/players/", count=3)
        await fake.vanish()
        fake.heal()
        await starting
        assert player.queue == []


async def test_an_end_that_comes_late_does_not_skip_what_was_asked_for_since() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track(name) for name in "abc"])
        await player.play()
        first = fake.player(GUILD).snapshot().track
        assert first is not None
        await player.skip()
        late = {"op": "event", "type": "TrackEndEvent", "guildId": str(GUILD), "reason": "finished"}
        raw = __import__("json").loads(encode(first))
        ended = made.stream(TrackEndEvent)
        await anext(ended)
        fake.push({**late, "track": raw})
        event = await anext(ended)
        assert event.track is not None
        assert event.track.title == "a"
        await made.nodes[0].get_version()
        assert player.current is not None
        assert (player.current.title, [song.title for song in player.queue]) == ("b", ["c"])
        ended.close()


class Nothing(DeferredAudioTrack):
    async def load(self, client: Client) -> str | None:
        return None


async def test_a_deferred_track_that_finds_nothing_is_passed_when_nobody_listens() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("a"), Nothing(track("gone").raw["info"]), track("c")])
        await player.play()
        await after(made, TrackStartEvent, lambda: fake.finish(GUILD), lambda e: e.track.title == "c")


async def test_a_bot_that_listens_skips_it_itself() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)

        @made.on(TrackLoadFailedEvent)
        async def failed(event: TrackLoadFailedEvent) -> None:
            assert event.player.current is None
            await player.skip()

        player.queue.extend([track("a"), Nothing(track("gone").raw["info"]), track("c")])
        await player.play()
        await after(made, TrackStartEvent, lambda: fake.finish(GUILD), lambda e: e.track.title == "c")


def test_the_fake_is_the_published_one() -> None:
    assert FakeNode.__module__ == "voxlink.testing.fake_node"
