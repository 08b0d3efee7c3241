"""One member's side of an encrypted call, on davey: messages in, replies out (voice.md 2.1). No socket, no clock."""

from __future__ import annotations

from dataclasses import dataclass

import davey

from voxlink.testing.dave_call import (
    EXECUTE_TRANSITION,
    MLS_ANNOUNCE_COMMIT,
    MLS_COMMIT_WELCOME,
    MLS_EXTERNAL_SENDER,
    MLS_INVALID,
    MLS_KEY_PACKAGE,
    MLS_PROPOSALS,
    MLS_WELCOME,
    NEW_GROUP_EPOCH,
    PREPARE_EPOCH,
    PREPARE_TRANSITION,
    TRANSITION_READY,
)
from voxlink.testing.rtp_packet import SILENCE_FRAME

__all__ = ["DaveParticipant", "Reply"]

PASSTHROUGH_S = 10


@dataclass(frozen=True, slots=True)
class Reply:
    """What a member answers: a binary body, or the transition id of a text message."""

    op: int
    body: bytes = b""
    transition_id: int = 0


class DaveParticipant:
    """A member that follows every order, and starts over when it cannot.

    It is the plain kind of client: its key switches with the commit, as in every library that stands on davey.
    """

    def __init__(self, user_id: int, channel_id: int) -> None:
        self.user_id = user_id
        self.version = 0
        self.executed: list[int] = []
        """Transitions that were executed, in order."""
        self.errors: list[str] = []
        """What davey could not process."""
        self._channel_id = channel_id
        self._keys = davey.generate_p256_keypair()
        self._session = davey.DaveSession(1, user_id, channel_id, self._keys)
        self._prepared: dict[int, int] = {}
        self._is_recovering = False

    @property
    def epoch(self) -> int | None:
        """The group's epoch."""
        return self._session.epoch

    @property
    def privacy_code(self) -> str | None:
        """The voice privacy code that every member of the call shows; None without a group."""
        return self._session.voice_privacy_code

    @property
    def members(self) -> list[int]:
        """The users in the group, this one included."""
        return sorted(int(user) for user in self._session.get_user_ids() or ())

    def begin(self, version: int) -> list[Reply]:
        """Take the version of the Session Description."""
        self.version = version
        return self._offer() if version else []

    def take_text(self, op: int, data: dict[str, int]) -> list[Reply]:
        """Take op 21, 22 or 24."""
        transition_id = data.get("transition_id", 0)
        if op == PREPARE_EPOCH and data["epoch"] == NEW_GROUP_EPOCH:
            self.version = data["protocol_version"]
            return self._offer()
        if op == PREPARE_TRANSITION and transition_id:
            self._prepared[transition_id] = data["protocol_version"]
            if data["protocol_version"] == 0:
                self._session.set_passthrough_mode(True, PASSTHROUGH_S)
            return [Reply(TRANSITION_READY, transition_id=transition_id)]
        if op == EXECUTE_TRANSITION:
            self.executed.append(transition_id)
            self.version = self._prepared.pop(transition_id, self.version)
        return []

    def take_binary(self, op: int, body: bytes) -> list[Reply]:
        """Take op 25, 27, 29 or 30."""
        if op == MLS_EXTERNAL_SENDER:
            self._session.set_external_sender(body)
        elif op == MLS_PROPOSALS:
            return self._process_proposals(body)
        elif op in {MLS_ANNOUNCE_COMMIT, MLS_WELCOME}:
            return self._enter_epoch(op, int.from_bytes(body[:2], "big"), body[2:])
        return []

    def start_over(self, transition_id: int = 0) -> list[Reply]:
        """Say that the group's state is broken (op 31), and ask to be added anew."""
        self._is_recovering = True
        return [Reply(MLS_INVALID, transition_id=transition_id), *self._offer()]

    def encrypt(self, opus: bytes) -> bytes | None:
        """Encrypt a frame for the call; None while there is no key, when nothing may be sent."""
        if self.version == 0:
            return opus
        return self._session.encrypt_opus(opus) if self._session.ready else None

    def decrypt(self, user_id: int, payload: bytes) -> bytes | None:
        """Decrypt a member's frame; None when it cannot be read."""
        if self.version == 0 or payload == SILENCE_FRAME:
            return payload
        try:
            return self._session.decrypt(user_id, davey.MediaType.audio, payload)
        except ValueError:
            return None

    def _offer(self) -> list[Reply]:
        self._session.reinit(1, self.user_id, self._channel_id, self._keys)
        return [Reply(MLS_KEY_PACKAGE, self._session.get_serialized_key_package())]

    def _process_proposals(self, body: bytes) -> list[Reply]:
        kind = davey.ProposalsOperationType.revoke if body[:1] == b"\1" else davey.ProposalsOperationType.append
        try:
            answer = self._session.process_proposals(kind, body[1:])
        except ValueError as error:
            self.errors.append(f"op {MLS_PROPOSALS}: {error}")
            return []
        return [] if answer is None else [Reply(MLS_COMMIT_WELCOME, answer.commit + (answer.welcome or b""))]

    def _enter_epoch(self, op: int, transition_id: int, body: bytes) -> list[Reply]:
        try:
            if op == MLS_ANNOUNCE_COMMIT:
                self._session.process_commit(body)
            else:
                self._session.process_welcome(body)
        except ValueError as error:
            self.errors.append(f"op {op}: {error}")
            # While it waits to be added again, older commits and welcomes are still on their way to it: to start
            # over at each of them would never end.
            return [] if self._is_recovering else self.start_over(transition_id)
        self._is_recovering = False
        return [Reply(TRANSITION_READY, transition_id=transition_id)] if transition_id else []
