"""Passthrough is claimed only when the file's own packets were heard."""

from __future__ import annotations

from pathlib import Path

from support.media import make_media, opus_packets, plucks
from voxlink.audio import open_media
from voxlink.cli.untouched import holds_only


def test_the_files_own_packets_count_as_untouched(tmp_path: Path) -> None:
    path = make_media(tmp_path / "song.opus", plucks(2), "ogg-opus")
    packets = set(opus_packets(path))
    assert holds_only(open_media(path), 0, packets)
    assert holds_only(open_media(path), 500, packets)


def test_other_packets_do_not(tmp_path: Path) -> None:
    path = make_media(tmp_path / "song.opus", plucks(2), "ogg-opus")
    packets = opus_packets(path)
    assert not holds_only(open_media(path), 0, {packet + b"x" for packet in packets})
    assert not holds_only(open_media(path), 0, set())


def test_a_file_that_must_be_decoded_never_does(tmp_path: Path) -> None:
    path = make_media(tmp_path / "song.mp3", plucks(1), "mp3")
    assert not holds_only(open_media(path), 0, {b"x"})
