"""Lavalink's ten filters, each with the limits of the API document, checked in the constructor and in `update`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from voxlink.client.filters.base import Filter, Limit, check_all
from voxlink.errors import BadType, BadValue

__all__ = [
    "ChannelMix",
    "Distortion",
    "Equalizer",
    "Karaoke",
    "LowPass",
    "Rotation",
    "Timescale",
    "Tremolo",
    "Vibrato",
    "Volume",
]

BANDS = 15
ANY = Limit()
GAIN = Limit(least=-0.25, most=1.0)


class Equalizer(Filter[list[float]]):
    """15 bands from 25 Hz to 16 kHz (25 40 63 100 160 250 400 630 1k 1.6k 2.5k 4k 6.3k 10k 16k).

    `gains` are the bands' gains in order, -0.25 (mute) to 1.0; 0.25 doubles. Fewer than 15 leave the rest at 0.
    """

    __slots__ = ()

    def __init__(self, gains: Sequence[float] = ()) -> None:
        if len(gains) > BANDS:
            raise BadValue(f"gains has {len(gains)} values; there are {BANDS} bands")
        checked = [GAIN.check(f"gains[{band}]", gain) for band, gain in enumerate(gains)]
        super().__init__(checked + [0.0] * (BANDS - len(checked)))

    def update(self, **kwargs: Any) -> None:
        """Set `bands` (pairs of band and gain) or one `band` and its `gain`. Raises ValueError or TypeError; then
        nothing changes.
        """
        unknown = set(kwargs) - {"bands", "band", "gain"}
        if unknown:
            raise BadType(f"unknown argument {', '.join(sorted(unknown))}; the equalizer has bands, band, gain")
        if "bands" in kwargs:
            if len(kwargs) > 1:
                raise BadValue("give either bands or band and gain")
            pairs = [self._pair(item) for item in _iterate(kwargs["bands"])]
        elif "band" in kwargs and "gain" in kwargs:
            pairs = [self._pair((kwargs["band"], kwargs["gain"]))]
        else:
            raise BadValue("give either bands or band and gain")
        for band, gain in pairs:
            self.values[band] = gain

    @staticmethod
    def _pair(item: Any) -> tuple[int, float]:
        try:
            band, gain = item
        except (TypeError, ValueError):
            raise BadValue(f"a band is a pair of its number and its gain, not {item!r}") from None
        if isinstance(band, bool) or not isinstance(band, int):
            raise BadType(f"band must be a whole number, not {type(band).__name__}")
        if not 0 <= band < BANDS:
            raise BadValue(f"band must be from 0 to {BANDS - 1}, not {band}")
        return band, GAIN.check("gain", gain)

    def serialize(self) -> dict[str, Any]:
        """All 15 bands."""
        return {"equalizer": [{"band": band, "gain": gain} for band, gain in enumerate(self.values)]}


def _iterate(bands: Any) -> Iterable[Any]:
    if isinstance(bands, str | bytes) or not isinstance(bands, Iterable):
        raise BadValue(f"bands must be pairs of band and gain, not {type(bands).__name__}")
    return bands  # pyright: ignore[reportUnknownVariableType] - each item is checked by the caller


class _Named(Filter[dict[str, Any]]):
    """A filter of named numbers. `_LIMITS` are in the order of the wire, `_KEY` is Lavalink's name."""

    __slots__ = ()
    _KEY: ClassVar[str]
    _LIMITS: ClassVar[Mapping[str, Limit]]

    def __init__(self, **values: float) -> None:
        super().__init__(dict[str, Any](check_all(self._LIMITS, values)))

    def update(self, **kwargs: Any) -> None:
        """Change the values that are given. Raises ValueError or TypeError; then nothing changes."""
        self.values.update(check_all(self._LIMITS, kwargs))

    def serialize(self) -> dict[str, Any]:
        """The filter's name and its values, in camel case."""
        return {self._KEY: {_camel(name): self.values[name] for name in self._LIMITS}}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


class Karaoke(_Named):
    """Takes away a band of frequencies, commonly the voice."""

    __slots__ = ()
    _KEY = "karaoke"
    _LIMITS: ClassVar = {"level": ANY, "mono_level": ANY, "filter_band": ANY, "filter_width": ANY}

    def __init__(
        self, level: float = 1.0, mono_level: float = 1.0, filter_band: float = 220.0, filter_width: float = 100.0
    ) -> None:
        super().__init__(level=level, mono_level=mono_level, filter_band=filter_band, filter_width=filter_width)


