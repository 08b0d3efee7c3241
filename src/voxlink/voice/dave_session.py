"""davey behind one door: its group operations with named errors, and what it must be shielded from.

davey holds the GIL in every call (up to 0.4 s for a large group), raises bare ValueErrors, and must never be shown in a
log: its repr leaks memory.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, ParamSpec, TypeVar

import davey

from voxlink.errors import DaveFailure, InvalidPacket
from voxlink.voice.mls_reader import key_package_reference, welcomed

MAX_DAVE_VERSION = davey.DAVE_PROTOCOL_VERSION
FOREVER_S = 3600
"""Passthrough without an end of its own; it ends with the next version."""

MAX_USER_ID = (1 << 64) - 1
"""A key package names its user in eight bytes."""

_VARIANT = re.compile(r"^[Ff]ailed to [\w ]+: (\w+)")
_P = ParamSpec("_P")
_T = TypeVar("_T")


@functools.lru_cache(maxsize=64)
def signing_keys(user_id: int) -> davey.SigningKeyPair:
    """Return the one signature key pair of a user in this process: DAVE wants one identity across calls."""
    del user_id  # the cache's key
    return davey.generate_p256_keypair()


class CommitWelcome(NamedTuple):
    """Our answer to proposals (op 28): a commit, and the way in for those whom it adds."""

    commit: bytes
    welcome: bytes


class MlsGroup:
    """Our membership in one call's group. Every method that can fail raises `DaveFailure` and nothing else."""

    def __init__(self, version: int, user_id: int, channel_id: int) -> None:
        self._user_id = user_id
        self._channel_id = channel_id
        keys = signing_keys(user_id)
        self._session = _attempt("new session", davey.DaveSession, version, user_id, channel_id, keys)
        self._offered: set[bytes] = set()
        """References of our key packages; whatever is for another one is no longer for us."""
        self._made: set[bytes] = set()
        """Digests of our commits."""
        self.has_key = False
        """Whether frames can be encrypted. davey's own `ready` stays true after a reset."""

    def start_over(self, version: int) -> None:
        """Leave the group; the external sender is kept."""
        self.has_key = False
        self._offered.clear()
        self._made.clear()
        keys = signing_keys(self._user_id)
        _attempt("new session", self._session.reinit, version, self._user_id, self._channel_id, keys)

    def key_package(self) -> bytes:
        """Return a new key package."""
        package = _attempt("key package", self._session.get_serialized_key_package)
        self._offered.add(key_package_reference(package))
        return package

    def is_for_us(self, welcome: bytes) -> bool:
        """Whether a welcome is for a key package of ours, and not for one of before we started over."""
        try:
            return not self._offered.isdisjoint(welcomed(welcome))
        except InvalidPacket:
            return True  # `process_welcome` says what is wrong with it

    def set_external_sender(self, data: bytes) -> None:
        """Learn who may propose; creates the local group of one."""
        _attempt("external sender", self._session.set_external_sender, data)

    def process_proposals(self, data: bytes, *, revoke: bool, expected: Collection[int]) -> CommitWelcome | None:
        """Take proposals; return what to send, if anything. Unexpected users are refused.

        davey leaves the welcome out if this batch adds nobody, although the commit covers all open proposals.
        """
        kind = davey.ProposalsOperationType.revoke if revoke else davey.ProposalsOperationType.append
        users = [user_id for user_id in expected if user_id <= MAX_USER_ID]  # one beyond would fail the whole call
        result = _attempt("proposals", self._session.process_proposals, kind, data, users)
        if result is None:
            return None
        self._made.add(hashlib.sha256(result.commit).digest())
        return CommitWelcome(result.commit, result.welcome or b"")

    def is_ours(self, commit: bytes) -> bool:
        """Whether we made a commit."""
        return hashlib.sha256(commit).digest() in self._made

    def process_commit(self, data: bytes) -> None:
        """Move to the next epoch; the sending key changes here."""
        _attempt("commit", self._session.process_commit, data)
        self.has_key = True

    def process_welcome(self, data: bytes) -> None:
        """Join the group; the sending key changes here."""
        _attempt("welcome", self._session.process_welcome, data)
        self.has_key = True

    def allow_plain(self, *, allowed: bool, seconds: int) -> None:
        """Accept unencrypted frames of others from now on, or only for so many seconds more."""
        _attempt("passthrough", self._session.set_passthrough_mode, allowed, seconds)

    def encrypt(self, frames: Iterable[bytes]) -> list[bytes]:
        """Encrypt Opus frames, all or none: together, because this is the work of every packet."""
        return _attempt("encrypt", list, map(self._session.encrypt_opus, frames))

    def decrypt(self, user_id: int, payload: bytes) -> bytes:
        """Decrypt one frame of a member."""
        return _attempt("decrypt", self._session.decrypt, user_id, davey.MediaType.audio, payload)

    @property
    def epoch(self) -> int | None:
        """The group's epoch, None without a group."""
        return self._session.epoch if self.has_key else None

    @property
    def privacy_code(self) -> str | None:
        """Thirty digits that all members see alike, None without a group."""
        return self._session.voice_privacy_code if self.has_key else None

    def members(self) -> set[int]:
        """The users in the group."""
        return {int(user_id) for user_id in _attempt("members", self._session.get_user_ids)}

    def pairwise_fingerprint(self, user_id: int) -> bytes:
        """Return the 64 bytes behind a verification code; holds the GIL for half a second."""
        return _attempt("fingerprint", self._session.get_pairwise_fingerprint, 0, user_id)


def _attempt(step: str, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    try:
        return call(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 (see `_failure`)
        raise _failure(step, error) from None


def _failure(step: str, error: BaseException) -> DaveFailure:
    """Return what to raise for an error of davey: ValueError, PyO3's TypeError, a panic of the Rust code.

    Raises anything else again: an interrupt is not davey's.
    """
    if isinstance(error, Exception):
        return DaveFailure(step, _variant(error))
    if type(error).__name__ == "PanicException":  # derives from BaseException
        return DaveFailure(step, "Panic")
    raise error


def _variant(error: Exception) -> str:
    found = _VARIANT.match(str(error))
    return found[1] if found else type(error).__name__
