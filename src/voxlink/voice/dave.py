"""End-to-end encryption of one call as a machine: gateway messages and the time go in, effects come out (voice.md 2).

Two rules of our own. Nothing but silence leaves unencrypted while the protocol version is above 0. And since davey
changes the sending key inside `process_commit`, a commit waits until what lies queued in the old key covers 350 ms: the
slower members have had that long to follow.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from voxlink.errors import DaveFailure
from voxlink.voice import gateway_message as words
from voxlink.voice.dave_session import FOREVER_S, MAX_DAVE_VERSION, CommitWelcome, MlsGroup, signing_keys
from voxlink.voice.events import DaveChanged
from voxlink.voice.gateway_effect import Effect, Emit, EncryptAgain, SendBinary, SendText
from voxlink.voice.member_keys import MemberKeys
from voxlink.voice.mls_reader import Proposal, pack_proposals, pack_revocation
from voxlink.voice.rtp import SILENCE_FRAME
from voxlink.voice.verification import fingerprint

SWITCH_MS = 350
"""So much sound stays in the old key after a switch."""
MAX_WAIT_S = 1.5
"""A commit waits no longer than this for the queue, well below the server's two seconds."""
UPGRADE_GRACE_S = 10
"""Unencrypted frames of others are accepted so long after an upgrade."""
REPEAT_AFTER_S = 2.0
"""What a lost socket may have swallowed is said again so long after the resume: what the server has kept for us came by
then, and so did the end of any transition."""
MAX_FAILURES = 36
"""After so many frames of a user in a row that cannot be decrypted, ask to be added anew. It is twice as long as a
sender of our kind goes on with the old key after a change."""
ENCRYPTED_MARK = b"\xfa\xfa"
"""How every encrypted frame ends."""

_log = logging.getLogger("voxlink.voice")

_Mls = words.ExternalSender | words.Proposals | words.AnnounceCommit | words.Welcome


class _Held(NamedTuple):
    """An MLS message, when it came, and who was in the call then: whoever left since may still be added by it."""

    message: _Mls
    arrived: float
    users: Collection[int]


