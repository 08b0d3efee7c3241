"""A player's events, in Lavalink's order (server.md 2)."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from playback.tracks import a_track
from voxlink.playback.machine import CLEANUP_AFTER_S, NO_VOICE, Moment, PlayerMachine
from voxlink.protocol import (
    EndReason,
    ExceptionDetails,
    Filters,
    PlayerUpdate,
    Severity,
    TrackEnd,
    TrackException,
    TrackStart,
    TrackStuck,
    VoiceState,
    WebSocketClosed,
    decode_wire_track,
)

VOICE = VoiceState(token="t", endpoint="e", session_id="s", channel_id="4")
BROKEN = ExceptionDetails(message="m", severity=Severity.FAULT, cause="c")


def at(seconds: float) -> Moment:
    return Moment(seconds, 1_700_000_000 + seconds)


def make(*, connected: bool = True) -> PlayerMachine:
    machine = PlayerMachine(7, update_interval_s=5, stuck_after_ms=10_000)
    if connected:
        machine.voice_connected(VOICE, at(0))
    return machine


START = at(0)


def playing(
    *, start_ms: int = 0, end_ms: int | None = None, paused: bool = False, now: Moment = START
) -> PlayerMachine:
    machine = make()
    machine.play(a_track(), start_ms=start_ms, end_ms=end_ms, paused=paused, now=now)
    return machine


def kinds(messages: list) -> list[object]:
    """What a client would see, in order: an end with its reason, else the name."""
    return [message.reason if isinstance(message, TrackEnd) else type(message).__name__ for message in messages]


def test_a_start_is_announced_before_its_first_update() -> None:
    messages = make().play(a_track(), start_ms=-5, end_ms=None, paused=False, now=at(1))
    assert kinds(messages) == ["TrackStart", "PlayerUpdate"]
    assert isinstance(messages[0], TrackStart)
    assert messages[0].track.info.position == -5


def test_the_old_track_ends_replaced_with_the_position_it_had() -> None:
    machine = playing()
    machine.sent(machine.part, 1234.0, at(1))
    messages = machine.play(a_track(title="next"), start_ms=0, end_ms=None, paused=False, now=at(2))
    assert kinds(messages) == [EndReason.REPLACED, "TrackStart", "PlayerUpdate"]
    assert isinstance(messages[0], TrackEnd)
    assert messages[0].track.info.position == 1234
    assert decode_wire_track(messages[0].track.encoded).info.position == 1234


def test_stop_says_stopped_and_nothing_when_nothing_played() -> None:
    machine = playing()
    assert kinds(machine.stop()) == [EndReason.STOPPED]
    assert machine.stop() == []


def test_a_track_finishes_when_its_last_frame_was_sent() -> None:
    machine = playing()
    machine.has_sound(machine.part)
    assert kinds(machine.played_out(machine.part)) == [EndReason.FINISHED]


@pytest.mark.parametrize(("has_sound", "reason"), [(False, EndReason.LOAD_FAILED), (True, EndReason.FINISHED)])
def test_a_failure_is_an_exception_and_then_an_end(has_sound: bool, reason: EndReason) -> None:
    machine = playing()
    if has_sound:
        machine.has_sound(machine.part)
    assert kinds(machine.failed(machine.part, BROKEN)) == ["TrackException"]
    assert kinds(machine.played_out(machine.part)) == [reason]


def test_a_track_without_any_sound_and_without_failure_finishes() -> None:
    machine = playing()
    assert kinds(machine.played_out(machine.part)) == [EndReason.FINISHED]


def test_the_end_of_a_failed_track_waits_until_somebody_listens() -> None:
    machine = make(connected=False)
    machine.play(a_track(), start_ms=0, end_ms=None, paused=True, now=at(0))
    machine.failed(machine.part, BROKEN)
    assert machine.played_out(machine.part) == []
    assert kinds(machine.voice_connected(VOICE, at(1))) == ["PlayerUpdate"]
    assert kinds(machine.set_paused(False, at(2))) == [EndReason.LOAD_FAILED]


def test_facts_about_an_older_part_are_ignored() -> None:
    machine = playing()
    old = machine.part
    machine.play(a_track(), start_ms=0, end_ms=None, paused=False, now=at(1))
    machine.sent(old, 9000, at(1))
    assert machine.position_ms == 0
    assert machine.failed(old, BROKEN) == []
    assert machine.played_out(old) == []


def test_a_seek_shows_its_target_until_sound_from_there_was_sent() -> None:
    machine = playing()
    before = machine.part
    messages = machine.seek(30_000, at(1))
    assert kinds(messages) == ["PlayerUpdate"]
    assert isinstance(messages[0], PlayerUpdate)
    assert messages[0].state.position == 30_000
    machine.sent(before, 1000, at(1))
    assert machine.position_ms == 30_000
    machine.sent(machine.part, 30_020, at(1.1))
    assert machine.position_ms == 30_020


def test_a_stream_does_not_seek_but_says_where_it_is() -> None:
    machine = make()
    machine.play(a_track(is_seekable=False), start_ms=0, end_ms=None, paused=False, now=at(0))
    part = machine.part
    assert kinds(machine.seek(30_000, at(1))) == ["PlayerUpdate"]
    assert (machine.part, machine.position_ms) == (part, 0)


def test_a_seek_past_the_end_time_finishes_the_track() -> None:
    machine = playing(end_ms=5000)
    assert kinds(machine.seek(5000, at(1))) == ["PlayerUpdate", EndReason.FINISHED]


def test_an_end_time_that_was_passed_already_is_ignored_and_null_clears_it() -> None:
    machine = playing(start_ms=6000, end_ms=5000)
    assert machine.end_ms is None
    machine.set_end(7000)
    assert machine.end_ms == 7000
    machine.set_end(6000)
    assert machine.end_ms is None
    machine.set_end(8000)
    machine.set_end(None)
    assert machine.end_ms is None


def test_updates_come_at_a_fixed_rate_also_while_paused() -> None:
    machine = playing(now=at(100))
    machine.set_paused(True, at(101))
    assert machine.next_deadline() == 105
    assert machine.tick(at(104.9)) == []
    assert kinds(machine.tick(at(105.2))) == ["PlayerUpdate"]
    assert machine.next_deadline() == 110
    assert kinds(machine.tick(at(131))) == ["PlayerUpdate"]
    assert machine.next_deadline() == 135


def test_without_a_track_there_is_nothing_to_wait_for() -> None:
    machine = playing()
    machine.stop()
    assert machine.next_deadline() is None
    assert machine.tick(at(1000)) == []


def test_a_track_gets_stuck_once() -> None:
    machine = playing(now=at(0))
    machine.tick(at(5))
    messages = machine.tick(at(10))
    assert kinds(messages) == ["TrackStuck", "PlayerUpdate", "PlayerUpdate"]
    assert isinstance(messages[0], TrackStuck)
    assert messages[0].threshold_ms == 10_000
    assert kinds(machine.tick(at(25))) == ["PlayerUpdate"]


def test_the_time_to_get_stuck_starts_again_on_resume_and_with_each_frame() -> None:
    machine = playing(now=at(0))
    machine.set_paused(True, at(1))
    machine.set_paused(False, at(8))
    assert "TrackStuck" not in kinds(machine.tick(at(15)))
    machine.sent(machine.part, 20, at(16))
    assert "TrackStuck" not in kinds(machine.tick(at(25.9)))
    assert "TrackStuck" in kinds(machine.tick(at(26)))


def test_a_track_that_nobody_can_hear_is_cleaned_up() -> None:
    machine = make(connected=False)
    machine.play(a_track(), start_ms=0, end_ms=None, paused=True, now=at(0))
    assert EndReason.CLEANUP not in kinds(machine.tick(at(CLEANUP_AFTER_S - 0.1)))
    assert kinds(machine.tick(at(CLEANUP_AFTER_S))) == [EndReason.CLEANUP]


def test_a_paused_track_with_a_voice_connection_is_kept() -> None:
    machine = playing(paused=True)
    assert set(kinds(machine.tick(at(4000)))) == {"PlayerUpdate"}


def test_a_lost_voice_connection_is_said_once_and_position_stands() -> None:
    machine = playing()
    machine.sent(machine.part, 800, at(1))
    machine.heartbeat(12)
    messages = machine.voice_closed(4014, "Disconnected.", by_remote=True, now=at(2))
    assert kinds(messages) == ["WebSocketClosed", "PlayerUpdate"]
    closed, update = messages
    assert isinstance(closed, WebSocketClosed)
    assert isinstance(update, PlayerUpdate)
    assert (closed.code, closed.reason, closed.by_remote) == (4014, "Disconnected.", True)
    assert (update.state.connected, update.state.position, update.state.ping) == (False, 800, 12)
    assert machine.voice_closed(4014, "Disconnected.", by_remote=True, now=at(3)) == []
    assert machine.snapshot(at(3)).voice == VOICE


def test_ping_is_minus_one_before_a_connection_and_zero_before_the_first_answer() -> None:
    machine = make(connected=False)
    assert machine.state(at(0)).ping == -1
    machine.voice_connected(VOICE, at(0))
    machine.heartbeat(-1)
    assert machine.state(at(0)).ping == 0


def test_a_new_player_looks_like_lavalinks() -> None:
    player = make(connected=False).snapshot(at(0))
    assert (player.guild_id, player.track, player.volume, player.paused) == ("7", None, 100, False)
    assert (player.voice, player.filters) == (NO_VOICE, Filters())


@pytest.mark.parametrize(("asked", "got"), [(-5, 0), (5000, 1000), (50, 50)])
def test_volume_is_clamped(asked: int, got: int) -> None:
    machine = make()
    machine.set_volume(asked)
    assert machine.volume == got


def test_filters_are_kept_and_answered_with_an_update_also_without_a_track() -> None:
    machine = make()
    assert kinds(machine.set_filters(Filters(volume=1.0), at(0))) == ["PlayerUpdate"]
    assert machine.snapshot(at(0)).filters == Filters(volume=1.0)


def test_user_data_goes_to_the_current_track_only() -> None:
    machine = make()
    machine.set_user_data({"a": 1})
    machine.play(a_track(), start_ms=0, end_ms=None, paused=False, now=at(0))
    machine.set_user_data({"b": 2})
    track = machine.snapshot(at(0)).track
    assert track is not None
    assert track.user_data == {"b": 2}


class AnyOrder(RuleBasedStateMachine):
    """Whatever is done in whatever order: each start has one end, and no event comes without a track."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.machine = PlayerMachine(7, update_interval_s=5, stuck_after_ms=10_000)
        self.loaded = 0
        self.excused = False

    def hear(self, messages: list) -> None:
        for message in messages:
            if isinstance(message, TrackStart):
                self.loaded += 1
                self.excused = False
            elif isinstance(message, TrackEnd):
                self.loaded -= 1
            elif isinstance(message, TrackException | TrackStuck):
                assert self.loaded == 1
            assert self.loaded in {0, 1}
            if isinstance(message, PlayerUpdate):
                assert message.state.time == round(at(self.now).wall * 1000)

    @rule(seconds=st.floats(0, 100))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.hear(self.machine.tick(at(self.now)))
        deadline = self.machine.next_deadline()
        assert deadline is None or deadline > self.now

    @rule(start=st.integers(-10, 400_000), end=st.none() | st.integers(1, 400_000), paused=st.booleans())
    def play(self, start: int, end: int | None, paused: bool) -> None:
        self.hear(self.machine.play(a_track(), start_ms=start, end_ms=end, paused=paused, now=at(self.now)))

    @rule()
    def stop(self) -> None:
        self.hear(self.machine.stop())
        assert self.loaded == 0

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        self.hear(self.machine.set_paused(paused, at(self.now)))

    @rule(position=st.integers(-10, 400_000))
    def seek(self, position: int) -> None:
        self.hear(self.machine.seek(position, at(self.now)))

    @rule(end=st.none() | st.integers(1, 400_000))
    def move_end(self, end: int | None) -> None:
        self.machine.set_end(end)

    @rule(ago=st.integers(0, 2), position=st.floats(0, 400_000))
    def sent(self, ago: int, position: float) -> None:
        self.machine.has_sound(self.machine.part - ago)
        self.machine.sent(self.machine.part - ago, position, at(self.now))

    @rule(ago=st.integers(0, 2))
    def fail(self, ago: int) -> None:
        self.hear(self.machine.failed(self.machine.part - ago, BROKEN))

    @rule(ago=st.integers(0, 2))
    def play_out(self, ago: int) -> None:
        self.hear(self.machine.played_out(self.machine.part - ago))

    @rule()
    def connect(self) -> None:
        self.hear(self.machine.voice_connected(VOICE, at(self.now)))

    @precondition(lambda self: self.machine.connected)
    @rule()
    def lose_voice(self) -> None:
        self.hear(self.machine.voice_closed(4014, "", by_remote=True, now=at(self.now)))

    @invariant()
    def a_track_is_loaded_between_its_start_and_its_end(self) -> None:
        assert (self.machine.track is not None) == (self.loaded == 1)
        if self.machine.track is None:
            assert self.machine.position_ms == 0
            assert self.machine.end_ms is None


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
