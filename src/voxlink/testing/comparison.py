"""How much of a piece a listener heard: where it lies, how alike it is, and what its worst second is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Comparison", "align"]

_RATE_HZ = 48_000
_PROBE_S = 20
"""So much of the source's beginning is looked for."""


class Comparison(NamedTuple):
    """What was heard of a source, beside the source. Correlations go from -1 to 1; 1 is the same sound."""

    offset_samples: int
    """Where the source begins in what was heard; negative if its beginning is missing there."""
    correlation: tuple[float, float]
    """Left and right, over everything that both have."""
    worst_second: tuple[float, float]
    """Left and right, the least alike second, in steps of half a second. Silence against silence counts as alike."""
    worst_second_at_ms: tuple[float, float]
    """Where in the source those seconds begin."""
    length_difference_ms: float
    """How much longer the heard is than the source."""


def align(
    heard: npt.NDArray[np.float32], source: npt.NDArray[np.float32], *, max_offset_ms: float = 3_000
) -> Comparison:
    """Find `source` in `heard` and compare them; both are 48 kHz stereo of shape (samples, 2).

    An offset of up to `max_offset_ms` either way is looked for. Sound that was lost or stands still in the middle
    shows as a bad second.
    """
    offset = _offset(heard, source, round(max_offset_ms * _RATE_HZ / 1000))
    theirs = source[max(0, -offset) :]
    ours = heard[max(0, offset) :]
    both = min(len(ours), len(theirs))
    ours, theirs = ours[:both], theirs[:both]
    step = _RATE_HZ // 2
    starts = range(0, max(1, both - _RATE_HZ + 1), step)
    sides: list[tuple[float, int]] = []
    for side in (0, 1):
        seconds = [(_alike(ours, theirs, side, start, start + _RATE_HZ), start) for start in starts]
        sides.append(min(seconds))
    missing = max(0, -offset)
    return Comparison(
        offset_samples=offset,
        correlation=(_alike(ours, theirs, 0, 0, both), _alike(ours, theirs, 1, 0, both)),
        worst_second=(sides[0][0], sides[1][0]),
        worst_second_at_ms=((sides[0][1] + missing) / 48, (sides[1][1] + missing) / 48),
        length_difference_ms=(len(heard) - len(source)) / 48,
    )


def _offset(heard: npt.NDArray[np.float32], source: npt.NDArray[np.float32], reach: int) -> int:
    """Where the source fits best, by cross-correlation of its beginning, both sides together."""
    import numpy as np

    probe = source[: _PROBE_S * _RATE_HZ].sum(axis=1)
    field = heard[: len(probe) + reach].sum(axis=1)
    size = 1 << (len(probe) + len(field) + 2 * reach).bit_length()
    fit = np.fft.irfft(np.fft.rfft(field, size) * np.conj(np.fft.rfft(probe, size)), size)
    offsets = np.arange(-reach, reach + 1)
    return int(offsets[np.argmax(fit[offsets])])


def _alike(ours: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32], side: int, start: int, end: int) -> float:
    import numpy as np

    one, other = ours[start:end, side].astype(np.float64), theirs[start:end, side].astype(np.float64)
    if not len(one):
        return 0.0
    one, other = one - one.mean(), other - other.mean()
    power = float(np.sqrt((one @ one) * (other @ other)))
    if power == 0.0:
        return 1.0 if not one.any() and not other.any() else 0.0
    return float(one @ other) / power
