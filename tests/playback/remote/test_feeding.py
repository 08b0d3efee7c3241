"""The program's end of a feed."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voxlink.playback.feed import stream_track
from voxlink.playback.remote.feeding import RemoteFeed
from voxlink.playback.remote.wire import EndPieces, Piece, ToEngine

FRAME = bytes(3840)


def a_feed(sent: list[ToEngine]) -> RemoteFeed:
    return RemoteFeed(9, "pcm", stream_track(title="", author=""), send=sent.append)


def test_nothing_is_sent_without_room_and_the_end_comes_last() -> None:
    sent: list[ToEngine] = []
    feed = a_feed(sent)
    feed.put(b"1234")
    feed.end()
    assert sent == []
    feed.give_room(1)
    assert sent == [Piece(9, b"1234"), EndPieces(9, None)]


def test_another_process_gets_what_was_not_heard() -> None:
    sent: list[ToEngine] = []
    feed = a_feed(sent)
    feed.give_room(10)
    for number in range(5):
        feed.put(FRAME + bytes([number] * 4))
    feed.end("it failed")
    feed.played(45)
    sent.clear()
    assert feed.again() == 40
    feed.give_room(10)
    assert [message.piece[-1] for message in sent if isinstance(message, Piece)] == [2, 3, 4]
    assert sent[-1] == EndPieces(9, "it failed")


def test_when_all_was_heard_the_next_process_begins_where_it_ends() -> None:
    feed = a_feed([])
    feed.give_room(2)
    feed.put(FRAME)
    feed.played(1000)
    assert feed.again() == 20


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens when: pieces keep their order, none is lost, and no more are sent than there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[ToEngine] = []
        self.feed = a_feed(self.sent)
        self.put_so_far = 0
        self.asked_for = 0
        self.heard = 0
        self.granted = 0
        self.first = 0

    def take_room(self) -> None:
        while not self.feed.room.locked():
            self.feed.room._value -= 1
            self.asked_for += 1

    @precondition(lambda self: self.asked_for > self.put_so_far)
    @rule()
    def the_program_answers(self) -> None:
        self.feed.put(FRAME[:-4] + self.put_so_far.to_bytes(4, "big"))
        self.put_so_far += 1
        self.take_room()

    @rule(pieces=st.integers(1, 5))
    def there_is_room(self, pieces: int) -> None:
        self.granted += pieces
        self.feed.give_room(pieces)
        self.take_room()

    @rule(share=st.floats(0, 1))
    def some_is_heard(self, share: float) -> None:
        received = self.first + len(self.sent)
        self.heard = max(self.heard, int(self.heard + share * (received - self.heard)))
        self.feed.played(self.heard * 20)

    @rule()
    def the_process_dies(self) -> None:
        self.sent.clear()
        self.granted = 0
        self.first = self.heard
        assert self.feed.again() == self.heard * 20

    @invariant()
    def pieces_are_in_order_and_have_room(self) -> None:
        numbers = [int.from_bytes(message.piece[-4:], "big") for message in self.sent if isinstance(message, Piece)]
        assert numbers == list(range(self.first, self.first + len(numbers)))
        assert len(numbers) <= self.granted


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
