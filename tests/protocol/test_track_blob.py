"""An encoded track gives its fields, and the fields give the same bytes."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import asdict

from protocol import examples
from voxlink.errors import InvalidTrack
from voxlink.protocol.track_blob import read_blob, rewrite_blob, write_blob


@pytest.mark.parametrize(("text", "fields"), examples.FIELDS.items(), ids=list("ABCDE"))
def test_the_worked_examples_hold_the_stated_fields(text: str, fields: dict[str, Any]) -> None:
    found = asdict(read_blob(text))
    del found["tail_bytes"]
    assert found == fields


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_the_fields_give_the_same_bytes(text: str) -> None:
    fields = asdict(read_blob(text))
    del fields["tail"]
    assert write_blob(**fields) == text


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_cutting_the_bytes_anywhere_gives_invalid_track(text: str) -> None:
    data = base64.b64decode(text)
    for length in range(len(data)):
        with pytest.raises(InvalidTrack) as caught:
            read_blob(base64.b64encode(data[:length]).decode())
        assert caught.value.field
        assert caught.value.offset is not None


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_a_track_that_says_the_same_keeps_its_text(text: str) -> None:
    blob = read_blob(text)
    assert rewrite_blob(text, blob) == (blob.version, text)
