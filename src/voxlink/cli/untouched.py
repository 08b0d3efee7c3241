"""Whether the listener got the file's own packets: the file is opened once more and compared, byte for byte."""

from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

from voxlink.errors import LoadFailed, MediaError
from voxlink.playback.sources import HttpSource, LocalSource, SourceRegistry
from voxlink.protocol import AudioTrack, decode_wire_track

if TYPE_CHECKING:
    from voxlink.audio import Media
    from voxlink.testing import Heard

COMPARED = 50
"""So many of the file's packets are looked for among the frames that were heard."""


async def sent_untouched(track: AudioTrack, start_ms: int, heard: Heard) -> bool | None:
    """Compare what was heard with the file's packets; None for a live stream, which cannot be read twice."""
    if track.is_stream or track.track is None:
        return None
    frames = {frame.opus for frame in heard.music_frames}
    with ThreadPoolExecutor(2, thread_name_prefix="voxlink-compare") as threads:
        registry = SourceRegistry([LocalSource(threads), HttpSource(threads)])
        try:
            media = await registry.open(decode_wire_track(track.track))
            return await asyncio.to_thread(holds_only, media, start_ms, frames)
        except (LoadFailed, MediaError):
            return None
        finally:
            await registry.close()


def holds_only(media: Media, start_ms: int, frames: set[bytes]) -> bool:
    """Whether the medium is 20 ms Opus whose packets from `start_ms` on are all among `frames`; closes it."""
    with closing(media):
        if not media.is_passthrough:
            return False
        if start_ms:
            media.seek(start_ms)
        packets = [packet.data for packet in itertools.islice(media.packets(), COMPARED)]
        return bool(packets) and bool(frames) and frames.issuperset(packets[: len(frames)])
