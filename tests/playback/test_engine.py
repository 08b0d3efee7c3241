"""What an engine can be told."""

from __future__ import annotations

import msgspec
import pytest

from voxlink.playback import EngineConfig


def test_every_setting_has_a_default_that_is_safe_on_a_laptop() -> None:
    config = EngineConfig()
    assert not config.local_files
    assert (config.frame_queue_ms, config.player_update_interval_s, config.track_stuck_threshold_ms) == (
        1000,
        5.0,
        10_000,
    )


@pytest.mark.parametrize(
    "wrong",
    [{"frame_queue_ms": 5000}, {"opus_complexity": 11}, {"track_stuck_threshold_ms": 99}, {"no_such_setting": 1}],
)
def test_a_wrong_setting_is_refused_when_it_is_read(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, EngineConfig)
