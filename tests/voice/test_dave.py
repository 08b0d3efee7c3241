"""The end-to-end layer in virtual time: groups form and change, keys switch late enough, trouble stays inside."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from voice.dave_room import CHANNEL, OurMember, Room, decrypts
from voxlink.errors import DaveFailure
from voxlink.testing.dave_call import BinaryMessage, DaveMessage, TextMessage
from voxlink.testing.dave_participant import DaveParticipant
from voxlink.testing.mls_wire import read_commit, read_key_package, vec
from voxlink.voice import gateway_message as words
from voxlink.voice.dave import MAX_FAILURES, MAX_WAIT_S, SWITCH_MS, Dave
from voxlink.voice.gateway_effect import EncryptAgain, SendBinary, SendText
from voxlink.voice.rtp import SILENCE_FRAME

US, THEM, LATER = 100, 200, 300
FRAME = b"\xfcframe"


def pair(seed: int = 0, *, depth: int = 50) -> tuple[Room, OurMember]:
    room = Room(seed=seed)
    ours = room.join_ours(US, depth=depth)
    room.run(0.1)
    room.join_theirs(THEM)
    room.run(0.5)
    assert ours.dave.has_key
    return room, ours


def test_alone_only_silence_leaves_and_frames_are_consumed() -> None:
    room = Room()
    ours = room.join_ours(US)
    sent = room.run(1)
    assert {payload for _, _, payload in sent} == {SILENCE_FRAME}
    assert len({plain for _, plain, _ in sent}) == 50
    assert not ours.dave.has_key
    assert ours.dave.privacy_code is None


def test_two_members_agree_and_hear_each_other() -> None:
    room, ours = pair()
    theirs = room.theirs[THEM]
    assert ours.dave.privacy_code == theirs.privacy_code
    assert ours.dave.epoch == theirs.epoch == 1
    assert all(decrypts(theirs, US, payload) for _, _, payload in room.run(1))
    assert ours.dave.decrypt(THEM, (theirs.encrypt(FRAME) or b"")) == FRAME
    assert ours.events[-1].privacy_code == ours.dave.privacy_code


def test_we_join_by_welcome() -> None:
    room = Room()
    room.join_theirs(THEM)
    room.join_theirs(LATER)
    room.run(0.5)
    ours = room.join_ours(US)
    room.run(1)
    assert ours.dave.privacy_code == room.theirs[THEM].privacy_code
    assert all(decrypts(room.theirs[LATER], US, payload) for _, _, payload in room.run(1))


def test_an_impossible_user_id_keeps_nobody_out() -> None:
    room, ours = pair()
    ours.users.add(1 << 64)
    newcomer = room.join_theirs(LATER)
    room.run(1)
    assert newcomer.privacy_code == ours.dave.privacy_code
    assert ours.dave.epoch == 2


def test_without_encryption_frames_pass_as_they_are() -> None:
    room = Room(version=0)
    room.join_ours(US)
    assert all(plain == payload for _, plain, payload in room.run(0.2))


def test_a_newcomer_hears_us_within_half_a_second_and_nobody_else_loses_a_frame() -> None:
    room, _ = pair()
    room.skew_s = 0.3
    newcomer = room.join_theirs(LATER)
    heard: list[bool] = []
    room.hear = lambda sender, plain, payload: heard.append(decrypts(newcomer, sender, payload))
    lost = [payload for _, _, payload in room.run(2) if not decrypts(room.theirs[THEM], US, payload)]
    assert len(lost) <= 2
    assert heard.index(True) * 0.02 <= 0.5
    assert all(heard[heard.index(True) :])


def test_with_little_queued_the_commit_waits() -> None:
    room, ours = pair(depth=2)
    room.skew_s = 0.3
    room.join_theirs(LATER)
    epoch = ours.dave.epoch
    room.run(0.1)
    assert ours.dave.epoch == epoch
    assert ours.dave.next_deadline() is not None
    sent = room.run(1.5)
    assert ours.dave.epoch == (epoch or 0) + 1
    assert len([payload for _, _, payload in sent if not decrypts(room.theirs[THEM], US, payload)]) <= 2


def test_a_commit_waits_no_longer_than_it_may_and_later_messages_behind_it() -> None:
    assert SWITCH_MS / 1000 < MAX_WAIT_S < 2
    room, ours = pair(depth=0)
    room.join_theirs(LATER)
    room.run(0.04)
    room.join_theirs(LATER + 1)
    room.run(3)
    assert ours.dave.privacy_code == room.theirs[THEM].privacy_code
    assert ours.dave.privacy_code == room.theirs[LATER + 1].privacy_code


def test_a_transition_that_the_server_executes_is_not_waited_for_any_longer() -> None:
    room, ours = pair(depth=0)
    room.join_theirs(LATER)
    room.run(0.04)
    assert ours.dave.next_deadline() is not None
    held = next(iter(ours.dave._held))[0]
    assert isinstance(held, words.AnnounceCommit)
    ours.take(TextMessage(US, 22, {"transition_id": held.transition_id}))
    assert ours.dave.next_deadline() is None
    assert ours.dave.epoch == 2


def test_the_last_one_left_starts_over_and_the_next_pair_agrees() -> None:
    room, ours = pair()
    room.leave(THEM)
    sent = room.run(0.5)
    assert sent[-1][2] == SILENCE_FRAME
    assert not ours.dave.has_key
    room.join_theirs(LATER)
    room.run(1)
    assert ours.dave.privacy_code == room.theirs[LATER].privacy_code


def test_downgrade_and_upgrade() -> None:
    room, ours = pair()
    room.post(room.call.downgrade(room.now))
    room.run(1)
    assert ours.dave.version == 0
    assert all(plain == payload for _, plain, payload in room.run(0.2))
    assert ours.dave.decrypt(THEM, FRAME) == FRAME
    room.post(room.call.upgrade())
    room.run(1)
    assert ours.dave.version == 1
    assert all(decrypts(room.theirs[THEM], US, payload) for _, _, payload in room.run(0.5))


def test_nothing_but_silence_is_ever_unencrypted_above_version_0() -> None:
    room, ours = pair()
    for step in range(6):
        {
            0: lambda: room.join_theirs(LATER),
            1: lambda: room.leave(THEM),
            2: lambda: room.leave(LATER),
            3: lambda: room.join_theirs(THEM),
            4: lambda: ours.take(BinaryMessage(US, 29, b"\0\7garbage")),
            5: lambda: room.join_theirs(LATER),
        }[step]()
        for _, plain, payload in room.run(0.6):
            assert ours.dave.version == 1
            assert payload != plain
            assert payload == SILENCE_FRAME or payload.endswith(b"\xfa\xfa")


def test_an_unusable_commit_is_answered_and_we_come_back() -> None:
    room, ours = pair()
    room.join_theirs(LATER)
    room.run(1)
    ours.said.clear()
    ours.take(BinaryMessage(US, 29, b"\0\7garbage"))
    room.run(0.5)
    assert ours.said[:2] == [31, 26]
    room.run(2)
    assert ours.dave.has_key
    assert ours.dave.privacy_code == room.theirs[THEM].privacy_code
    assert all(decrypts(room.theirs[LATER], US, payload) for _, _, payload in room.run(0.5))


@pytest.mark.parametrize("op", [25, 27, 29, 30])
@pytest.mark.parametrize("body", [b"", b"\0", b"\0\0", b"\0\7" + bytes(40), b"\1\3abc", bytes(range(200))])
def test_garbage_never_raises(op: int, body: bytes) -> None:
    room, ours = pair()
    try:
        numbered = words.parse_binary(b"\0\0" + bytes([op]) + body)
    except words.InvalidVoiceMessage:
        return
    assert isinstance(numbered.message, words.DaveMessage)
    ours.obey(ours.dave.receive(numbered.message, room.now))
    room.run(2)
    assert ours.dave.has_key


def test_an_unexpected_user_is_refused() -> None:
    room, ours = pair()
    newcomer = 999
    room.join_theirs(newcomer, announced=False)
    room.run(0.3)
    assert newcomer not in ours.users
    ours.said.clear()
    room.leave(newcomer)
    room.run(1)
    assert ours.dave.has_key


def test_many_undecryptable_frames_in_a_row_ask_for_a_new_start() -> None:
    room, ours = pair()
    junk = room.theirs[THEM].encrypt(FRAME) or b""
    broken = bytes([junk[0] ^ 1]) + junk[1:]
    for _ in range(MAX_FAILURES - 1):
        assert ours.dave.decrypt(THEM, broken) is None
    assert ours.dave.flush() == []
    ours.dave.decrypt(THEM, broken)
    effects = ours.dave.flush()
    assert [type(effect) for effect in effects[:2]] == [SendText, SendBinary]
    ours.obey(effects)
    room.run(1)
    assert ours.dave.has_key


def test_undecryptable_frames_of_several_users_are_no_failure_of_ours() -> None:
    room, ours = pair()
    room.join_theirs(LATER)
    room.run(1)
    senders = (THEM, LATER)
    for _ in range(MAX_FAILURES - 1):
        for sender in senders:
            junk = room.theirs[sender].encrypt(FRAME) or b""
            assert ours.dave.decrypt(sender, bytes([junk[0] ^ 1]) + junk[1:]) is None
    for sender in senders:  # both are heard again before either was lost for 36 frames
        assert ours.dave.decrypt(sender, room.theirs[sender].encrypt(FRAME) or b"") == FRAME
    assert ours.dave.flush() == []


def test_frames_in_a_key_that_waits_for_our_switch_are_no_failure() -> None:
    room, ours = pair(depth=0)
    room.join_theirs(LATER)
    room.run(0.04)
    assert ours.dave.next_deadline() is not None, "the commit waits"
    for _ in range(2 * MAX_FAILURES):
        ours.dave.decrypt(THEM, room.theirs[THEM].encrypt(FRAME) or b"")
    assert ours.dave.flush() == []


def test_whoever_cannot_encrypt_is_heard_from_the_announcement_of_the_downgrade_on() -> None:
    room, ours = pair()
    assert ours.dave.decrypt(LATER, FRAME) is None, "plain frames are refused while nobody announced them"
    room.join_theirs(LATER, max_version=0)
    room.run(0.02)
    assert ours.dave.decrypt(LATER, FRAME) == FRAME
    room.run(1)
    assert ours.dave.version == 0
    assert ours.dave.decrypt(LATER, FRAME) == FRAME
    assert ours.dave.decrypt(LATER, b"garbage\xfa\xfa") is None


def test_frames_of_strangers_are_no_failure() -> None:
    _, ours = pair()
    for _ in range(2 * MAX_FAILURES):
        assert ours.dave.decrypt(12345, FRAME) is None
    assert ours.dave.flush() == []
    assert ours.dave.decrypt(12345, SILENCE_FRAME) == SILENCE_FRAME


def test_a_version_that_we_do_not_know_is_silence() -> None:
    dave = Dave(US, CHANNEL, users=set(), queued_ms=lambda: 0)
    assert not [effect for effect in dave.begin(9) if isinstance(effect, SendBinary)]
    assert dave.encrypt([FRAME]) == [SILENCE_FRAME]
    assert dave.decrypt(THEM, FRAME) is None


def test_a_switch_asks_for_new_encryption_beyond_350_ms() -> None:
    room, ours = pair()
    room.join_theirs(LATER)
    seen: list[EncryptAgain] = []
    obey = ours.obey
    ours.obey = lambda effects: (seen.extend(e for e in effects if isinstance(e, EncryptAgain)), obey(effects))[1]
    room.run(1)
    assert [again.ahead_ms for again in seen] == [SWITCH_MS]


def test_keys_of_newcomers_are_known_and_codes_agree() -> None:
    room, ours = pair()
    found = ours.dave.fingerprints(THEM)
    assert found is not None
    mine, theirs = found
    assert theirs == b"\0\0" + room.theirs[THEM]._keys.public + THEM.to_bytes(8, "big")
    assert mine.endswith(US.to_bytes(8, "big"))
    assert len(ours.dave.pairwise_fingerprint(THEM)) == 64
    assert ours.dave.fingerprints(12345) is None


def test_the_library_computes_the_code_of_who_was_there_before_us_and_only_once() -> None:
    room = Room()
    room.join_theirs(THEM)
    room.join_theirs(LATER)
    room.run(0.5)
    ours = room.join_ours(US)
    room.run(1)
    assert ours.dave.fingerprints(LATER) is None
    code = ours.dave.pairwise_fingerprint(LATER)
    assert code == room.theirs[LATER]._session.get_pairwise_fingerprint(0, US)
    before = time.thread_time()
    assert ours.dave.pairwise_fingerprint(LATER) == code
    assert time.thread_time() - before < 0.1, "the library needs 0.3 s"
    room.leave(LATER)
    room.run(1)
    with pytest.raises(DaveFailure):
        ours.dave.pairwise_fingerprint(LATER)


def test_a_key_that_was_only_proposed_is_not_believed() -> None:
    room, ours = pair()
    body = vec(room.call.group.sender.add(1, read_key_package(stranger_package(THEM))).message)
    ours.take(BinaryMessage(US, 27, b"\0" + body))
    found = ours.dave.fingerprints(THEM)
    assert found is not None
    assert found[1][2:-8] == room.theirs[THEM]._keys.public


def stranger_package(user_id: int) -> bytes:
    """A key package in somebody else's name."""
    return DaveParticipant(user_id, CHANNEL).begin(1)[0].body


