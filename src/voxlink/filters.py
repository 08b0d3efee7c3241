"""Lavalink.py's path of the filters."""

from voxlink.client import (  # isort: skip
    ChannelMix, Distortion, Equalizer, Filter, Karaoke, LowPass, Rotation, Timescale, Tremolo, Vibrato, Volume,
)  # fmt: skip

__all__ = [
    "ChannelMix", "Distortion", "Equalizer", "Filter", "Karaoke", "LowPass", "Rotation", "Timescale", "Tremolo",
    "Vibrato", "Volume",
]  # fmt: skip
