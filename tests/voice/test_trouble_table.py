"""The table of close codes and troubles is complete, and each of its tests is there and meets what the row is about."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

from voice.trouble_table import CLOSE_CODES, PROMISES, TROUBLES, Held
from voxlink.testing import LinkTrouble, VoiceServer
from voxlink.voice.close_codes import REACTIONS, reaction_to

TESTS = Path(__file__).parents[1]
NO_TROUBLE = {
    "start", "close", "endpoint", "certificate", "ssl_context", "admit", "seat", "listener", "resumes", "strays",
    "kernel_drops", "wait_settled", "report_reception",
}  # fmt: skip
ALL = {held for row in CLOSE_CODES.values() for held in row.tests} | {held for row in TROUBLES.values() for held in row}


def test_every_close_code_has_a_row() -> None:
    named = {4001, 4002, 4003, 4004, 4005, 4006, 4009, 4011, 4012, 4013, 4014, 4015, 4016, 4017, 4020, 4021, 4022}
    assert set(CLOSE_CODES) == named | {1000, 1001, 1005, 1006, 3999}
    assert named == set(REACTIONS)


@pytest.mark.parametrize("code", CLOSE_CODES)
def test_the_reaction_of_each_row_is_ours_and_its_cases_are_about_this_code(code: int) -> None:
    row = CLOSE_CODES[code]
    assert reaction_to(code) is row.reaction
    assert row.tests
    assert {held.case for held in row.tests} <= {code, None}


def test_every_trouble_of_the_server_has_a_row_and_no_other_has() -> None:
    methods = {name for name in vars(VoiceServer) if not name.startswith("_")} - NO_TROUBLE
    fields = {f"LinkTrouble.{field.name}" for field in dataclasses.fields(LinkTrouble) if field.init}
    assert set(TROUBLES) == methods | fields - {"LinkTrouble.seed"}
    assert all(TROUBLES.values())


@pytest.mark.parametrize("name", [name for name in TROUBLES if "." not in name])
def test_a_troubles_tests_make_that_trouble(name: str) -> None:
    for held in TROUBLES[name]:
        assert f".{name}(" in inspect.getsource(find(held)), held


@pytest.mark.parametrize("name", [name for name in TROUBLES if "." in name])
def test_a_bad_links_tests_make_it_bad_in_that_way(name: str) -> None:
    for held in TROUBLES[name]:
        assert f"{name.split('.')[1]}=" in inspect.getsource(find(held)), held


@pytest.mark.parametrize("held", [*sorted(ALL, key=str), *PROMISES.values()], ids=lambda held: f"{held[1]}-{held[2]}")
def test_every_named_test_is_there_and_runs_in_make_test(held: Held) -> None:
    function = find(held)
    assert inspect.iscoroutinefunction(function), "live tests wait for a server"
    marks: list[pytest.Mark] = getattr(function, "pytestmark", [])
    assert not {"skip", "skipif", "xfail", "long"} & {mark.name for mark in marks}
    if held.case is not None:
        assert held.case in [case for mark in marks if mark.name == "parametrize" for case in mark.args[1]]


def find(held: Held) -> Any:
    assert (TESTS / held.file).exists()
    return getattr(importlib.import_module(held.file.removesuffix(".py").replace("/", ".")), held.test)
