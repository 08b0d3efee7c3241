"""The short form of the voice fuzzing campaign: nothing but our named errors comes out (`python -m fuzz.voice`)."""

from __future__ import annotations

import asyncio
import random

import pytest
from fuzz import voice
from fuzz.__main__ import corpus_of
from fuzz.voice import kinds
from fuzz.voice.campaign import Runner, run_block
from fuzz.voice.case import MAX_BYTES, MAX_EDITS, Case, Do, Edit
from fuzz.voice.recording import load
from hypothesis import given
from hypothesis import strategies as st

from voxlink.voice import VoiceConnection

IN_THE_GROUP = {"DAVE frame", "op 25", "op 27", "op 29", "op 30"}

edits = st.builds(
    Edit,
    st.sampled_from(Do).filter(lambda do: do != Do.INSERT),
    st.integers(0, 0xFFFF),
    st.integers(0, 255),
    st.just(b""),
) | st.builds(Edit, st.just(Do.INSERT), st.integers(0, 0xFFFF), st.integers(0, 255), st.binary(min_size=1, max_size=16))
cases = st.builds(
    Case, st.integers(0, 255), st.integers(0, 255), st.lists(edits, max_size=MAX_EDITS).map(tuple[Edit, ...])
)


@pytest.mark.parametrize("block", [1, 3])
def test_mutated_packets_and_messages_raise_only_named_errors(block: int) -> None:
    tally = run_block(block, 1500, seed=1)
    assert tally.finds == []
    assert tally.cases.total() == 1500
    assert {kind.name for kind in kinds.KINDS if kind.share >= 1_000} <= set(tally.cases)


def test_what_is_mutated_reaches_davey_in_a_live_group() -> None:
    tally = run_block(0, 1500, seed=2)
    for name in IN_THE_GROUP:
        assert tally.reached[name] > tally.cases[name] / 2, name
    said = {step for step, _ in tally.davey}
    assert said >= {"external sender", "proposals", "commit", "welcome", "decrypt"}
    assert tally.davey["decrypt", "ok"]
    assert tally.davey["decrypt", "DecryptionFailed"]


def test_the_saved_inputs_raise_only_named_errors() -> None:
    saved = corpus_of("voice")
    assert len(saved) > 100
    runner = Runner()
    runner.run(Case.decode(data) for data in saved)
    assert runner.tally.cases.total() == len(saved)


@pytest.mark.parametrize("kind", range(len(kinds.KINDS)))
def test_each_kind_takes_libfuzzers_bytes(kind: int) -> None:
    for base in (0, 1, 6, 255):
        for data in (bytes([kind, base]), bytes([kind, base, 0, 3, 255, 0x80, 5, 1, 2, 3]), bytes([kind])):
            voice.check(data)


def test_a_campaign_leaves_nothing_changed_behind() -> None:
    before = vars(VoiceConnection).copy()
    run_block(0, 50, seed=3)
    assert vars(VoiceConnection) == before
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_a_defect_is_a_find_with_the_way_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    class Panic(BaseException):
        """Like the one of the Rust library."""

    def panic(*_: object) -> None:
        raise Panic

    monkeypatch.setattr("fuzz.voice.campaign.WORK", tmp_path)
    monkeypatch.setattr(VoiceConnection, "binary_received", panic)
    tally = run_block(0, 500, seed=1)
    assert len(tally.finds) == 1
    assert "Panic" in tally.finds[0]


def test_the_same_seed_gives_the_same_cases() -> None:
    def draw(seed: int) -> list[bytes]:
        chance = random.Random(seed)
        return [kinds.MUTATOR.draw(chance).encode() for _ in range(200)]

    assert draw(1) == draw(1) != draw(2)


@given(cases)
def test_a_case_is_read_as_it_was_written(case: Case) -> None:
    assert Case.decode(case.encode()) == case


@given(st.binary(max_size=60), st.binary(max_size=80))
def test_any_bytes_are_a_case_that_changes_something(data: bytes, base: bytes) -> None:
    case = Case.decode(data)
    changed = case.edit(base)
    assert changed != base or not base
    assert len(changed) < 70_000


@given(st.binary(max_size=80), st.integers(0, 2**32 - 1))
def test_libfuzzers_mutator_gives_cases_that_fit(data: bytes, seed: int) -> None:
    changed = voice.mutate(data, MAX_BYTES, seed)
    assert len(changed) <= MAX_BYTES
    assert Case.decode(changed)


def test_the_recorded_sessions_hold_what_a_server_says() -> None:
    recordings = load()
    ops = {each.fields["op"] for recording in recordings for each in recording.received if each.kind == "text"}
    binary = {each.data[2] for recording in recordings for each in recording.received if each.kind == "binary"}
    assert ops >= {2, 4, 5, 8, 9, 11, 13, 21, 22, 24}
    assert binary == {25, 27, 29, 30}
    assert any(each.kind == "lost" for recording in recordings for each in recording.received)
    assert all(recording.datagrams for recording in recordings)
