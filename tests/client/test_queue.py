"""The queue is a list that tells about its changes."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.world import track
from voxlink.client import Queue
from voxlink.errors import BadValue
from voxlink.protocol import AudioTrack

SONGS = [track(f"song {number}", length_ms=1000 * (number + 1)) for number in range(6)]


def titles(queue: list[AudioTrack]) -> str:
    return "".join(song.title[-1] for song in queue)


def test_it_is_a_list_everywhere() -> None:
    queue = Queue(SONGS)
    assert isinstance(queue, list)
    assert queue == SONGS
    assert queue[1:3] == SONGS[1:3]
    assert SONGS[2] in queue
    assert json.dumps(queue, default=lambda song: song.title).count("song") == 6
    assert pickle.loads(pickle.dumps(Queue([]))) == []
    random.shuffle(queue)
    assert sorted(queue, key=lambda song: song.title) == SONGS


MUTATORS: dict[str, Callable[[Queue], object]] = {
    "append": lambda q: q.append(SONGS[0]),
    "extend": lambda q: q.extend(SONGS[:2]),
    "insert": lambda q: q.insert(0, SONGS[0]),
    "iadd": lambda q: q.__iadd__([SONGS[0]]),
    "imul": lambda q: q.__imul__(2),
    "pop": lambda q: q.pop(0),
    "remove": lambda q: q.remove(SONGS[1]),
    "remove some": lambda q: q.remove(lambda song: song.title.endswith("1")),
    "clear": lambda q: q.clear(),
    "sort": lambda q: q.sort(key=lambda song: song.title),
    "reverse": lambda q: q.reverse(),
    "set": lambda q: q.__setitem__(0, SONGS[5]),
    "set slice": lambda q: q.__setitem__(slice(0, 2), []),
    "delete": lambda q: q.__delitem__(0),
    "move": lambda q: q.move(0, 2),
    "jump": lambda q: q.jump(1),
    "dedupe": lambda q: (q.append(q[0]), q.dedupe()),
    "shuffle": lambda q: q.shuffle_in_place(),
    "interleave": lambda q: q.interleave_requesters(),
    "take": lambda q: q.take(SONGS[0]),
}


@pytest.mark.parametrize("name", MUTATORS)
def test_every_mutator_notifies(name: str) -> None:
    heard: list[str] = []
    queue = Queue(SONGS[:4], on_change=lambda operation, _tracks: heard.append(operation))
    MUTATORS[name](queue)
    assert heard


CHANGES = {
    "append": "0",
    "extend": "01",
    "insert": "0",
    "iadd": "0",
    "imul": "0123",
    "pop": "0",
    "remove": "1",
    "remove some": "1",
    "clear": "0123",
    "sort": "0123",
    "reverse": "3210",
    "set": "05",
    "set slice": "01",
    "delete": "0",
    "move": "0",
    "jump": "0",
    "take": "0",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_names_the_tracks_that_it_added_removed_or_moved(name: str) -> None:
    told: list[Sequence[AudioTrack]] = []
    MUTATORS[name](Queue(SONGS[:4], on_change=lambda _operation, tracks: told.append(tracks)))
    assert [titles(list(tracks)) for tracks in told] == [CHANGES[name]]


def test_doubles_that_go_are_named_also_when_they_are_the_same_object() -> None:
    told: list[Sequence[AudioTrack]] = []
    queue = Queue([SONGS[0], SONGS[1], SONGS[0]], on_change=lambda _operation, tracks: told.append(tracks))
    assert queue.dedupe() == 1
    assert (titles(queue), [list(tracks) for tracks in told]) == ("01", [[SONGS[0]]])


@given(st.lists(st.tuples(st.sampled_from(sorted(MUTATORS)), st.booleans()), max_size=12))
def test_it_does_what_a_list_does(steps: list[tuple[str, bool]]) -> None:
    plain = {"append", "extend", "insert", "pop", "clear", "reverse", "set", "delete"}
    queue, model = Queue(SONGS[:4]), list(SONGS[:4])
    for name, _ in steps:
        if name in plain and (model or name in {"append", "extend", "insert", "clear", "reverse"}):
            MUTATORS[name](queue)
            MUTATORS[name](model)  # type: ignore[arg-type]
    assert queue == model


def test_remove_takes_a_track_a_slice_or_a_predicate() -> None:
    queue = Queue(SONGS)
    queue.remove(SONGS[0])
    assert titles(queue.remove(slice(0, 2))) == "12"
    assert titles(queue.remove(lambda song: song.title.endswith("4"))) == "4"
    assert titles(queue) == "35"
    with pytest.raises(ValueError):
        queue.remove(SONGS[0])


def test_a_full_queue_takes_nothing_more_and_loses_nothing() -> None:
    queue = Queue(SONGS[:2], max_size=3)
    with pytest.raises(BadValue):
        queue.extend(SONGS[:2])
    assert queue == SONGS[:2]


def test_moving_jumping_and_looking() -> None:
    queue = Queue(SONGS)
    queue.move(5, 0)
    assert titles(queue) == "501234"
    assert titles(queue.jump(2)) == "50"
    assert queue.peek() is SONGS[1]
    with pytest.raises(IndexError):
        queue.jump(99)
    assert Queue().peek() is None


def test_requesters_take_turns() -> None:
    songs = [track("a"), track("b"), track("c"), track("d")]
    for song, requester in zip(songs, (1, 1, 2, 1), strict=True):
        song.requester = requester
    queue = Queue(songs)
    queue.interleave_requesters()
    assert [song.title for song in queue] == ["a", "c", "b", "d"]
    assert [song.title for song in queue.by_requester(2)] == ["c"]


def test_duplicates_go_and_durations_add_up() -> None:
    queue = Queue([SONGS[0], SONGS[1], SONGS[0], track("live", is_stream=True)])
    assert (queue.dedupe(), queue.total_duration) == (1, 3000)


def test_history_is_bounded() -> None:
    queue = Queue(history_size=2)
    queue.history.extend(SONGS[:4])
    assert titles(list(queue.history)) == "23"


def test_no_way_of_writing_goes_past_the_limit() -> None:
    queue = Queue(SONGS[:2], max_size=3)
    with pytest.raises(BadValue):
        queue[:] = SONGS
    with pytest.raises(BadValue):
        queue[1:1] = SONGS[:2]
    assert queue == SONGS[:2]
    queue[:] = SONGS[:3]
    queue[0:2] = SONGS[4:5]
    assert titles(queue) == "42"


def test_removing_a_slice_leaves_the_same_track_elsewhere_alone() -> None:
    queue = Queue([SONGS[0], SONGS[1], SONGS[0]])
    assert titles(queue.remove(slice(0, 1))) == "0"
    assert titles(queue) == "10"
    with pytest.raises(ValueError):
        queue.remove("no track")  # type: ignore[arg-type]
