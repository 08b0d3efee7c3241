"""Addresses are parsed once and written into URLs in one place."""

import pytest

from voxlink.client.address import NodeAddress, parse_node_uri
from voxlink.errors import BadValue


@pytest.mark.parametrize(
    ("host", "port", "ssl", "url"),
    [
        ("localhost", 2333, False, "http://localhost:2333/v4"),
        ("node.example.org", 443, True, "https://node.example.org:443/v4"),
        ("https://example.com/lava", 443, False, "https://example.com:443/lava/v4"),
        ("wss://example.com", 2333, False, "https://example.com:2333/v4"),
        ("http://a.b:8080", 2333, False, "http://a.b:8080/v4"),
        ("a.b:8080", 2333, False, "http://a.b:8080/v4"),
        ("::1", 2333, False, "http://[::1]:2333/v4"),
        ("[::1]:99", 2333, False, "http://[::1]:99/v4"),
        ("http://[::1]/p/", 2333, False, "http://[::1]:2333/p/v4"),
    ],
)
def test_every_spelling_of_an_address_gives_a_url(host: str, port: int, ssl: bool, url: str) -> None:
    assert NodeAddress.of(host, port, ssl).http_url("/v4") == url


def test_websocket_urls_follow_the_same_rules() -> None:
    assert NodeAddress.of("https://h/p", 5).ws_url("/v4/websocket") == "wss://h:5/p/v4/websocket"
    assert NodeAddress.of("h", 5).ws_url("/x") == "ws://h:5/x"


@pytest.mark.parametrize(
    ("host", "port"), [("", 1), ("h", 0), ("h", 65536), ("ftp://h", 1), ("h:x", 1), ("http://", 1)]
)
def test_what_is_no_address_is_refused(host: str, port: int) -> None:
    with pytest.raises(BadValue):
        NodeAddress.of(host, port)


def test_a_uri_names_everything_about_a_node() -> None:
    parsed = parse_node_uri("lavalink://:pass%40word@node.example.org:99/lava?region=us&name=main&ssl=1")
    assert parsed.address == NodeAddress("node.example.org", 99, True, "/lava")
    assert (parsed.password, parsed.region, parsed.name) == ("pass@word", "us", "main")
    assert "pass" not in repr(parsed)


def test_a_uri_has_defaults() -> None:
    parsed = parse_node_uri("lavalinks://user@[::1]")
    assert parsed.address == NodeAddress("::1", 2333, True)
    assert (parsed.password, parsed.region, parsed.name) == ("user", "global", None)


@pytest.mark.parametrize("uri", ["", "node:2333", "ftp://x", "lavalink://", "lavalink://:secret@h:notaport"])
def test_a_uri_that_is_none_is_refused_without_its_password(uri: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse_node_uri(uri)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["https://user:hunter2@node.example.org", "http://:hunter2@h:2333", "hunter2@h"])
def test_a_password_in_the_host_is_refused_and_not_quoted(host: str) -> None:
    """It would be in the node's name, and so in every line of its log."""
    with pytest.raises(BadValue, match="password") as caught:
        NodeAddress.of(host, 2333)
    assert "hunter2" not in str(caught.value)
