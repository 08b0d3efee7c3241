"""Any bytes are a value or `InvalidBody`; a value is written as JSON that is read as the same value."""

from __future__ import annotations

from voxlink.errors import InvalidBody
from voxlink.protocol import (
    Filters,
    Player,
    Track,
    UpdatePlayer,
    UpdateSession,
    decode_body,
    decode_loaded,
    decode_message,
    encode,
)

KINDS = [UpdatePlayer, Filters, UpdateSession, Player, Track]


def check(data: bytes) -> None:
    """The first byte chooses the kind of value."""
    choice = data[0] % (len(KINDS) + 2) if data else 0
    text = data[1:]
    try:
        value = read(choice, text)
    except InvalidBody as error:
        assert error.path.startswith("$"), error
        return
    written = encode(value)
    assert read(choice, written) == value
    assert encode(read(choice, written)) == written


def read(choice: int, text: bytes) -> object:
    if choice == len(KINDS):
        return decode_message(text)
    if choice == len(KINDS) + 1:
        return decode_loaded(text)
    return decode_body(text, KINDS[choice])