class Dave:
    """The end-to-end layer of one voice session.

    `users` are the members that the gateway announced, kept up by its owner: an Add of anybody else is refused.
    `queued_ms` says how much sound is on its way out right now.

    No method raises for anything that the server sends.
    """

    def __init__(self, user_id: int, channel_id: int, *, users: AbstractSet[int], queued_ms: Callable[[], int]) -> None:
        self._user_id = user_id
        self._channel_id = channel_id
        self._queued_ms = queued_ms
        self._group: MlsGroup | None = None
        self._effects: list[Effect] = []
        self._transitions: dict[int, int] = {}
        """Announced and not executed: transition id -> protocol version."""
        self._held: deque[_Held] = deque()
        """MLS messages behind a commit that waits."""
        self._held_until: float | None = None
        self._users = users
        self._keys = MemberKeys()
        self._asked: dict[int, bytes] = {}
        """What the MLS library said about members whose keys did not pass by."""
        self._failures: Counter[int] = Counter()
        """Of each user: frames in a row that could not be decrypted."""
        self._last_transition = 0
        self._is_recovering = False
        self._unanswered_commit = b""
        """Our last answer to proposals (op 28), until an epoch begins."""
        self._repeat_at: float | None = None
        self.version = 0
        """The protocol version in force: above 0, only encrypted frames and silence leave."""

    def __repr__(self) -> str:
        return f"<Dave v{self.version} epoch={self.epoch} users={len(self._users)}>"

    @property
    def epoch(self) -> int | None:
        """The epoch of our group, None without a key."""
        return self._group.epoch if self._group else None

    @property
    def privacy_code(self) -> str | None:
        """The call's voice privacy code: thirty digits, None without a key."""
        return self._group.privacy_code if self._group else None

    @property
    def has_key(self) -> bool:
        """Whether our frames leave encrypted."""
        return self._group is not None and self._group.has_key

    def begin(self, version: int) -> list[Effect]:
        """Start with the version of a `SessionDescription`; with one above 0, offer a key package."""
        self.version = version
        if version:
            self._start_group(version)
        return self._flush()

    def receive(self, message: words.DaveMessage, now: float) -> list[Effect]:
        """Take a message that the gateway delivers."""
        match message:
            case words.PrepareTransition(transition_id=transition_id, protocol_version=version):
                self._on_prepare(transition_id, version)
            case words.ExecuteTransition(transition_id=transition_id):
                self._on_execute(transition_id, now)
            case words.PrepareEpoch(epoch=epoch, protocol_version=version):
                self._on_epoch(epoch, version)
            case _:
                self._held.append(_Held(message, now, {*self._users, self._user_id}))
                self._work(now)
        return self._flush()

    def resumed(self, now: float) -> None:
        """The websocket was lost and is resumed. The server says again what we missed; what we said may be lost."""
        self._repeat_at = now + REPEAT_AFTER_S

    def next_deadline(self) -> float | None:
        """When to call `tick`, None for never."""
        return min((at for at in (self._held_until, self._repeat_at) if at is not None), default=None)

    def tick(self, now: float) -> list[Effect]:
        """Go on with what was held, and say again what got no answer."""
        if self._held_until is not None and now >= self._held_until:
            self._work(now)
        if self._repeat_at is not None and now >= self._repeat_at:
            self._repeat_at = None
            self._repeat()
        return self._flush()

    def encrypt(self, frames: Sequence[bytes]) -> list[bytes]:
        """Return what may leave for plain Opus frames: of each itself, encrypted, or silence. Never raises."""
        if not self.version:
            return list(frames)
        group = self._group
        if group is None or not group.has_key:
            return [SILENCE_FRAME] * len(frames)
        try:
            return group.encrypt(frames)
        except DaveFailure as error:
            if len(frames) > 1:
                return [payload for frame in frames for payload in self.encrypt([frame])]
            _log.warning("%s; sending silence", error)
            return [SILENCE_FRAME]

    def decrypt(self, user_id: int, payload: bytes) -> bytes | None:
        """Return the plain Opus frame of a member, None if it cannot be had; then look at `flush`."""
        may_be_plain = not self.version or 0 in self._transitions.values()
        group = self._group
        if group is None:
            return payload if may_be_plain or payload == SILENCE_FRAME else None
        try:
            frame = group.decrypt(user_id, payload)
        except DaveFailure as error:
            is_stranger = error.variant == "NoDecryptorForUser"
            if payload == SILENCE_FRAME or (is_stranger and may_be_plain and not payload.endswith(ENCRYPTED_MARK)):
                return payload
            if not (is_stranger or self._transitions or self._held):
                self._on_undecryptable(user_id)
            return None
        self._failures.pop(user_id, None)
        return frame

    def flush(self) -> list[Effect]:
        """Return what `decrypt` led to."""
        return self._flush()

    def fingerprints(self, user_id: int) -> tuple[bytes, bytes] | None:
        """Return our fingerprint and a member's, None if the member's key has not passed by in clear."""
        key = self._keys.get(user_id)
        if key is None:
            return None
        return fingerprint(signing_keys(self._user_id).public, self._user_id), fingerprint(key, user_id)

    def pairwise_fingerprint(self, user_id: int) -> bytes:
        """Ask the MLS library for the fingerprint of a member who was there before us. Raises `DaveFailure`."""
        if self._group is None or not self._group.has_key:
            raise DaveFailure("fingerprint", "NoGroup")
        if user_id not in self._asked:
            self._asked[user_id] = self._group.pairwise_fingerprint(user_id)
        return self._asked[user_id]

    # Transitions.

    def _on_prepare(self, transition_id: int, version: int) -> None:
        self._transitions[transition_id] = version
        if version == 0 and self._group is not None:
            self._try(lambda group: group.allow_plain(allowed=True, seconds=FOREVER_S))
        if transition_id == 0:
            self._execute(0)
        else:
            self._effects.append(SendText(words.transition_ready(transition_id)))

    def _on_execute(self, transition_id: int, now: float) -> None:
        if any(
            isinstance(held.message, words.AnnounceCommit) and held.message.transition_id == transition_id
            for held in self._held
        ):
            self._work(now, until=transition_id)  # the server waits no longer, and neither do we
        self._execute(transition_id)

    def _execute(self, transition_id: int) -> None:
        version = self._transitions.pop(transition_id, None)
        if version is None:
            return
        changed, self.version = version != self.version, version
        if changed and version:
            self._try(lambda group: group.allow_plain(allowed=False, seconds=UPGRADE_GRACE_S))
        if changed:
            self._effects.append(EncryptAgain(ahead_ms=0))
            self._tell()

    def _on_epoch(self, epoch: int, version: int) -> None:
        if epoch == 1 and 0 < version <= MAX_DAVE_VERSION:
            self._held.clear()
            self._held_until = None
            self._start_group(version)
            self._tell()

    def _repeat(self) -> None:
        """Say again what would otherwise keep us, or whom we would add, out of the group for ever."""
        if self._group is None or not self._users - {self._user_id}:
            return
        if self._unanswered_commit:
            self._send(words.Opcode.MLS_COMMIT_WELCOME, self._unanswered_commit)
        elif self._is_recovering:
            self._recover(self._last_transition)
        elif not self.has_key:
            self._start_group(max(1, self.version))

    def _send(self, opcode: words.Opcode, body: bytes) -> None:
        self._effects.append(SendBinary(words.pack_binary(opcode, body)))

    def _start_group(self, version: int) -> None:
        """Leave any group, keep the external sender, and offer a key package."""
        had_key = self.has_key
        self._failures.clear()
        self._unanswered_commit = b""
        self._is_recovering = False
        self._keys.forget()
        self._asked.clear()
        try:
            if self._group is None:
                self._group = MlsGroup(version, self._user_id, self._channel_id)
            else:
                self._group.start_over(version)
            package = self._group.key_package()
        except DaveFailure as error:
            _log.error("DAVE: %s; this call is silent", error)
            self._group = None
            return
        self._send(words.Opcode.MLS_KEY_PACKAGE, package)
        if had_key and self.version:
            self._effects.append(EncryptAgain(ahead_ms=0))

    # MLS messages, in order.

    def _work(self, now: float, until: int | None = None) -> None:
        """Process what is held, up to a commit that has to wait; with `until`, up to that transition in any case."""
        self._held_until = None
        while self._held:
            message, arrived, users = self._held[0]
            if isinstance(message, words.AnnounceCommit) and until is None:
                wait_s = min((SWITCH_MS - self._queued_ms()) / 1000, arrived + MAX_WAIT_S - now)
                if self.has_key and wait_s > 0 and now < arrived + SWITCH_MS / 1000:
                    self._held_until = now + min(wait_s, arrived + SWITCH_MS / 1000 - now)
                    return
            self._held.popleft()
            if isinstance(message, words.AnnounceCommit) and message.transition_id == until:
                until = None
            self._process(message, users)

    def _process(self, message: _Mls, users: Collection[int]) -> None:
        group = self._group
        if group is None:
            return
        match message:
            case words.ExternalSender(data=data):
                self._try(lambda group: group.set_external_sender(data))
            case words.Proposals():
                self._on_proposals(group, message, users)
            case words.AnnounceCommit(transition_id=transition_id, commit=commit):
                # Without a key, none but our own can let us in: any other is about a group that we are not in (yet).
                if group.has_key or group.is_ours(commit):
                    self._enter_epoch(group.process_commit, commit, transition_id, had_key=group.has_key)
                    self._note_commit(group, commit)
            case words.Welcome(transition_id=transition_id, welcome=welcome):
                # After a new start, welcomes of before it may still be on their way; to start over at each would never
                # end.
                if not group.has_key and group.is_for_us(welcome):
                    self._keys.forget()
                    self._enter_epoch(group.process_welcome, welcome, transition_id, had_key=False)

    def _on_proposals(self, group: MlsGroup, message: words.Proposals, expected: Collection[int]) -> None:
        try:
            answer = group.process_proposals(message.data, revoke=message.revoke, expected=expected)
            if not message.revoke:
                self._keys.proposed(message.data)
        except DaveFailure as error:
            _log.warning("DAVE: %s", error)
            if error.variant == "CommitToPendingProposalsFailed":  # what it stored fails for ever: start over
                self._recover(self._last_transition)
            return
        adds = self._keys.adds_in(answer.commit) if answer is not None and not answer.welcome else []
        if adds:
            answer = self._name_again(group, adds)
        self._unanswered_commit = b"" if answer is None else answer.commit + answer.welcome
        if self._unanswered_commit:
            self._send(words.Opcode.MLS_COMMIT_WELCOME, self._unanswered_commit)

    def _name_again(self, group: MlsGroup, adds: list[Proposal]) -> CommitWelcome | None:
        """Take open Adds back and in again, so that a welcome for them comes with the commit.

        Taken back first, because the MLS library would keep two of each and a later revoke would find one.
        """
        users = [add.added.user_id for add in adds if add.added is not None]
        try:
            group.process_proposals(pack_revocation(adds), revoke=True, expected=())
            return group.process_proposals(pack_proposals(adds), revoke=False, expected=users)
        except DaveFailure as error:
            _log.warning("DAVE: %s; asking to be added anew", error)
            self._recover(self._last_transition)
            return None

    def _enter_epoch(self, process: Callable[[bytes], None], data: bytes, transition_id: int, *, had_key: bool) -> None:
        self._last_transition = transition_id
        try:
            process(data)
        except DaveFailure as error:
            _log.warning("DAVE: %s; asking to be added anew", error)
            self._recover(transition_id)
            return
        self._failures.clear()
        self._unanswered_commit = b""
        self._is_recovering = False
        if transition_id:
            self._transitions.setdefault(transition_id, max(1, self.version))
            self._effects.append(SendText(words.transition_ready(transition_id)))
        elif not self.version:
            self.version = 1
        self._effects.append(EncryptAgain(ahead_ms=SWITCH_MS if had_key else 0))
        self._tell()

    def _note_commit(self, group: MlsGroup, commit: bytes) -> None:
        if not group.has_key:
            return
        try:
            members = group.members()
        except DaveFailure as error:
            _log.warning("DAVE: %s", error)
            members = set[int]()
        understood = self._keys.committed(commit, members)
        self._asked = {user: known for user, known in self._asked.items() if understood and user in members}

    def _recover(self, transition_id: int) -> None:
        """Tell the server that its commit or welcome is of no use to us, and offer a new key package (op 31, 26)."""
        self._effects.append(SendText(words.invalid_commit_welcome(transition_id)))
        self._start_group(max(1, self.version))
        self._is_recovering = True
        self._tell()

    def _on_undecryptable(self, user_id: int) -> None:
        self._failures[user_id] += 1
        if self._failures[user_id] >= MAX_FAILURES and self.has_key:
            _log.warning("DAVE: %d frames in a row cannot be decrypted; asking to be added anew", MAX_FAILURES)
            self._recover(self._last_transition)

    def _try(self, do: Callable[[MlsGroup], None]) -> None:
        if self._group is None:
            return
        try:
            do(self._group)
        except DaveFailure as error:
            _log.warning("DAVE: %s", error)

    def _tell(self) -> None:
        self._effects.append(Emit(DaveChanged(self.version, self.epoch, self.privacy_code)))

    def _flush(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects
