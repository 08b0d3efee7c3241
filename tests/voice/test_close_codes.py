"""The close-code table, code by code, as Discord's documentation and the measured behaviour ask for."""

from __future__ import annotations

import pytest

from voxlink.voice.close_codes import REACTIONS, Reaction, explain, reaction_to


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1011, 1015, 3999])
def test_a_lost_transport_is_resumed(code: int) -> None:
    assert reaction_to(code) is Reaction.RESUME


@pytest.mark.parametrize(
    ("code", "reaction"),
    [
        (4001, Reaction.FRESH), (4002, Reaction.FRESH), (4003, Reaction.FRESH), (4004, Reaction.NEW_TOKEN),
        (4005, Reaction.FRESH), (4006, Reaction.FRESH), (4009, Reaction.RESUME_ONCE), (4011, Reaction.FRESH),
        (4012, Reaction.STOP), (4013, Reaction.RESUME), (4014, Reaction.WAIT), (4015, Reaction.RESUME),
        (4016, Reaction.OTHER_MODE), (4017, Reaction.STOP), (4020, Reaction.FRESH), (4021, Reaction.STOP),
        (4022, Reaction.WAIT), (4999, Reaction.FRESH),
    ],
)  # fmt: skip
def test_each_code_has_its_reaction(code: int, reaction: Reaction) -> None:
    assert reaction_to(code) is reaction


def test_no_code_is_left_out_of_the_test_above() -> None:
    assert set(REACTIONS) == {
        4001, 4002, 4003, 4004, 4005, 4006, 4009, 4011, 4012, 4013, 4014, 4015, 4016, 4017, 4020, 4021, 4022,
    }  # fmt: skip


def test_the_servers_words_come_before_ours() -> None:
    assert explain(4017, "E2EE please") == "E2EE please"
    assert "DAVE" in explain(4017, "")
    assert explain(4999, "") == ""
