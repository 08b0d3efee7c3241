"""Which commit counts, and where members sit, with real members of davey."""

from __future__ import annotations

import davey
import pytest

from voxlink.errors import DaveFailure
from voxlink.testing.dave_group import Accepted, DaveGroup, Delivery

CHANNEL = 5


class Members:
    """Sessions that answer each delivery at once; what they commit is kept."""

    def __init__(self) -> None:
        self.group = DaveGroup(CHANNEL)
        self.sessions: dict[int, davey.DaveSession] = {}
        self.commits: list[tuple[int, bytes]] = []

    def offer(self, user_id: int) -> None:
        session = davey.DaveSession(1, user_id, CHANNEL)
        session.set_external_sender(self.group.sender.announcement)
        self.sessions[user_id] = session
        self.deliver(self.group.offer(user_id, session.get_serialized_key_package()))

    def deliver(self, deliveries: list[Delivery]) -> None:
        for each in deliveries:
            kind = davey.ProposalsOperationType.revoke if each.proposals[0] else davey.ProposalsOperationType.append
            answer = self.sessions[each.user_id].process_proposals(kind, each.proposals[1:])
            if answer is not None:
                self.commits.append((each.user_id, answer.commit + (answer.welcome or b"")))

    def commit(self, index: int = -1) -> Accepted:
        user_id, body = self.commits[index]
        self.commits = []
        accepted = self.group.commit(user_id, body)
        assert isinstance(accepted, Accepted)
        for stayed in accepted.stayed:
            self.sessions[stayed].process_commit(accepted.commit)
        for newcomer, welcome in accepted.welcomes.items():
            self.sessions[newcomer].process_welcome(welcome)
        return accepted


@pytest.fixture
def pair() -> Members:
    members = Members()
    members.offer(1)
    members.offer(2)
    members.commit()
    return members


def test_the_first_commit_makes_the_group_and_sits_first() -> None:
    members = Members()
    members.offer(1)
    assert members.group.is_settled
    members.offer(2)
    assert not members.group.is_settled
    first, second = members.commits
    accepted = members.commit(0)
    assert accepted.creates
    assert (accepted.stayed, list(accepted.welcomes)) == ((first[0],), [second[0]])
    assert members.group.tree == (first[0], second[0])
    assert members.group.commit(*second) == [], "a later commit of the epoch is dropped"


def test_a_commit_must_hold_all_open_proposals(pair: Members) -> None:
    pair.offer(3)
    early = pair.commits[0]
    pair.offer(4)
    assert pair.group.commit(*early) == []
    pair.commit()
    assert sorted(pair.group.tree) == [1, 2, 3, 4]


def test_nobody_commits_for_another(pair: Members) -> None:
    pair.offer(3)
    (first, body), _ = pair.commits
    assert pair.group.commit(3 - first, body) == []
    assert pair.group.commit(99, body) == []


def test_removed_members_leave_blanks_that_newcomers_fill(pair: Members) -> None:
    pair.offer(3)
    pair.commit()
    middle = pair.group.tree[1]
    pair.deliver(pair.group.withdraw(middle))
    pair.commit()
    assert len(pair.group.tree) == 2
    pair.offer(9)
    pair.commit()
    assert pair.group.tree[1] == 9


def test_a_commit_that_forgot_its_welcome_is_asked_for_again(pair: Members) -> None:
    pair.offer(3)
    pair.deliver(pair.group.distrust(2))
    user_id, body = next(commit for commit in reversed(pair.commits) if commit[0] == 1)
    answer = pair.group.commit(user_id, body)
    assert isinstance(answer, list)
    assert [each.user_id for each in answer] == [1]
    pair.deliver(answer)
    accepted = pair.commit()
    assert sorted(accepted.welcomes) == [3]


def test_a_welcome_that_leaves_a_newcomer_out_is_refused_by_name(pair: Members) -> None:
    pair.offer(3)
    user_id, body = pair.commits[-1]
    with pytest.raises(DaveFailure, match="CutOff"):
        pair.group.commit(user_id, body[:-1])