@pytest.mark.parametrize("seed", range(8))
def test_late_commits_joins_and_unusable_messages_end_in_one_group(seed: int) -> None:
    room = Room(seed=seed)
    chance = room.chance
    room.skew_s = room.our_skew_s = 1.2
    for user_id in (1, 2):
        room.join_ours(user_id, depth=5)
        room.join_theirs(10 + user_id)
        room.run(chance.uniform(0, 0.5))
    unusable = 0
    for _ in range(24):
        match chance.randrange(4):
            case 0 if len(room.theirs) < 6:
                room.join_theirs(chance.choice([user for user in range(11, 19) if user not in room.theirs]))
            case 1 if len(room.theirs) > 1:
                room.leave(chance.choice(sorted(room.theirs)))
            case _:
                unusable += 1
                member = room.ours[chance.choice((1, 2))]
                member.take(BinaryMessage(member.user_id, 29 if member.dave.has_key else 30, b"\0\7garbage"))
        room.run(chance.uniform(0, 0.7))
    room.run(8)
    everyone = [*(member.dave for member in room.ours.values()), *room.theirs.values()]
    assert {member.privacy_code for member in everyone} == {room.ours[1].dave.privacy_code} != {None}
    assert room.call.is_settled
    said = [op for member in room.ours.values() for op in member.said]
    assert said.count(31) <= unusable, "a welcome of before is no reason to start over"


