"""The ten filters of Lavalink and those of plugins, with the defaults that Lavalink fills in (server.md 1.7)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from msgspec import UNSET, UnsetType

from voxlink.protocol.value import Float32, Int32, JsonObject, Value

__all__ = [
    "ChannelMixFilter",
    "DistortionFilter",
    "EqualizerBand",
    "Filters",
    "KaraokeFilter",
    "LowPassFilter",
    "RotationFilter",
    "TimescaleFilter",
    "TremoloFilter",
    "VibratoFilter",
]


class EqualizerBand(Value, frozen=True):
    """One of 15 bands (0-14) and its gain: 0 leaves the band as it is, -0.25 mutes it, 0.25 doubles it."""

    band: Int32
    gain: Float32 = 1.0


class KaraokeFilter(Value, frozen=True):
    """Takes the voice in the middle out of a stereo mix; band and width in Hz."""

    level: Float32 = 1.0
    mono_level: Float32 = 1.0
    filter_band: Float32 = 220.0
    filter_width: Float32 = 100.0


class TimescaleFilter(Value, frozen=True):
    """Changes tempo (`speed`), pitch, or both at once (`rate`); 1 leaves the sound as it is."""

    speed: float = 1.0
    pitch: float = 1.0
    rate: float = 1.0


class TremoloFilter(Value, frozen=True):
    """Swells the volume `frequency` times a second (Hz); `depth` 0 is off, 1 is full."""

    frequency: Float32 = 2.0
    depth: Float32 = 0.5


class VibratoFilter(Value, frozen=True):
    """Swells the pitch `frequency` times a second (Hz); `depth` 0 is off, 1 is full."""

    frequency: Float32 = 2.0
    depth: Float32 = 0.5


class DistortionFilter(Value, frozen=True):
    """Shapes the wave by sine, cosine and tangent, each with an offset and a scale."""

    sin_offset: Float32 = 0.0
    sin_scale: Float32 = 1.0
    cos_offset: Float32 = 0.0
    cos_scale: Float32 = 1.0
    tan_offset: Float32 = 0.0
    tan_scale: Float32 = 1.0
    offset: Float32 = 0.0
    scale: Float32 = 1.0


class RotationFilter(Value, frozen=True):
    """Turns the sound around the listener, `rotation_hz` times a second."""

    rotation_hz: float = 0.0


class ChannelMixFilter(Value, frozen=True):
    """How much of each input channel each output channel gets."""

    left_to_left: Float32 = 1.0
    left_to_right: Float32 = 0.0
    right_to_left: Float32 = 0.0
    right_to_right: Float32 = 1.0


class LowPassFilter(Value, frozen=True):
    """Smooths the wave; anything above 1 takes treble away."""

    smoothing: Float32 = 20.0


class Filters(Value, frozen=True):
    """All filters of a player. What is not set is absent; `None` asks to unset that one filter."""

    volume: Float32 | UnsetType = UNSET
    equalizer: list[EqualizerBand] | UnsetType = UNSET
    karaoke: KaraokeFilter | UnsetType | None = UNSET
    timescale: TimescaleFilter | UnsetType | None = UNSET
    tremolo: TremoloFilter | UnsetType | None = UNSET
    vibrato: VibratoFilter | UnsetType | None = UNSET
    distortion: DistortionFilter | UnsetType | None = UNSET
    rotation: RotationFilter | UnsetType | None = UNSET
    channel_mix: ChannelMixFilter | UnsetType | None = UNSET
    low_pass: LowPassFilter | UnsetType | None = UNSET
    plugin_filters: JsonObject | UnsetType = UNSET

    def named(self) -> list[str]:
        """Wire names of the filters that are present, also if only as null, in Lavalink's order; then plugin names."""
        names = zip(self.__struct_encode_fields__, self.__struct_fields__, strict=True)
        present = [wire for wire, name in names if getattr(self, name) is not UNSET and name in _BUILT_IN]
        return present + list(self.plugin_filters or {})

    def audible(self) -> list[str]:
        """Names of the filters whose values change the sound, in Lavalink's order; then the plugin filters' names.

        server.md Appendix A: volume not 1, any gain not 0, karaoke always, any timescale not 1, tremolo and vibrato
        with a depth, any distortion value off its default, a rotation, a mix that is not the identity, smoothing > 1.
        """
        tests = {
            "volume": self.volume is not UNSET and self.volume != 1.0,
            "equalizer": any(band.gain != 0 for band in self.equalizer or ()),
            "karaoke": bool(self.karaoke),
            "timescale": bool(self.timescale) and self.timescale != TimescaleFilter(),
            "tremolo": bool(self.tremolo) and self.tremolo.depth != 0,
            "vibrato": bool(self.vibrato) and self.vibrato.depth != 0,
            "distortion": bool(self.distortion) and self.distortion != DistortionFilter(),
            "rotation": bool(self.rotation) and self.rotation.rotation_hz != 0,
            "channelMix": bool(self.channel_mix) and self.channel_mix != ChannelMixFilter(),
            "lowPass": bool(self.low_pass) and self.low_pass.smoothing > 1.0,
        }
        return [name for name, heard in tests.items() if heard] + list(self.plugin_filters or {})

    def settled(self, plugin_names: Collection[str] = ()) -> Filters:
        """The filters as a player keeps and echoes them: nulls, unknown fields and unknown plugin filters are gone.

        server.md 1.7: plugin filters that are not in `plugin_names` are dropped silently.
        """
        kept = {name: getattr(self, name) for name in _BUILT_IN if getattr(self, name) not in (None, UNSET)}
        plugins = {name: value for name, value in (self.plugin_filters or {}).items() if name in plugin_names}
        return Filters(**kept, plugin_filters=plugins or UNSET)


_BUILT_IN = [field.name for field in msgspec.structs.fields(Filters) if field.name not in {"plugin_filters", "unknown"}]
