"""Files and file-like objects under a media."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from support.media import make_media, plucks
from voxlink.audio import open_media
from voxlink.audio.file import MediaFile, open_file
from voxlink.errors import EnvironmentFault, MediaError, MediaUnreadable


class OneWay(io.RawIOBase):
    """Hands out bytes a few at a time and cannot go back."""

    def __init__(self, data: bytes, step: int = 1000) -> None:
        self._data = data
        self._step = step

    def readable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        count = min(self._step, count)
        part, self._data = self._data[:count], self._data[count:]
        return part


def one_way(data: bytes) -> BinaryIO:
    return cast("BinaryIO", OneWay(data))


class Failing(io.BytesIO):
    """Raises in `read`."""

    def read(self, *args: object) -> bytes:
        raise ConnectionResetError("cut")


def test_an_object_without_seek_gives_all_its_bytes_again() -> None:
    data = bytes(range(256)) * 40
    file = MediaFile(one_way(data))
    assert not file.can_seek
    assert file.size is None
    assert data.startswith(file.head)
    reader = file.for_libav()
    assert not hasattr(reader, "seek")
    assert b"".join(iter(lambda: reader.read(700), b"")) == data


def test_an_object_with_seek_is_measured_and_read_from_its_beginning() -> None:
    inner = io.BytesIO(b"abc" * 3000)
    inner.seek(5)
    file = MediaFile(inner)
    assert (file.can_seek, file.size) == (True, 9000)
    assert file.for_libav().read(3) == b"abc"
    assert file.rewound().read(3) == b"abc"


@pytest.mark.parametrize("under", ["flac", "mp3"])
def test_a_large_id3_tag_does_not_hide_what_is_under_it(under: str, tmp_path: Path) -> None:
    music = make_media(tmp_path / "a", plucks(0.5), under, options={}).read_bytes()
    tag = b"ID3\x03\0\0" + bytes([0, 2, 0x40, 0]) + bytes(40_960)
    path = tmp_path / "tagged.mp3"
    path.write_bytes(tag + music)
    with open_media(path) as media:
        assert media.info.container == under
        assert sum(len(block.samples) for block in media.blocks()) == pytest.approx(24_000, abs=48)


def unreadable(tmp_path: Path, what: str) -> Path:
    path = tmp_path / "x.mp3"
    if what == "a directory":
        path.mkdir()
    elif what == "a pipe":
        os.mkfifo(path)
    elif what == "a name with a zero":
        path = Path("a\0b.mp3")
    return path


@pytest.mark.parametrize("what", ["nothing", "a directory", "a pipe", "a name with a zero"])
def test_what_is_no_file_is_refused_by_name(what: str, tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable) as caught:
        open_file(unreadable(tmp_path, what))
    assert isinstance(caught.value, MediaError)
    assert isinstance(caught.value, EnvironmentFault)
    assert caught.value.fault == "environment"
    assert caught.value.cause


def test_an_object_that_fails_at_once_is_closed_and_its_error_is_the_cause() -> None:
    failing = Failing()
    with pytest.raises(MediaUnreadable, match="cut"):
        MediaFile(failing)
    assert failing.closed
