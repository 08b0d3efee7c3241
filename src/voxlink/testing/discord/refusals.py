"""What the simulated Discord answers when it refuses: HTTP status, Discord's JSON error code and its words. Pure.

Source: Discord's documentation, "Opcodes and Status Codes": JSON error codes and gateway close event codes.
"""

from __future__ import annotations

import enum

from voxlink.errors import RemoteError
from voxlink.testing.discord.state import Json

__all__ = ["GatewayClose", "Refusal", "invalid_field", "invalid_form"]


class Refusal(RemoteError):
    """A REST request that Discord would refuse.

    `status` is the HTTP status, `code` Discord's error code, `errors` the tree that names the wrong fields.
    """

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        super().__init__(f"{status} {code}: {message}")

    def body(self) -> Json:
        """The JSON body of the answer."""
        body: Json = {"message": self.message, "code": self.code}
        return body if self.errors is None else {**body, "errors": self.errors}

    @classmethod
    def unauthorized(cls) -> Refusal:
        """The token is missing or wrong."""
        return cls(401, 0, "401: Unauthorized")

    @classmethod
    def not_found(cls) -> Refusal:
        """There is no such route."""
        return cls(404, 0, "404: Not Found")

    @classmethod
    def unknown(cls, what: str) -> Refusal:
        """Something that is named in the request does not exist; `what` is one of the keys of `UNKNOWN`."""
        return cls(404, UNKNOWN[what], f"Unknown {what}")

    @classmethod
    def missing_access(cls) -> Refusal:
        """The bot cannot see the thing."""
        return cls(403, 50001, "Missing Access")

    @classmethod
    def missing_permissions(cls) -> Refusal:
        """The bot sees the thing and may not do that with it."""
        return cls(403, 50013, "Missing Permissions")

    @classmethod
    def not_the_author(cls) -> Refusal:
        """The bot edits a message of somebody else."""
        return cls(403, 50005, "Cannot edit a message authored by another user")

    @classmethod
    def empty_message(cls) -> Refusal:
        """A message with nothing in it."""
        return cls(400, 50006, "Cannot send an empty message")

    @classmethod
    def already_acknowledged(cls) -> Refusal:
        """An interaction has one initial answer."""
        return cls(400, 40060, "Interaction has already been acknowledged.")

    @classmethod
    def not_in_voice(cls) -> Refusal:
        """A member is moved who is in no voice channel."""
        return cls(400, 40032, "Target user is not connected to voice.")


UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "User": 10013,
    "Webhook": 10015,
    "Interaction": 10062,
    "interaction": 10062,
    "application command": 10063,
    "Voice State": 10065,
}
"""Discord's codes for "Unknown …"."""


def invalid_form(errors: Json) -> Refusal:
    """50035: `errors` names the wrong fields."""
    return Refusal(400, 50035, "Invalid Form Body", errors)


def invalid_field(path: str, code: str, message: str) -> Refusal:
    """50035 for one field; `path` is dotted (`embeds.0.title`)."""
    errors: Json = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return invalid_form(errors)


class GatewayClose(enum.Enum):
    """Discord's gateway close codes and their words."""

    UNKNOWN_OPCODE = 4001, "Unknown opcode."
    DECODE_ERROR = 4002, "Error while decoding payload."
    NOT_AUTHENTICATED = 4003, "Not authenticated."
    AUTHENTICATION_FAILED = 4004, "Authentication failed."
    ALREADY_AUTHENTICATED = 4005, "Already authenticated."
    INVALID_SEQ = 4007, "Invalid seq."
    RATE_LIMITED = 4008, "Rate limited."
    SESSION_TIMED_OUT = 4009, "Session timed out."
    INVALID_SHARD = 4010, "Invalid shard."
    SHARDING_REQUIRED = 4011, "Sharding required."
    INVALID_API_VERSION = 4012, "Invalid API version."
    INVALID_INTENTS = 4013, "Invalid intent(s)."
    DISALLOWED_INTENTS = 4014, "Disallowed intent(s)."

    @property
    def code(self) -> int:
        """The close code of the frame."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """The reason of the frame."""
        return self.value[1]
