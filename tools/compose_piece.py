"""Composes "Twenty Milliseconds", the piece that Voxlink brings along, and writes it as Ogg Opus.

    python tools/compose_piece.py src/voxlink/testing/music/twenty-milliseconds.opus

The music is made here, from nothing but sines and a little noise; it is under the licence of the project. The same
notes come out on every run. It has what a test of sound needs: transients, two sides that differ, and no quiet second.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float64]

RATE_HZ = 48_000
BEAT_S = 0.6
BEATS_PER_BAR = 4
TAGS = {"title": "Twenty Milliseconds", "artist": "The Voxlink authors", "license": "MIT"}

CHORDS = [
    (50, (62, 66, 69)),  # D
    (49, (61, 64, 69)),  # A over C sharp
    (47, (59, 62, 66)),  # B minor
    (54, (61, 66, 69)),  # F sharp minor
    (43, (59, 62, 67)),  # G
    (50, (62, 66, 69)),  # D
    (52, (59, 64, 67)),  # E minor
    (45, (61, 64, 69)),  # A
    (43, (59, 62, 67)),  # G
    (45, (61, 64, 67)),  # A seventh
]
"""A bass note and a chord for each bar, as MIDI numbers. The last chord of the piece is the first one again."""

TUNE = [
    [(0, 81), (1.5, 78), (2, 74), (3, 76)],
    [(0, 76), (1, 73), (2.5, 69), (3, 71)],
    [(0, 74), (1.5, 71), (2, 78), (3.5, 76)],
    [(0, 73), (2, 69), (3, 73)],
    [(0, 74), (1, 79), (2.5, 78), (3, 76)],
    [(0, 78), (1.5, 74), (2, 69), (3, 74)],
    [(0, 76), (1, 79), (2, 83), (3.5, 81)],
    [(0, 81), (1.5, 79), (2, 76), (3, 73)],
    [(0, 74), (1, 79), (2, 83), (3, 86)],
    [(0, 85), (1, 81), (2, 79), (3, 76)],
]
"""The tune of each bar: beat and MIDI number."""


def compose() -> Sound:
    """Return the piece as 48 kHz stereo of shape (n, 2), within full scale, without DC."""
    bar_s = BEAT_S * BEATS_PER_BAR
    piece = np.zeros((round((len(CHORDS) * bar_s + 3) * RATE_HZ), 2))
    noise = np.random.default_rng(20)
    for number, (bass, chord) in enumerate(CHORDS):
        at_s = number * bar_s
        _play_chords(piece, at_s, bass, chord, bar_s)
        _play_drums(piece, at_s, noise)
        for beat, pitch in TUNE[number]:
            _add(piece, at_s + beat * BEAT_S, _bell(pitch), 0.20, 0.35 + 0.3 * (number % 2))
    _play_end(piece, len(CHORDS) * bar_s)
    piece = _echo(piece)
    piece -= piece.mean(axis=0)
    return piece * (0.8 / np.abs(piece).max())


def _play_chords(piece: Sound, at_s: float, bass: int, chord: tuple[int, ...], bar_s: float) -> None:
    for half in (0, 2):
        _add(piece, at_s + half * BEAT_S, _bass(bass), 0.42, 0.5)
    for place, pitch in enumerate(chord):
        _add(piece, at_s, _pad(pitch, bar_s + 0.3), 0.05, (0.15, 0.85, 0.5)[place])
    rising = [*chord, chord[1] + 12, chord[2], chord[0] + 12, chord[1], chord[2]]
    for eighth, pitch in enumerate(rising):
        _add(piece, at_s + eighth * BEAT_S / 2, _pluck(pitch), 0.24, (0.12, 0.88)[eighth % 2])


def _play_drums(piece: Sound, at_s: float, noise: np.random.Generator) -> None:
    for beat in range(BEATS_PER_BAR):
        if beat % 2 == 0:
            _add(piece, at_s + beat * BEAT_S, _kick(), 0.55, 0.5)
        else:
            _add(piece, at_s + beat * BEAT_S, _brush(noise), 0.16, 0.65)
        _add(piece, at_s + (beat + 0.5) * BEAT_S, _brush(noise, quick=True), 0.05, 0.25)


def _play_end(piece: Sound, at_s: float) -> None:
    bass, chord = CHORDS[0]
    _add(piece, at_s, _bass(bass - 12), 0.4, 0.5)
    for place, pitch in enumerate([*chord, chord[0] + 12]):
        _add(piece, at_s + place * 0.06, _pluck(pitch, fade=0.5), 0.28, (0.1, 0.9, 0.3, 0.7)[place])
        _add(piece, at_s, _pad(pitch, 2.9), 0.07, (0.9, 0.1, 0.6, 0.4)[place])
    _add(piece, at_s, _bell(86), 0.2, 0.5)


def _add(piece: Sound, at_s: float, note: Sound, level: float, side: float) -> None:
    """Mix a note in; `side` goes from 0, left, to 1, right, at equal power."""
    start = round(at_s * RATE_HZ)
    note = note[: len(piece) - start] * level
    piece[start : start + len(note), 0] += note * np.cos(side * np.pi / 2)
    piece[start : start + len(note), 1] += note * np.sin(side * np.pi / 2)


def _times(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _hz(pitch: int) -> float:
    return 440 * 2 ** ((pitch - 69) / 12)


def _faded(note: Sound, attack_s: float) -> Sound:
    """Begin in `attack_s` and end in 30 ms, so that no note clicks."""
    ramp = np.minimum(1, np.arange(len(note)) / (attack_s * RATE_HZ))
    return note * ramp * np.minimum(1, np.arange(len(note))[::-1] / (0.03 * RATE_HZ))


def _pluck(pitch: int, *, fade: float = 1.0) -> Sound:
    times = _times(1.6 / fade)
    tones = [
        np.sin(2 * np.pi * _hz(pitch) * n * times) * np.exp(-(1.8 + n) * fade * times) / n**1.3 for n in range(1, 7)
    ]
    return _faded(np.sum(tones, axis=0), 0.002)


def _bell(pitch: int) -> Sound:
    times = _times(1.8)
    shimmer = 1.2 * np.exp(-5 * times) * np.sin(2 * np.pi * 3 * _hz(pitch) * times)
    return _faded(np.sin(2 * np.pi * _hz(pitch) * times + shimmer) * np.exp(-2.2 * times), 0.004)


def _bass(pitch: int) -> Sound:
    times = _times(BEAT_S * 2)
    turns = 2 * np.pi * _hz(pitch) * times
    return _faded((np.sin(turns) + 0.35 * np.sin(2 * turns)) * np.exp(-1.5 * times), 0.006)


def _pad(pitch: int, seconds: float) -> Sound:
    times = _times(seconds)
    tones = [
        np.sin(2 * np.pi * _hz(pitch) * n * (1 + bend) * times) / n for n in (1, 2, 3) for bend in (-0.002, 0.0023)
    ]
    return _faded(np.sum(tones, axis=0) * np.minimum(1, (seconds - times) / 0.6), 0.25)


def _kick() -> Sound:
    times = _times(0.35)
    return _faded(np.sin(2 * np.pi * (48 * times - 7 * np.exp(-28 * times))) * np.exp(-11 * times), 0.001)


def _brush(noise: np.random.Generator, *, quick: bool = False) -> Sound:
    """Noise between 1 and 6 kHz that is gone after a tenth of a second."""
    times = _times(0.12)
    spectrum = np.fft.rfft(noise.standard_normal(len(times)))
    hz = np.fft.rfftfreq(len(times), 1 / RATE_HZ)
    band = np.exp(-(((np.log2(np.maximum(hz, 1)) - np.log2(2_500)) / 0.9) ** 2))
    burst = np.fft.irfft(spectrum * band, len(times))
    return _faded(burst / np.abs(burst).max() * np.exp(-(70 if quick else 38) * times), 0.001)


def _echo(piece: Sound) -> Sound:
    """Repeat each side, softer, on the other one, three quarters of a beat later."""
    delay = round(0.75 * BEAT_S * RATE_HZ)
    wet = piece.copy()
    for level, turns in ((0.22, 1), (0.08, 2)):
        late = piece[: -delay * turns]
        wet[delay * turns :] += level * (late[:, ::-1] if turns % 2 else late)
    return wet


def write(piece: Sound, path: Path) -> None:
    """Write the piece as Ogg Opus at 112 kbit/s in packets of 20 ms."""
    with av.open(str(path), "w", format="ogg") as container:
        container.metadata.update(TAGS)
        stream = container.add_stream("libopus", rate=RATE_HZ, layout="stereo")
        stream.options = {"frame_duration": "20", "application": "audio", "vbr": "on"}
        stream.bit_rate = 112_000
        frame = av.AudioFrame.from_ndarray(piece.astype(np.float32).reshape(1, -1), "flt", "stereo")
        frame.sample_rate = RATE_HZ
        frame.pts = 0
        frame.time_base = Fraction(1, RATE_HZ)
        for part in av.AudioResampler("flt", "stereo", RATE_HZ, frame_size=960).resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def main() -> None:
    """Write the piece to the path that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    write(compose(), parser.parse_args().path)


if __name__ == "__main__":
    main()
