"""Times as people write them, under Lavalink.py's names."""

from __future__ import annotations

import re

__all__ = ["format_time", "parse_time", "timestamp_to_millis"]

_SECTION = re.compile(r"[0-9]{1,9}", re.ASCII)
_SECTION_MS = (1_000, 60_000, 3_600_000, 86_400_000)
_SECTION_LIMITS = (60, 60, 24)


def timestamp_to_millis(timestamp: str) -> int:
    """A timestamp such as `1:30`, `02:15:53` or `1:00:00:00` (days first) in milliseconds.

    The first section may be of any size (`90:00` is an hour and a half), those behind a colon may not exceed what
    their unit holds. Raises `ValueError` for anything else, signs included, and `TypeError` for more than four
    sections.
    """
    sections = timestamp.strip().split(":")
    if len(sections) > len(_SECTION_MS):
        raise TypeError("Too many segments within the provided timestamp! Provide no more than 4 segments.")
    if not all(map(_SECTION.fullmatch, sections)):
        raise ValueError("Timestamp should consist of integers and colons only")
    numbers = [int(section) for section in reversed(sections)]
    for number, limit in zip(numbers[:-1], _SECTION_LIMITS, strict=False):
        if number >= limit:
            raise ValueError(f"{number} in {timestamp!r} must be less than {limit}")
    return sum(number * factor for number, factor in zip(numbers, _SECTION_MS, strict=False))


def format_time(time: float) -> str:
    """A time in ms as `HH:MM:SS`; whole seconds, those that have not passed yet do not count."""
    sign = "-" if time < 0 else ""
    minutes, seconds = divmod(int(abs(time)) // 1_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"


def parse_time(time: float) -> tuple[float, float, float, float]:
    """A time in ms as days, hours, minutes and seconds; the seconds keep their fraction."""
    days, rest = divmod(time / 1_000, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    return days, hours, minutes, seconds
