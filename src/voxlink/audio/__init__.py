"""Sound as numbers: media files become 48 kHz stereo blocks or untouched Opus packets, blocks become Opus."""

from __future__ import annotations

from voxlink._util.extras import explained

try:
    from voxlink.audio.block import (
        CHANNELS,
        FRAME_MS,
        FRAME_SAMPLES,
        RATE_HZ,
        Block,
        FrameCutter,
        amplify,
        clip,
        crossfade,
        silence,
        volume_gain,
    )
    from voxlink.audio.decoding import TimedBlock
    from voxlink.audio.info import MediaInfo
    from voxlink.audio.media import Media, TimedPacket, open_media
    from voxlink.audio.opus import DELAY_SAMPLES, PRIMING_FRAMES, OpusDecoder, OpusEncoder
    from voxlink.audio.packet import packet_samples
    from voxlink.audio.pcm import PCM_FRAME_BYTES, SAMPLE_BYTES, block_from_pcm, pcm_from_block
    from voxlink.audio.probe import HEAD_BYTES, PLAYLISTS, probe
except ModuleNotFoundError as error:
    raise explained(error, "voxlink.audio") from error

__all__ = [
    "CHANNELS",
    "DELAY_SAMPLES",
    "FRAME_MS",
    "FRAME_SAMPLES",
    "HEAD_BYTES",
    "PCM_FRAME_BYTES",
    "PLAYLISTS",
    "PRIMING_FRAMES",
    "RATE_HZ",
    "SAMPLE_BYTES",
    "Block",
    "FrameCutter",
    "Media",
    "MediaInfo",
    "OpusDecoder",
    "OpusEncoder",
    "TimedBlock",
    "TimedPacket",
    "amplify",
    "block_from_pcm",
    "clip",
    "crossfade",
    "open_media",
    "packet_samples",
    "pcm_from_block",
    "probe",
    "silence",
    "volume_gain",
]
