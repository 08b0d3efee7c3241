"""A secret stays one."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink._util.secret import Secret


@given(st.text(min_size=1, alphabet=st.characters(exclude_characters="Secrt('*)")))
def test_no_way_of_printing_shows_the_text(text: str) -> None:
    secret = Secret(text)
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}"):
        assert text not in shown
    assert secret.reveal() == text


@given(st.text(), st.text())
def test_only_the_same_text_matches(left: str, right: str) -> None:
    assert Secret(left).matches(right) == (left == right)
    assert Secret(left).matches(left)


@pytest.mark.parametrize("odd", ["\ud800", "é", "\x00"])
def test_odd_characters_are_compared_and_not_refused(odd: str) -> None:
    assert Secret(odd).matches(odd)
    assert not Secret("x").matches(odd)


def test_a_secret_has_no_dict_that_a_dump_could_walk() -> None:
    assert not hasattr(Secret("x"), "__dict__")
    assert b"hunter2" in pickle.dumps(Secret("hunter2").reveal())
