"""Wrapping numbers keep their order across the wrap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink._util.wrapping import U16, U32, distance_u16, distance_u32


@given(st.integers(0, U16 - 1), st.integers(-0x8000, 0x7FFF))
def test_a_step_of_u16_is_found_again(start: int, step: int) -> None:
    assert distance_u16((start + step) % U16, start) == step


@given(st.integers(0, U32 - 1), st.integers(-0x8000_0000, 0x7FFF_FFFF))
def test_a_step_of_u32_is_found_again(start: int, step: int) -> None:
    assert distance_u32((start + step) % U32, start) == step
