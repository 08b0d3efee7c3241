"""What a session still has to say is kept in order, within a limit, and not lost with the connection."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voxlink.nodeserver.outbox import Outbox


def texts(outbox: Outbox, *, keep: bool = False) -> list[str]:
    taken: list[str] = []
    while (item := outbox.take(keep=keep)) is not None:
        taken.append(item.text)
    return taken


def test_messages_leave_in_the_order_in_which_they_came() -> None:
    outbox = Outbox()
    for text in "abc":
        outbox.put(text)
    assert texts(outbox) == ["a", "b", "c"]
    assert outbox.take(keep=True) is None


def test_a_newer_update_of_the_same_player_supersedes_the_waiting_one() -> None:
    outbox = Outbox()
    outbox.put("1 at 0", replaces="1")
    outbox.put("event")
    outbox.put("2 at 0", replaces="2")
    outbox.put("1 at 5", replaces="1")
    assert texts(outbox) == ["event", "2 at 0", "1 at 5"]


def test_what_a_dead_connection_swallowed_comes_again_before_the_rest() -> None:
    outbox = Outbox()
    for text in ("a", "b", "c", "d"):
        outbox.put(text)
    first = outbox.take(keep=True)
    second = outbox.take(keep=True)
    assert first is not None
    assert second is not None
    outbox.confirm(first.number)
    outbox.lost()
    assert texts(outbox, keep=True) == ["b", "c", "d"]
    outbox.confirm(99)
    outbox.lost()
    assert texts(outbox) == []
    assert outbox.size_bytes == 0


def test_what_a_client_had_that_left_in_good_order_never_comes_again() -> None:
    outbox = Outbox()
    outbox.put("a")
    outbox.put("b")
    outbox.take(keep=True)
    outbox.delivered()
    outbox.lost()
    assert texts(outbox) == ["b"]
    assert outbox.size_bytes == 0


def test_updates_are_never_replayed() -> None:
    outbox = Outbox()
    outbox.put("update", replaces="1")
    outbox.take(keep=True)
    outbox.lost()
    assert len(outbox) == 0


def test_without_keep_nothing_is_held_back() -> None:
    outbox = Outbox()
    outbox.put("event")
    outbox.take(keep=False)
    outbox.lost()
    assert (len(outbox), outbox.size_bytes) == (0, 0)


def test_the_limit_is_kept_by_giving_up_the_oldest() -> None:
    outbox = Outbox(limit_bytes=25)
    for number in range(10):
        outbox.put(f"{number}{'x' * 9}")
    assert outbox.overflowed
    assert outbox.dropped == 8
    assert [text[0] for text in texts(outbox)] == ["8", "9"]


def test_updates_of_ten_thousand_rounds_need_no_more_room_than_one() -> None:
    outbox = Outbox(limit_bytes=1000)
    for round_ in range(10_000):
        for guild in range(5):
            outbox.put(f"{round_:05}", replaces=str(guild))
    assert len(outbox) == 5
    assert not outbox.overflowed


def test_forgotten_kinds_no_longer_wait() -> None:
    outbox = Outbox()
    outbox.put("u1", replaces="player 1")
    outbox.put("event")
    outbox.put("stats", replaces="stats")
    outbox.forget_superseded("player ")
    assert texts(outbox) == ["event", "stats"]


class OutboxAgainstAList(RuleBasedStateMachine):
    """The outbox and a plain list of everything that is not yet confirmed say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(limit_bytes=10_000)
        self.waiting: list[tuple[str, str | None]] = []
        self.taken: list[tuple[int, str]] = []

    @rule(text=st.text(max_size=5), key=st.sampled_from([None, None, "a", "b"]))
    def put(self, text: str, key: str | None) -> None:
        self.outbox.put(text, replaces=key)
        if key is not None:
            self.waiting = [pair for pair in self.waiting if pair[1] != key]
        self.waiting.append((text, key))

    @rule(keep=st.booleans())
    def take(self, keep: bool) -> None:
        item = self.outbox.take(keep=keep)
        if not self.waiting:
            assert item is None
            return
        text, key = self.waiting.pop(0)
        assert item is not None
        assert item.text == text
        if keep and key is None:
            self.taken.append((item.number, text))

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        number, _ = data.draw(st.sampled_from(self.taken))
        self.outbox.confirm(number)
        self.taken = [pair for pair in self.taken if pair[0] > number]

    @rule()
    def lose(self) -> None:
        self.outbox.lost()
        self.waiting = [(text, None) for _, text in self.taken] + self.waiting
        self.taken = []

    @invariant()
    def the_sizes_agree(self) -> None:
        assert len(self.outbox) == len(self.waiting)
        held = sum(len(text) for text, _ in self.waiting) + sum(len(text) for _, text in self.taken)
        assert self.outbox.size_bytes == held


TestOutboxAgainstAList = OutboxAgainstAList.TestCase
