"""One fuzzing case: what kind of message, which recorded one it begins with, and how that is changed.

Any bytes are a case, and a case is written as a few bytes: libFuzzer's inputs, the saved corpus and the seeded campaign
are the same thing, changed by the same mutator.
"""

from __future__ import annotations

import random
import re
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

MAX_EDITS = 12
MAX_BYTES = 240
"""Of a case as bytes."""


class Do(IntEnum):
    """What an edit does at its place."""

    SET = 0
    FLIP = 1
    DELETE = 2
    INSERT = 3
    CUT = 4
    COPY = 5
    NUMBER = 6
    WORD = 7
    REPEAT = 8


BINARY_SHARES = {
    Do.SET: 22, Do.FLIP: 22, Do.DELETE: 8, Do.INSERT: 8, Do.CUT: 5, Do.COPY: 5, Do.NUMBER: 20, Do.WORD: 8, Do.REPEAT: 2,
}  # fmt: skip
TEXT_SHARES = {
    Do.SET: 3, Do.FLIP: 3, Do.DELETE: 2, Do.INSERT: 2, Do.CUT: 1, Do.COPY: 2, Do.NUMBER: 1, Do.WORD: 85, Do.REPEAT: 1,
}  # fmt: skip
"""Changed bytes are hardly ever JSON any more; a changed word mostly is."""

TEXT_EDITS = (1, 1, 1, 1, 2, 2, 3, 4)
BINARY_EDITS = (1, 1, 1, 2, 2, 3, 4, 8)
"""How many edits a case has, drawn evenly from these."""

DEAR = 500
"""A kind with a smaller share costs milliseconds: it reaches much, so libFuzzer would try little else."""

