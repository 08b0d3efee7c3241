"""The line a node prints is the line a client finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.protocol import ReadyLine, parse_ready_line


def test_the_line_is_what_the_documents_say() -> None:
    assert ReadyLine("127.0.0.1", 2333).text() == "Voxlink is ready to accept connections on http://127.0.0.1:2333"


@given(st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "fe80::1", "localhost", "a-b.example"]), st.integers(1, 65535))
def test_what_a_node_prints_a_client_finds(host: str, port: int) -> None:
    line = ReadyLine(host, port)
    assert parse_ready_line(line.text()) == line
    assert parse_ready_line(line.text() + "\r\n") == line


@pytest.mark.parametrize(
    "text",
    ["", "Lavalink is ready to accept connections.", "x" + ReadyLine("h", 1).text(), ReadyLine("h", 1).text() + " x",
     ReadyLine("h", 0).text(), ReadyLine("h", 70000).text(), ReadyLine("", 1).text()],
)  # fmt: skip
def test_any_other_line_is_none(text: str) -> None:
    assert parse_ready_line(text) is None


@given(st.text())
def test_any_text_is_a_line_or_none(text: str) -> None:
    assert parse_ready_line(text) is None