def test_an_add_that_waited_behind_a_commit_is_taken_though_its_user_has_left_since() -> None:
    room, ours = pair(depth=0)
    room.join_theirs(LATER)
    room.run(0.04)
    assert ours.dave.next_deadline() is not None, "the commit waits"
    room.join_theirs(LATER + 1)
    room.run(0.04)
    room.leave(LATER + 1)
    room.run(3)
    assert 31 not in ours.said
    assert ours.dave.privacy_code == room.theirs[THEM].privacy_code == room.theirs[LATER].privacy_code


def test_a_commit_that_adds_somebody_has_a_welcome_even_if_the_last_proposal_was_a_remove() -> None:
    room, ours = pair()
    room.join_theirs(LATER)
    room.run(1)
    commits: list[bytes] = []
    say = room.say

    def withhold_commits(user_id: int, op: int, body: bytes) -> list[DaveMessage]:
        if op != 28:
            return say(user_id, op, body)
        if user_id == US:
            commits.append(body)
        return []

    room.say = withhold_commits
    newcomer = room.join_theirs(LATER + 1)
    room.run(0.1)
    room.leave(LATER)
    room.run(0.1)
    room.join_theirs(LATER + 2)
    room.run(0.1)
    room.leave(LATER + 2)
    room.run(0.1)
    room.say = say
    assert [len(read_commit(commit)[0].references) for commit in commits] == [1, 2, 3, 2]
    assert all(read_commit(commit)[1] for commit in commits)
    room.post(room.say(US, 28, commits[-1]))
    room.run(1)
    assert newcomer.privacy_code == ours.dave.privacy_code == room.theirs[THEM].privacy_code


