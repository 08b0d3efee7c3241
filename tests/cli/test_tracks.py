"""Encoded tracks are shown and made, as arguments or line by line."""

from __future__ import annotations

import io
import json

import pytest

from voxlink.cli import main

RICK = (
    "QAAAjQIAJVJpY2sgQXN0bGV5IC0gTmV2ZXIgR29ubmEgR2l2ZSBZb3UgVXAADlJpY2tBc3RsZXlWRVZPAAAAAAADPCAAC2RRdzR3OVdnWGNRAAEA"
    "K2h0dHBzOi8vd3d3LnlvdXR1YmUuY29tL3dhdGNoP3Y9ZFF3NHc5V2dYY1EAB3lvdXR1YmUAAAAAAAAAAA=="
)
"""A v2 track of Lavalink's documentation (server.md 6.1)."""
LOCAL = (
    '{"identifier":"/a.mp3","isSeekable":true,"author":"","length":5,"isStream":false,"position":0,"title":"",'
    '"uri":null,"sourceName":"local"}'
)


def test_a_track_is_shown_as_a_node_answers_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", RICK]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["encoded", "info", "pluginInfo", "userData"]
    assert shown["encoded"] == RICK
    assert shown["info"]["title"] == "Rick Astley - Never Gonna Give You Up"
    assert shown["info"]["length"] == 212_000


def test_what_was_shown_can_be_made_again(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    main(["decode", RICK, RICK])
    monkeypatch.setattr("sys.stdin", io.StringIO(capsys.readouterr().out + "\n"))
    assert main(["encode"]) == 0
    lines = capsys.readouterr().out.split()
    assert len(lines) == 2
    main(["decode", *lines])
    assert json.loads(capsys.readouterr().out.splitlines()[0])["info"]["identifier"] == "dQw4w9WgXcQ"


def test_an_info_alone_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    info = {
        "identifier": "/a.mp3", "isSeekable": True, "author": "é", "length": 5, "isStream": False, "position": 0,
        "title": "😀", "uri": None, "sourceName": "youtube", "artworkUrl": None, "isrc": None,
    }  # fmt: skip
    assert main(["encode", json.dumps(info)]) == 0
    assert main(["decode", capsys.readouterr().out.strip()]) == 0
    assert json.loads(capsys.readouterr().out)["info"] == info


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["decode", "!!"], "no Base64"),
        (["decode", ""], "ends in its header"),
        (["encode", "{"], "not JSON"),
        (["encode", '{"info": "\udcd4"}'], "not JSON"),
        (["encode", "[]"], "a track is a JSON object"),
        (["encode", '{"title": 5}'], "$"),
        (["encode", '{"info": {}}'], "$.info"),
        (["encode", LOCAL], "probeInfo"),
    ],
)
def test_what_is_no_track_is_one_line_and_status_1(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert complaint in error
    assert error.count("\n") == 1