NUMBERS = [
    0,
    1,
    2,
    3,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x3FFF,
    0x4000,
    0x7FFF,
    0x8000,
    0xFFFE,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
]
NUMBERS += [0xFFFF_FFFF, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
"""Where lengths, counters and signs change their meaning."""

_DIGITS = ["0", "-0", "-1", "1", "2", "3", "0.5", "1e400", "1e-400", "65535", "65536", "4294967295", "4294967296"]
_DIGITS += ["9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "9" * 400]
_QUOTED = [
    '""',
    '"x"',
    '"2"',
    '"-1"',
    '"4097"',
    '"18446744073709551616"',
    '"\\u0000"',
    '"\\ud800"',
    '"\xe9"',
    '"127.0.0.1"',
]
_QUOTED += [f'"{digits}"' for digits in _DIGITS]
_NAMES = ["op", "d", "seq", "ssrc", "user_id", "user_ids", "audio_ssrc", "epoch", "transition_id", "protocol_version"]
_NAMES += ["modes", "mode", "secret_key", "ip", "port", "heartbeat_interval", "dave_protocol_version"]
_OTHER = ["null", "true", "false", "[]", "{}", '["2","3"]', "[null]", "[" * 40 + "]" * 40, "[" * 2000, "inf", ""]
NUMBER_WORDS = [word.encode() for word in [*_DIGITS, *_DIGITS[:7], *_QUOTED[:3], "null"]]
STRING_WORDS = [word.encode() for word in [*_QUOTED, *_QUOTED[:5], *_DIGITS[:4], "null"]]
WORDS = [word.encode() for word in [*_DIGITS, *_QUOTED, *(f'"{name}"' for name in _NAMES), *_OTHER]]
"""What takes the place of a word of JSON: of a number, of a text, of any word."""

_JSON_WORD = re.compile(rb'("(?:[^"\\]|\\.)*"|[-+.\w]+)(\s*:)?|[\[\]{}]')


class Edit(NamedTuple):
    """One change. `place` is taken modulo what is there; what `value` and `data` mean depends on `do`."""

    do: int
    place: int
    value: int
    data: bytes = b""


class Case(NamedTuple):
    """One case; `kind` and `base` are indices, taken modulo what there is."""

    kind: int
    base: int
    edits: tuple[Edit, ...]

    def edit(self, base: bytes) -> bytes:
        """Return the base changed by all edits. A case that would change nothing flips one bit."""
        changed = bytearray(base)
        for edit in self.edits:
            _apply(changed, edit)
        if changed == base:
            _apply(changed, Edit(Do.FLIP, self.base * 7, self.base))
        return bytes(changed)

    def encode(self) -> bytes:
        """Return the case as bytes."""
        out = bytearray((self.kind & 0xFF, self.base & 0xFF))
        for do, place, value, data in self.edits:
            out += bytes((do, place >> 8 & 0xFF, place & 0xFF, value & 0xFF))
            if do == Do.INSERT:
                out += bytes((len(data),)) + data
        return bytes(out)

    @classmethod
    def decode(cls, data: bytes) -> Case:
        """Read a case; any bytes are one."""
        edits: list[Edit] = []
        at = 2
        while at + 4 <= len(data) and len(edits) < MAX_EDITS:
            do, place, value = data[at] % len(Do), data[at + 1] << 8 | data[at + 2], data[at + 3]
            at += 4
            inserted = b""
            if do == Do.INSERT and at < len(data):
                inserted = data[at + 1 : at + 1 + data[at] % 17]
                at += 1 + len(inserted)
            edits.append(Edit(do, place, value, inserted))
        return cls(data[0] if data else 0, data[1] if len(data) > 1 else 0, tuple(edits))


def _apply(changed: bytearray, edit: Edit) -> None:
    do, place, value, data = edit
    size = len(changed)
    at = place % (size + 1)
    if do == Do.INSERT:
        changed[at:at] = data or bytes((value,))
    elif not size:
        return
    elif do == Do.SET:
        changed[place % size] = value
    elif do == Do.FLIP:
        changed[place % size] ^= 1 << (value & 7)
    elif do == Do.DELETE:
        del changed[at : at + 1 + value % 16]
    elif do == Do.CUT:
        del changed[at:]
    elif do == Do.COPY:
        changed[at:at] = changed[value % size : value % size + 1 + value % 13]
    elif do == Do.NUMBER:
        width = (1, 2, 4, 8)[value & 3]
        number = NUMBERS[(value >> 2) % len(NUMBERS)] & ((1 << 8 * width) - 1)
        changed[place % size : place % size + width] = number.to_bytes(width, "big")
    elif do == Do.WORD:
        _replace_word(changed, place, value)
    else:
        changed[at:at] = changed[at : at + 64] * (1 + value % 16)


def _replace_word(changed: bytearray, place: int, value: int) -> None:
    """Seven times in eight a value by another that may stand there, else any word by any word."""
    found = list(_JSON_WORD.finditer(changed)) if changed[0] == ord("{") else []
    likely = value % 8 < 7
    if likely:
        found = [match for match in found if match[1] and not match[2]]
    if found:
        match = found[place % len(found)]
        start, end = match.span(1) if match[1] else match.span()
        words = WORDS if not likely else STRING_WORDS if changed[start] == ord('"') else NUMBER_WORDS
        changed[start:end] = words[(value >> 3) % len(words)] if likely else words[(value * 31 + place) % len(words)]
    else:  # no JSON: as the length of a vector, which MLS writes in front of everything
        changed[place % len(changed)] = value


class Mutator:
    """Draws cases, and changes them. `shares` are the weights of the kinds, `texts` says which of them are JSON."""

    def __init__(self, shares: list[int], texts: list[bool]) -> None:
        self._kinds = range(len(shares))
        self._weights = list(accumulate(shares))
        self._shares = shares
        self._texts = texts
        self._binary_dos = random_table(BINARY_SHARES)
        self._text_dos = random_table(TEXT_SHARES)

    def draw(self, chance: random.Random) -> Case:
        """Return a new case."""
        (kind,) = chance.choices(self._kinds, cum_weights=self._weights)
        count = chance.choice(TEXT_EDITS if self._texts[kind] else BINARY_EDITS)
        return Case(kind, chance.getrandbits(8), tuple([self._edit(kind, chance) for _ in range(count)]))

    def change(self, case: Case, chance: random.Random) -> Case:
        """Return a case that differs from another in one thing."""
        kind, base, edits = case
        edits = list(edits)
        choice = chance.randrange(10)
        is_dear = self._shares[kind % len(self._shares)] < DEAR
        if choice == 0 or (is_dear and choice < 8):
            return self.draw(chance)
        if choice == 1:
            base = chance.getrandbits(8)
        elif choice == 2 and len(edits) > 1:
            del edits[chance.randrange(len(edits))]
        elif choice <= 5 and edits:
            index = chance.randrange(len(edits))
            place = max(0, edits[index].place + chance.randint(-4, 4)) & 0xFFFF
            edits[index] = edits[index]._replace(place=place)
        elif choice == 6 and edits:
            index = chance.randrange(len(edits))
            edits[index] = edits[index]._replace(value=chance.getrandbits(8))
        elif len(edits) < MAX_EDITS:
            edits.insert(chance.randrange(len(edits) + 1), self._edit(kind, chance))
        return Case(kind, base, tuple(edits))

    def _edit(self, kind: int, chance: random.Random) -> Edit:
        bits = chance.getrandbits(32)
        dos = self._text_dos if self._texts[kind % len(self._texts)] else self._binary_dos
        do = dos[(bits & 0x3FF) % len(dos)]
        # Heads say what the rest means: many edits hit the first bytes.
        place = bits >> 10 & (0x1F if bits >> 21 & 3 == 0 else 0x7FF)
        data = chance.randbytes(1 + chance.getrandbits(3)) if do == Do.INSERT else b""
        return Edit(do, place, bits >> 24, data)


def random_table(shares: dict[Do, int]) -> list[int]:
    """A list in which each edit stands as often as its share says."""
    return [int(do) for do, share in shares.items() for _ in range(share)]
