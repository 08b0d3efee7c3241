"""The window on a remote file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.playback.sources.byte_window import ByteWindow


@given(st.integers(0, 50), st.lists(st.binary(max_size=30), max_size=20), st.lists(st.integers(1, 40), max_size=40))
def test_a_reader_gets_every_byte_once_and_little_is_kept(begin: int, parts: list[bytes], counts: list[int]) -> None:
    window = ByteWindow(begin, history=10)
    at = begin
    got = b""
    for part, count in zip(parts, counts, strict=False):
        window.append(part)
        data = window.read(at, count)
        assert len(data) <= count
        at += len(data)
        got += data
        assert at - window.begin <= max(10, at - begin)
        assert window.begin >= at - 10 or window.begin == begin
    while data := window.read(at, 7):
        at += len(data)
        got += data
    assert got == b"".join(parts[: min(len(parts), len(counts))])
    assert window.end == at


def test_what_was_read_a_little_ago_can_be_read_again() -> None:
    window = ByteWindow(0, history=10)
    window.append(bytes(range(100)))
    window.read(0, 50)
    assert window.begin == 40
    assert window.covers(40)
    assert not window.covers(39)
    assert window.read(40, 5) == bytes(range(40, 45))
    assert window.read(39, 5) == b""
    assert window.covers(100)
    assert not window.covers(101)


def test_forgetting_never_passes_the_end() -> None:
    window = ByteWindow(5, history=0)
    window.append(b"abc")
    window.forget_before(1000)
    assert (window.begin, window.end) == (8, 8)
