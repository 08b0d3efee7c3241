"""JSON as nodes write it."""

import pytest

from voxlink.client.json_text import decode_json, encode_json


@pytest.mark.parametrize("value", [None, 1, "é", {"a": [1.5, True]}, {"a": "\ud800"}])
def test_what_is_written_is_read(value: object) -> None:
    assert decode_json(encode_json(value)) == value


@pytest.mark.parametrize("text", ["", "{", "<html>", b"\xff"])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        decode_json(text)


def test_what_json_cannot_hold_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        encode_json(object())


def test_numbers_and_texts_of_libraries_are_numbers_and_texts() -> None:
    class Snowflake(int):
        __slots__ = ()

    class Name(str):
        __slots__ = ()

    assert encode_json({"requester": Snowflake(7), "name": Name("ada")}) == b'{"requester":7,"name":"ada"}'
    with pytest.raises(TypeError):
        encode_json({"thing": object()})
