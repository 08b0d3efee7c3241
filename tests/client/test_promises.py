"""Every sentence of the API document has a behaviour test that holds us to it, or promises nothing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from client import prose
from client.promises import (
    none,
    of_events,
    of_filters,
    of_the_client,
    of_the_managers,
    of_the_node,
    of_the_player,
    of_values,
)

HERE = Path(__file__).parent
SENTENCES = prose.sentences()
SECTIONS = (of_the_client, of_values, of_events, of_filters, of_the_player, of_the_node, of_the_managers)
HELD = [(test, sentence) for section in SECTIONS for test, found in section.PROMISES.items() for sentence in found]
FREE = [(reason, sentence) for reason, found in none.NO_PROMISES.items() for sentence in found]
SOUNDS_LIKE_A_PROMISE = re.compile(
    r"\b(raises?d?|defaults?|must be|limits?|range|milliseconds|unspecified|None|returns?|ignored)\b", re.IGNORECASE
)
MAY_SOUND_SO = {"what Lavalink or Discord does", "points to another page"}


def test_the_document_was_read() -> None:
    """A parser that misses paragraphs would make the tests below pass."""
    assert len(SENTENCES) >= 679, len(SENTENCES)
    assert {
        "Raises KeyError – If the key doesn’t exist.",
        "Defaults to None which is a random node.",
        "0 < frequency ≤ 14",
        "This option is mutually exclusive with identifier.",
        "Whether to enable trace logging for this request.",
        "A bool, if the returned status code was 204.",
    } <= set(SENTENCES)


def test_every_sentence_is_held_by_a_test_or_promises_nothing() -> None:
    told = {sentence for _, sentence in HELD + FREE}
    assert [f"{place}: {sentence}" for sentence, place in SENTENCES.items() if sentence not in told] == []


def test_every_entry_is_in_the_document_and_there_once() -> None:
    counted = Counter(sentence for _, sentence in HELD + FREE)
    assert [sentence for sentence in counted if sentence not in SENTENCES] == []
    assert [sentence for sentence, count in counted.items() if count > 1] == []


def test_what_sounds_like_a_promise_is_held() -> None:
    heard = [sentence for why, sentence in FREE if why not in MAY_SOUND_SO and SOUNDS_LIKE_A_PROMISE.search(sentence)]
    assert heard == []


@pytest.mark.parametrize("test", sorted({test for test, _ in HELD}))
def test_its_test_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((HERE / f"{path}.py").read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
