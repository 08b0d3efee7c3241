"""The door to PyAV lets errors through only under our names."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import av
import pytest

import voxlink.audio.libav
from support.media import KINDS, make_media, plucks
from voxlink.audio.libav import Input
from voxlink.errors import DecodeFailed, MediaDamaged, NoAudioTrack, SeekFailed

DOORS = {"codecs.py", "libav.py", "resampler.py", "opus.py"}


def test_pyav_is_used_behind_its_door_only() -> None:
    users = set()
    for path in Path(voxlink.audio.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "av" for alias in node.names):
                users.add(path.name)
    assert users == DOORS


@pytest.mark.parametrize("kind", KINDS)
def test_a_containers_track_is_described(kind: str, tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(1), kind, tags={"TITLE": "x"})
    with path.open("rb") as file:
        source = Input(file, KINDS[kind].container)
        assert source.codec in {"mp3", "aac", "flac", "pcm_s16le", "vorbis", "opus"}
        assert source.tags["title"] == "x"
        assert source.length_ms == pytest.approx(1000, abs=30)
        assert not source.has_video
        assert source.extradata.startswith(b"OpusHead") == KINDS[kind].is_opus
        packet = source.read()
        assert packet is not None
        assert source.sample_of(packet) is not None
        source.close()


def test_another_container_than_told_is_damage() -> None:
    with pytest.raises(MediaDamaged) as caught:
        Input(io.BytesIO(b"fLaC" + bytes(100)), "matroska/webm")
    assert caught.value.cause


def test_a_film_without_sound_has_no_audio_track() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    file.seek(0)
    with pytest.raises(NoAudioTrack, match="No supported audio tracks"):
        Input(file, "mp4")


class Breaking(io.BytesIO):
    """Raises when it is read behind a limit, or sought once `fails_to_seek` is set."""

    limit = 1 << 40
    fails_to_seek = False

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.limit:
            raise TimeoutError("nothing came for 3 s")
        return super().read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        if self.fails_to_seek:
            raise ConnectionResetError("gone")
        return super().seek(offset, whence)


def test_what_a_file_object_raises_is_the_cause_after_what_came_before(tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(8), "wav")
    file = Breaking(path.read_bytes())
    source = Input(file, "wav")
    file.limit = 400_000
    read = 0
    with pytest.raises(DecodeFailed, match="nothing came for 3 s") as caught:
        while (packet := source.read()) is not None:
            read += packet.size
    assert read >= 300_000
    assert isinstance(caught.value.__cause__, TimeoutError)
    source.close()


def test_a_file_object_that_cannot_seek_any_more_is_named(tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(8), "wav")
    file = Breaking(path.read_bytes())
    source = Input(file, "wav")
    file.fails_to_seek = True
    with pytest.raises((SeekFailed, DecodeFailed)):
        source.seek(voxlink.audio.libav.Fraction(5))
        source.read()
    source.close()
