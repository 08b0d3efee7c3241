"""Sound that a program hands over piece by piece."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.media import make_media, opus_packets, plucks
from voxlink.audio import block_from_pcm, pcm_from_block
from voxlink.errors import DecodeFailed, SeekFailed
from voxlink.playback.feed import Feed, stream_track
from voxlink.protocol import decode_wire_track


def pass_on() -> None:
    """Nobody waits for room here."""


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return opus_packets(make_media(tmp_path_factory.mktemp("feed") / "a.opus", plucks(0.5), "ogg-opus"))


def test_packets_come_out_as_they_went_in(packets: list[bytes]) -> None:
    feed = Feed("opus", start_ms=1000, on_room=pass_on)
    for packet in packets:
        feed.put(packet)
    feed.end()
    out = list(feed.packets())
    assert [packet.data for packet in out] == packets
    assert [packet.position_ms for packet in out] == [1000 + 20 * n for n in range(len(packets))]


@given(cuts=st.lists(st.integers(1, 5000), max_size=20))
def test_where_pcm_is_cut_cannot_be_heard(cuts: list[int]) -> None:
    pcm = pcm_from_block(plucks(0.2))
    feed = Feed("pcm", on_room=pass_on)
    at = 0
    for cut in cuts:
        feed.put(pcm[at : at + cut])
        at += cut
    feed.put(pcm[at:])
    feed.end()
    blocks = list(feed.blocks())
    sound = np.concatenate([block.samples for block in blocks])
    assert np.array_equal(sound, block_from_pcm(pcm))
    ends = np.cumsum([len(block.samples) for block in blocks]) / 48
    assert np.allclose([block.position_ms for block in blocks][1:], ends[:-1])


def test_packets_of_another_length_are_decoded(packets: list[bytes]) -> None:
    feed = Feed("opus", on_room=pass_on)
    for packet in (packets[0], packets[1], b"\xfb\x03" + bytes(30), packets[2]):
        feed.put(packet)
    feed.end()
    assert [packet.data for packet in feed.packets()] == packets[:2]
    assert not feed.is_passthrough


def test_what_is_no_opus_is_an_error_of_ours() -> None:
    feed = Feed("opus", on_room=pass_on)
    feed.put(b"")
    with pytest.raises(DecodeFailed):
        list(feed.packets())


def test_a_program_that_fails_is_heard_so_far_and_then_named(packets: list[bytes]) -> None:
    feed = Feed("opus", on_room=pass_on)
    feed.put(packets[0])
    feed.end("ValueError: no more")
    out = feed.packets()
    assert next(out).data == packets[0]
    with pytest.raises(DecodeFailed, match="no more"):
        next(out)


def test_closing_releases_the_thread_that_waits() -> None:
    feed = Feed("pcm", on_room=pass_on)
    out: list[object] = []
    reader = threading.Thread(target=lambda: out.extend(feed.blocks()))
    reader.start()
    feed.close()
    reader.join(10)
    assert not reader.is_alive()
    assert out == []


def test_each_piece_that_is_taken_makes_room(packets: list[bytes]) -> None:
    taken: list[int] = []
    feed = Feed("opus", on_room=lambda: taken.append(1))
    for packet in packets[:3]:
        feed.put(packet)
    out = feed.packets()
    next(out)
    assert len(taken) == 1


def test_it_has_no_other_place_than_where_it_stands() -> None:
    feed = Feed("pcm", start_ms=500, on_room=pass_on)
    feed.seek(500)
    with pytest.raises(SeekFailed):
        feed.seek(0)


def test_its_track_is_a_stream_that_can_be_written_and_read() -> None:
    track = stream_track(title="Talk", author="Somebody")
    assert decode_wire_track(track.encoded).info == track.info
    assert (track.info.is_stream, track.info.is_seekable, track.info.title) == (True, False, "Talk")
