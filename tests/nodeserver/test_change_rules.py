"""Rules for a player change, without a server around them; their order is tested in test_players.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from voxlink.errors import FilterUnavailable, InvalidChange, PlayerRefused
from voxlink.nodeserver.change_rules import checked
from voxlink.nodeserver.known_keys import FILTERS
from voxlink.protocol import EqualizerBand, Filters, TimescaleFilter, UpdatePlayer, decode_body


def change(body: str) -> UpdatePlayer:
    return decode_body(body.encode(), UpdatePlayer)


def test_a_harmless_change_passes_as_it_is() -> None:
    asked = change('{"volume": 5, "position": -1}')
    assert checked(asked, FILTERS) == asked


def test_nulls_and_strange_plugin_filters_are_settled() -> None:
    asked = change('{"filters": {"karaoke": null, "timescale": {}, "pluginFilters": {"echo": 1}}}')
    filters = checked(asked, ()).filters
    assert filters == Filters(timescale=TimescaleFilter())


@given(st.sets(st.sampled_from(FILTERS)), st.sets(st.sampled_from(FILTERS)))
def test_exactly_the_disabled_filters_are_named_in_lavalinks_order(present: set[str], disabled: set[str]) -> None:
    neutral = {"volume": "1.0", "equalizer": "[]"}
    body = ",".join(f'"{name}": {neutral.get(name, "null")}' for name in present)
    named = [name for name in FILTERS if name in present & disabled]
    asked = change(f'{{"filters": {{{body}}}}}')
    if not named:
        checked(asked, disabled)
        return
    with pytest.raises(InvalidChange) as refused:
        checked(asked, disabled)
    assert refused.value.message == f"Following filters are disabled in the config: {', '.join(named)}"


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=4))
def test_only_bands_that_exist_are_taken(bands: list[int]) -> None:
    filters = Filters(equalizer=[EqualizerBand(band, 0.0) for band in bands])
    if all(0 <= band <= 14 for band in bands):
        assert checked(UpdatePlayer(filters=filters), ()).filters == filters
    else:
        with pytest.raises(PlayerRefused, match="band must be from 0 to 14"):
            checked(UpdatePlayer(filters=filters), ())


def test_a_filter_that_would_be_heard_is_refused_by_name() -> None:
    with pytest.raises(FilterUnavailable) as refused:
        checked(change('{"filters": {"rotation": {"rotationHz": 0.2}, "vibrato": {}}}'), ())
    assert refused.value.names == ["vibrato", "rotation"]


def test_nothing_asked_is_nothing_wrong() -> None:
    assert checked(UpdatePlayer(), FILTERS).filters is UNSET
