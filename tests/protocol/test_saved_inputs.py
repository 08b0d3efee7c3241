"""The inputs that fuzzing chose as the fewest which reach all code, once each; fuzzing itself is `make fuzz`."""

from __future__ import annotations

import pytest
from fuzz import json_values, track_codec
from fuzz.__main__ import corpus_of


@pytest.mark.parametrize(("target", "check"), [("track_codec", track_codec.check), ("json_values", json_values.check)])
def test_nothing_is_found_in_the_saved_inputs(target: str, check: object) -> None:
    inputs = corpus_of(target)
    assert len(inputs) > 20
    assert callable(check)
    for data in inputs:
        check(data)
