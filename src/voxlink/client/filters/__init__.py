"""Filters: the ten of Lavalink, presets, and the base class for those of plugins."""

from voxlink.client.filters.base import Filter
from voxlink.client.filters.effects import (
    ChannelMix,
    Distortion,
    Equalizer,
    Karaoke,
    LowPass,
    Rotation,
    Timescale,
    Tremolo,
    Vibrato,
    Volume,
)
from voxlink.client.filters.presets import FilterSet, Preset
from voxlink.client.filters.wire import RawFilter

__all__ = [
    "ChannelMix",
    "Distortion",
    "Equalizer",
    "Filter",
    "FilterSet",
    "Karaoke",
    "LowPass",
    "Preset",
    "RawFilter",
    "Rotation",
    "Timescale",
    "Tremolo",
    "Vibrato",
    "Volume",
]
