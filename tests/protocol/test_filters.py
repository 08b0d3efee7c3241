"""Filters, their defaults, and what of them can be heard."""

from __future__ import annotations

import pytest

from protocol.exact import exact
from voxlink.protocol import Filters, decode_body, encode

FULL = (
    '{"volume":1.0,"equalizer":[{"band":0,"gain":0.25}],'
    '"karaoke":{"level":1.0,"monoLevel":1.0,"filterBand":220.0,"filterWidth":100.0},'
    '"timescale":{"speed":1.0,"pitch":1.0,"rate":1.0},"tremolo":{"frequency":2.0,"depth":0.5},'
    '"vibrato":{"frequency":2.0,"depth":0.5},'
    '"distortion":{"sinOffset":0.0,"sinScale":1.0,"cosOffset":0.0,"cosScale":1.0,"tanOffset":0.0,"tanScale":1.0,'
    '"offset":0.0,"scale":1.0},"rotation":{"rotationHz":0.0},'
    '"channelMix":{"leftToLeft":1.0,"leftToRight":0.0,"rightToLeft":0.0,"rightToRight":1.0},'
    '"lowPass":{"smoothing":20.0},"pluginFilters":{"echo":{"delay":1.5}}}'
)
NAMES = [
    "volume", "equalizer", "karaoke", "timescale", "tremolo", "vibrato", "distortion", "rotation", "channelMix",
    "lowPass",
]  # fmt: skip


def test_all_filters_are_written_in_lavalinks_order() -> None:
    filters = exact(FULL, Filters)
    assert filters.named() == [*NAMES, "echo"]


@pytest.mark.parametrize("name", NAMES[2:])
def test_a_filter_that_is_set_gets_its_defaults(name: str) -> None:
    defaults = FULL.split(f'"{name}":')[1].split("}")[0] + "}"
    assert encode(decode_body(f'{{"{name}":{{}}}}', Filters)).decode() == f'{{"{name}":{defaults}}}'


def test_a_band_without_a_gain_has_the_gain_one() -> None:
    assert encode(decode_body('{"equalizer":[{"band":3}]}', Filters)) == b'{"equalizer":[{"band":3,"gain":1.0}]}'


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("{}", []),
        ('{"volume":1}', []),
        ('{"volume":0.5}', ["volume"]),
        ('{"volume":0}', ["volume"]),
        ('{"equalizer":[]}', []),
        ('{"equalizer":[{"band":0,"gain":0}]}', []),
        ('{"equalizer":[{"band":0,"gain":0},{"band":3}]}', ["equalizer"]),
        ('{"karaoke":{}}', ["karaoke"]),
        ('{"karaoke":null}', []),
        ('{"timescale":{}}', []),
        ('{"timescale":{"rate":1.1}}', ["timescale"]),
        ('{"tremolo":{}}', ["tremolo"]),
        ('{"tremolo":{"depth":0}}', []),
        ('{"vibrato":{"depth":0}}', []),
        ('{"vibrato":{"depth":0.1}}', ["vibrato"]),
        ('{"distortion":{}}', []),
        ('{"distortion":{"offset":0.1}}', ["distortion"]),
        ('{"rotation":{}}', []),
        ('{"rotation":{"rotationHz":0.2}}', ["rotation"]),
        ('{"channelMix":{}}', []),
        ('{"channelMix":{"leftToRight":1}}', ["channelMix"]),
        ('{"lowPass":{}}', ["lowPass"]),
        ('{"lowPass":{"smoothing":1}}', []),
        ('{"pluginFilters":{}}', []),
        ('{"lowPass":{},"volume":2,"pluginFilters":{"echo":{}}}', ["volume", "lowPass", "echo"]),
    ],
)
def test_only_values_that_change_the_sound_count(text: str, heard: list[str]) -> None:
    assert decode_body(text, Filters).audible() == heard


def test_null_and_absent_are_told_apart_until_the_filters_are_settled() -> None:
    filters = decode_body('{"volume":0.5,"timescale":null,"tremolo":{},"pluginFilters":{"a":1,"b":2},"x":1}', Filters)
    assert filters.named() == ["volume", "timescale", "tremolo", "a", "b"]
    tremolo = '"tremolo":{"frequency":2.0,"depth":0.5}'
    assert encode(filters.settled()).decode() == f'{{"volume":0.5,{tremolo}}}'
    assert encode(filters.settled({"b"})).decode() == f'{{"volume":0.5,{tremolo},"pluginFilters":{{"b":2}}}}'


def test_neutral_filters_are_kept_when_settled() -> None:
    text = '{"volume":1.0,"equalizer":[]}'
    assert encode(decode_body(text, Filters).settled()).decode() == text