@pytest.mark.parametrize("lost", [26, 28, 31])
def test_what_a_lost_socket_swallowed_is_said_again_after_the_resume(lost: int) -> None:
    room = Room()
    room.join_theirs(THEM)
    room.run(0.1)
    swallowed: list[bytes] = []
    say = room.say

    def lose(user_id: int, op: int, body: bytes) -> list[DaveMessage]:
        if user_id == US and (op == lost or (lost == 31 and op == 26 and swallowed)):
            swallowed.append(body)
            return []
        return [] if op == 28 == lost else say(user_id, op, body)

    if lost == 26:
        room.say = lose
    ours = room.join_ours(US)
    room.run(0.5)
    if lost != 26:
        assert ours.dave.has_key
        room.say = lose
        if lost == 28:
            room.join_theirs(LATER)
        else:
            ours.take(BinaryMessage(US, 29, b"\0\7garbage"))
        room.run(0.5)
    assert swallowed
    room.say = say
    room.run(5)
    codes = {ours.dave.privacy_code, *(member.privacy_code for member in room.theirs.values())}
    assert len(codes) == 2 or codes == {None}, "it would stay so for ever"
    ours.dave.resumed(room.now)
    room.run(3)
    assert room.call.is_settled
    assert {member.privacy_code for member in room.theirs.values()} == {ours.dave.privacy_code} != {None}


