"""What went wrong while a track was loaded or played, in Lavalink's words."""

from __future__ import annotations

from voxlink.protocol.enums import Severity
from voxlink.protocol.value import Value

__all__ = ["ExceptionDetails"]


class ExceptionDetails(Value, frozen=True):
    """A failure. `message` is for the user, `cause` names the root cause; servers before 4.1 send no stack trace."""

    message: str | None
    severity: Severity
    cause: str
    cause_stack_trace: str = ""
