"""Errors say whose fault it is."""

import pytest

from voxlink import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_names_a_fault(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, errors.VoxlinkError)
    assert error.fault in {"caller", "remote", "environment", "ours"}


def test_a_missing_extra_says_what_to_install() -> None:
    error = errors.MissingExtra("the node", "node")
    assert str(error) == 'the node needs more packages: pip install "voxlink[node]"'
    assert isinstance(error, ImportError)


def test_a_request_error_takes_both_of_lavalink_pys_forms() -> None:
    body = {"timestamp": 5, "error": "Not Found", "message": "Session not found", "path": "/v4/x", "trace": "at"}
    document = errors.RequestError("a message", 404, body, {"a": "1"})
    node = object()
    later = errors.RequestError(node, 404, {}, {})
    assert (document.status, document.timestamp, document.error, document.message) == (
        404,
        5,
        "Not Found",
        body["message"],
    )
    assert (document.path, document.trace, document.params, document.node) == ("/v4/x", "at", {"a": "1"}, None)
    assert (later.node, later.message, later.trace) == (node, "", None)


def test_transport_errors_are_also_what_python_calls_them() -> None:
    assert isinstance(errors.NodeTimeout("late"), TimeoutError)
    assert isinstance(errors.NodeUnreachable("refused"), ConnectionError)
    assert isinstance(errors.BadValue("out of range"), ValueError)
    assert isinstance(errors.BadType("no"), TypeError)


def test_a_refused_change_carries_its_sentence_and_its_values() -> None:
    assert errors.InvalidChange("no").message == "no"
    assert errors.FilterUnavailable(["karaoke", "lowPass"]).names == ["karaoke", "lowPass"]
    assert "karaoke, lowPass" in errors.FilterUnavailable(["karaoke", "lowPass"]).message
    assert errors.NoMatches("x").message == "No matches found for identifier"
    assert errors.NotOneTrack("x").identifier == "x"