def test_after_a_resume_with_nothing_lost_nothing_is_said() -> None:
    room, ours = pair()
    ours.said.clear()
    ours.dave.resumed(room.now)
    room.run(3)
    assert ours.said == []
    assert ours.dave.next_deadline() is None


def storm(members: int, changes: int, seed: int) -> int:
    """Members join and leave in random order, commits come up to 300 ms late; return the most frames lost in a change.

    Counted at two members a change who were there before it; at the end all must agree on the group.
    """
    room = Room(seed=seed)
    ours = room.join_ours(US)
    room.run(0.1)
    for user_id in range(1, members // 2 + 1):
        room.join_theirs(user_id)
    room.run(2)
    room.skew_s = 0.3
    watched: set[int] = set()
    lost: Counter[tuple[int, int]] = Counter()

    def hear(sender: int, plain: bytes, payload: bytes) -> None:
        for user_id in watched & set(room.theirs):
            lost[change, user_id] += not decrypts(room.theirs[user_id], sender, payload)

    room.hear = hear
    for change in range(changes):  # noqa: B007 (`hear` uses it)
        present = sorted(room.theirs)
        if len(present) < 3 or (len(present) < members and room.chance.random() < 0.5):
            room.join_theirs(room.chance.choice([user for user in range(1, members + 1) if user not in present]))
        else:
            gone = room.chance.choice(present)
            present.remove(gone)
            room.leave(gone)
        watched = set(room.chance.sample(present, 2))
        room.run(room.chance.uniform(0.4, 1.0))
    room.run(2)
    assert {member.privacy_code for member in room.theirs.values()} == {ours.dave.privacy_code}
    assert len(lost) > changes
    return max(lost.values())


def test_a_storm_of_members_costs_old_members_at_most_two_frames_a_change() -> None:
    assert storm(members=6, changes=40, seed=7) <= 2


@pytest.mark.long
def test_a_storm_of_twenty_members_and_two_hundred_changes() -> None:
    assert storm(members=20, changes=200, seed=7) <= 2
