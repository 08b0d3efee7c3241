"""The words on the pipe between a program and its engine process."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink import errors
from voxlink._util.framing import LENGTH
from voxlink.errors import InvalidPipeMessage, VoxlinkError
from voxlink.playback import EngineConfig
from voxlink.playback.remote.wire import (
    Alive,
    Apply,
    Begin,
    CreatePlayer,
    DestroyPlayer,
    Done,
    EndPieces,
    Failed,
    FeedDropped,
    Listen,
    Load,
    Piece,
    PlayerReport,
    PlayPieces,
    Ready,
    Room,
    Said,
    Sound,
    Standing,
    StopListening,
    pack,
    pack_error,
    read_by_engine,
    read_by_program,
    unpack_error,
)

numbers = st.integers(0, 2**31)
texts = st.text(max_size=20)
reports = st.builds(PlayerReport, st.binary(max_size=50), st.none() | numbers, st.none() | st.tuples(numbers, numbers))
to_engine = st.one_of(
    st.builds(Begin, numbers, st.just(EngineConfig(local_files=True))),
    st.builds(Load, numbers, st.binary(max_size=50)),
    st.builds(CreatePlayer, numbers, numbers, numbers),
    st.builds(Apply, numbers, numbers, st.binary(max_size=50), st.booleans()),
    st.builds(
        PlayPieces, numbers, numbers, numbers, st.sampled_from(["opus", "pcm"]), st.binary(), numbers, st.booleans()
    ),
    st.builds(Piece, numbers, st.binary(max_size=50)),
    st.builds(EndPieces, numbers, st.none() | texts),
    st.builds(DestroyPlayer, numbers, numbers),
    st.builds(Listen, numbers, numbers),
    st.builds(StopListening, numbers),
)
to_program = st.one_of(
    st.builds(Ready, numbers),
    st.builds(Done, numbers, numbers, st.binary(max_size=50), st.none() | reports),
    st.builds(Failed, numbers, texts, texts, st.dictionaries(texts, st.none() | numbers | texts), numbers, reports),
    st.builds(Said, numbers, st.binary(max_size=50), reports),
    st.builds(Standing, numbers, reports),
    st.builds(Room, numbers, numbers),
    st.builds(FeedDropped, numbers),
    st.builds(Alive),
    st.builds(Sound, numbers, numbers, numbers, st.binary(max_size=50), numbers, st.booleans()),
)


@given(to_engine)
def test_the_engine_reads_what_a_program_packs(message: object) -> None:
    data = pack(message)  # type: ignore[arg-type]
    assert LENGTH.unpack(data[: LENGTH.size]) == (len(data) - LENGTH.size,)
    assert read_by_engine(data[LENGTH.size :]) == message


@given(to_program)
def test_the_program_reads_what_an_engine_packs(message: object) -> None:
    assert read_by_program(pack(message)[LENGTH.size :]) == message  # type: ignore[arg-type]


@given(st.binary(max_size=100))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    for read in (read_by_engine, read_by_program):
        with contextlib.suppress(InvalidPipeMessage):
            read(data)


def test_a_change_is_never_shown() -> None:
    assert "secret" not in repr(Apply(1, 2, b'{"voice":{"token":"secret"}}', False))


@pytest.mark.parametrize(
    "error",
    [
        errors.VoiceRefused(4006, "session is no longer valid"),
        errors.VoiceTimeout("Hello", 10.0),
        errors.VoiceUnreachable("127.0.0.1:1", "refused"),
        errors.FilterUnavailable(["karaoke", "lowPass"]),
        errors.LoadFailed("no", "suspicious", "because"),
        errors.InvalidTrack("bad", field="title", offset=3),
        errors.NoMatches("x"),
        errors.EngineClosed("closed"),
    ],
)
def test_an_error_is_the_same_on_the_other_side(error: VoxlinkError) -> None:
    packed = read_by_program(pack(pack_error(7, 3, error, None))[LENGTH.size :])
    assert isinstance(packed, Failed)
    again = unpack_error(packed)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_an_error_that_nobody_knows_is_one_of_ours() -> None:
    again = unpack_error(Failed(1, "os", "text", {}))
    assert type(again) is VoxlinkError
    assert str(again) == "text"
