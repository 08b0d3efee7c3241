"""A value keeps what it does not know."""

from voxlink.protocol import PlaylistHeader, decode_body, encode


def test_unknown_fields_survive_reading_and_writing() -> None:
    text = b'{"name":"a","selectedTrack":3,"later":{"x":[1,2.5]},"more":null}'
    header = decode_body(text, PlaylistHeader)
    assert header == PlaylistHeader("a", 3, unknown={"later": {"x": [1, 2.5]}, "more": None})
    assert encode(header) == text


def test_a_value_without_unknown_fields_says_nothing_about_them() -> None:
    assert repr(PlaylistHeader("a", 3)) == "PlaylistHeader(name='a', selected_track=3)"