class Timescale(_Named):
    """Changes speed, pitch and rate, each at least 0.1."""

    __slots__ = ()
    _KEY = "timescale"
    _LIMITS: ClassVar = {"speed": Limit(least=0.1), "pitch": Limit(least=0.1), "rate": Limit(least=0.1)}

    def __init__(self, speed: float = 1.0, pitch: float = 1.0, rate: float = 1.0) -> None:
        super().__init__(speed=speed, pitch=pitch, rate=rate)


class Tremolo(_Named):
    """Swells the volume: `frequency` above 0, `depth` above 0 and at most 1."""

    __slots__ = ()
    _KEY = "tremolo"
    _LIMITS: ClassVar = {"frequency": Limit(above=0), "depth": Limit(above=0, most=1)}

    def __init__(self, frequency: float = 2.0, depth: float = 0.5) -> None:
        super().__init__(frequency=frequency, depth=depth)


class Vibrato(_Named):
    """Wobbles the pitch: `frequency` above 0 and at most 14, `depth` above 0 and at most 1."""

    __slots__ = ()
    _KEY = "vibrato"
    _LIMITS: ClassVar = {"frequency": Limit(above=0, most=14), "depth": Limit(above=0, most=1)}

    def __init__(self, frequency: float = 2.0, depth: float = 0.5) -> None:
        super().__init__(frequency=frequency, depth=depth)


class Rotation(_Named):
    """Turns the sound around the listener `rotation_hz` times a second, at least 0 (the "8D" effect)."""

    __slots__ = ()
    _KEY = "rotation"
    _LIMITS: ClassVar = {"rotation_hz": Limit(least=0)}

    def __init__(self, rotation_hz: float = 0.0) -> None:
        super().__init__(rotation_hz=rotation_hz)


class LowPass(_Named):
    """Keeps the low frequencies: `smoothing` above 1."""

    __slots__ = ()
    _KEY = "lowPass"
    _LIMITS: ClassVar = {"smoothing": Limit(above=1)}

    def __init__(self, smoothing: float = 20.0) -> None:
        super().__init__(smoothing=smoothing)


class ChannelMix(_Named):
    """How much of each side goes to each side, 0 to 1. The default leaves both sides as they are."""

    __slots__ = ()
    _KEY = "channelMix"
    _LIMITS: ClassVar = dict.fromkeys(
        ("left_to_left", "left_to_right", "right_to_left", "right_to_right"), Limit(least=0, most=1)
    )

    def __init__(
        self,
        left_to_left: float = 1.0,
        left_to_right: float = 0.0,
        right_to_left: float = 0.0,
        right_to_right: float = 1.0,
    ) -> None:
        super().__init__(
            left_to_left=left_to_left,
            left_to_right=left_to_right,
            right_to_left=right_to_left,
            right_to_right=right_to_right,
        )


class Distortion(_Named):
    """Distorts the sound; every value is free."""

    __slots__ = ()
    _KEY = "distortion"
    _LIMITS: ClassVar = dict.fromkeys(
        ("sin_offset", "sin_scale", "cos_offset", "cos_scale", "tan_offset", "tan_scale", "offset", "scale"), ANY
    )

    def __init__(
        self,
        sin_offset: float = 0.0,
        sin_scale: float = 1.0,
        cos_offset: float = 0.0,
        cos_scale: float = 1.0,
        tan_offset: float = 0.0,
        tan_scale: float = 1.0,
        offset: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        super().__init__(
            sin_offset=sin_offset,
            sin_scale=sin_scale,
            cos_offset=cos_offset,
            cos_scale=cos_scale,
            tan_offset=tan_offset,
            tan_scale=tan_scale,
            offset=offset,
            scale=scale,
        )


class Volume(Filter[float]):
    """The volume filter, 0 to 5 where 1 is unchanged; not the player's volume."""

    __slots__ = ()
    _LIMIT: ClassVar = Limit(least=0, most=5)

    def __init__(self, volume: float = 1.0) -> None:
        super().__init__(self._LIMIT.check("volume", volume))

    def update(self, **kwargs: Any) -> None:
        """Set `volume`. Raises ValueError or TypeError; then nothing changes."""
        self.values = check_all({"volume": self._LIMIT}, kwargs).get("volume", self.values)

    def serialize(self) -> dict[str, Any]:
        """The volume as a number."""
        return {"volume": self.values}
