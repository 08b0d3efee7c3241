"""The table of defects is complete and true."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from client.defects.table import COUNTS, TABLE, Row

TESTS = Path(__file__).parents[2]
MOST_WITHOUT_A_PEER = 10
CODEC_SECTION = "M"


def test_every_defect_has_a_row_and_no_other_has() -> None:
    assert list(TABLE) == [f"{section}{number}" for section, count in COUNTS.items() for number in range(1, count + 1)]


@pytest.mark.parametrize("identity", TABLE)
def test_every_row_names_a_test_that_is_there_and_looks_at_both_libraries(identity: str) -> None:
    row = TABLE[identity]
    function = find(row)
    assert row.ours == "passes"
    assert row.peer
    if identity.startswith(CODEC_SECTION):
        # These run both libraries in one test; that they do is seen in the names that they use.
        assert {"lavalink", "their_track", "their_read_utfm"} & set(names_in(function))
        return
    assert identity in function.defects
    ids = [param.id for mark in function.pytestmark if "library" in str(mark.args[0]) for param in mark.args[1]]
    assert ids == (["voxlink"] if row.reason else ["voxlink", "lavalink-5.11.1"])


def test_few_rows_go_without_the_peer_and_each_says_why() -> None:
    without = {identity: row.reason for identity, row in TABLE.items() if row.reason}
    assert len(without) <= MOST_WITHOUT_A_PEER
    assert all(len(reason.split()) > 5 for reason in without.values())


def test_every_marked_test_is_in_the_table() -> None:
    rows = {(row.file, row.test) for row in TABLE.values()}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"client.defects.{path.stem}")
        for name, function in vars(module).items():
            if hasattr(function, "defects"):
                assert (f"client/defects/{path.name}", name) in rows


def find(row: Row) -> Any:
    assert (TESTS / row.file).exists()
    module = importlib.import_module(row.file.removesuffix(".py").replace("/", "."))
    return getattr(module, row.test)


def names_in(function: Any) -> tuple[str, ...]:
    inner = getattr(function, "hypothesis", None)
    code = (inner.inner_test if inner else function).__code__
    return (*code.co_names, *code.co_freevars)
