"""Every error that Voxlink raises, in one tree; each says whose fault it is.

    VoxlinkError                    anything of ours
    ├── UsageError                  the caller asked for something that cannot be
    │   ├── MissingExtra            a feature needs `pip install "voxlink[...]"`
    │   ├── ConfigError             a file or an option holds something that we cannot use
    │   ├── BadValue                an argument is out of its range (also a ValueError)
    │   ├── BadType                 an argument has the wrong type (also a TypeError)
    │   ├── PlayerRefused           a player cannot do what a change asks; carries `message`
    │   │   ├── InvalidChange       the fields of a change contradict each other or are out of range
    │   │   ├── FilterUnavailable   a filter would change the sound and is not there yet
    │   │   ├── NoMatches           nothing was found for an identifier
    │   │   └── NotOneTrack         an identifier names a playlist or a search, not one track
    │   ├── EngineClosed            the engine or the player was closed already
    │   ├── RequestRefused          a request to the node cannot be done as asked; carries the HTTP status
    │   └── UnknownMember           the simulated voice server knows no such member (also a LookupError)
    ├── RemoteError                 the other side sent something that it may not send
    │   ├── InvalidBody             JSON that is not what the protocol asks for; names the JSON path
    │   ├── InvalidPacket           a datagram is no RTP, RTCP or discovery packet, or was tampered with
    │   ├── InvalidVoiceMessage     a message of the voice gateway does not have its opcode's shape
    │   ├── InvalidPipeMessage      a message between us and the transmitter process is malformed
    │   └── DaveFailure             an MLS message or an encrypted frame cannot be processed
    │   ├── MediaError              a media file or stream cannot be played; carries message, severity and cause
    │   │   ├── UnknownFormat       no container that we know begins like this
    │   │   ├── NoAudioTrack        the container holds no sound that we can decode
    │   │   ├── MediaDamaged        the container cannot be opened: damaged, cut off or empty
    │   │   ├── DecodeFailed        the sound cannot be decoded any further
    │   │   │   └── MediaTruncated  the file ends before the length that it announces
    │   │   ├── SeekFailed          the place cannot be reached, or the stream cannot seek
    │   │   └── MediaUnreadable     a file is missing, a directory or forbidden (environment)
    │   ├── DownloadFailed          a file could not be fetched from a web server; carries url and reason
    │   └── LoadFailed              a source cannot load or open what it was asked for; the same attributes
    ├── EnvironmentFault            the machine or the network refused: a port, a file, a process
    │   ├── ListenFailed            the node cannot listen on an address: taken, not ours, not allowed
    │   ├── CallNotSettled          a simulated call's members did not agree on one group in time (also a TimeoutError)
    │   ├── NotHeardInTime          the simulated voice server did not hear what was waited for (also a TimeoutError)
    │   ├── NotSeenInTime           the fake node did not see what was waited for (also a TimeoutError)
    │   ├── TransmitterFailed       the transmitter process did not start or keeps dying
    │   ├── JavaFailed              Java is missing, too old, or refused a jar
    │   └── EngineFailed            the engine's process did not start or keeps dying
    ├── NeverHappened               what a test waited for did not come in time (also an AssertionError)
    ├── VoiceConnectError           a voice connection was not made, or ended for good
    │   ├── VoiceRefused            the voice server closed it with a code (remote)
    │   ├── VoiceTimeout            a step took too long (environment)
    │   └── VoiceUnreachable        the voice server could not be reached (environment)
    └── LavalinkError               the client's errors, under Lavalink.py's names; each names the fault itself
        ├── ClientError             something went wrong on the way to a node
        │   ├── NodeUnreachable     the node refused or lost the connection (also a ConnectionError)
        │   ├── NodeTimeout         the node did not answer in time (also a TimeoutError)
        │   └── EmbeddedNodeError   the node process of `start_embedded_node` did not start or died
        ├── AuthenticationError     the node's password is wrong
        ├── InvalidTrack            something is not a track
        ├── UnsupportedFilter       a filter that the player's node says it does not have; carries `names`
        ├── LoadError               a deferred track found nothing to play
        └── RequestError            the node answered with an error status

Rooms add their own errors below the branch that names the fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

__all__ = [
    "AuthenticationError",
    "BadType",
    "BadValue",
    "CallNotSettled",
    "ClientError",
    "ConfigError",
    "DaveFailure",
    "DecodeFailed",
    "DownloadFailed",
    "EmbeddedNodeError",
    "EngineClosed",
    "EngineFailed",
    "EnvironmentFault",
    "FilterUnavailable",
    "InvalidBody",
    "InvalidChange",
    "InvalidPacket",
    "InvalidPipeMessage",
    "InvalidTrack",
    "InvalidVoiceMessage",
    "JavaFailed",
    "LavalinkError",
    "ListenFailed",
    "LoadError",
    "LoadFailed",
    "MediaDamaged",
    "MediaError",
    "MediaTruncated",
    "MediaUnreadable",
    "MissingExtra",
    "NeverHappened",
    "NoAudioTrack",
    "NoMatches",
    "NodeTimeout",
    "NodeUnreachable",
    "NotHeardInTime",
    "NotOneTrack",
    "NotSeenInTime",
    "PlayerRefused",
    "RemoteError",
    "RequestError",
    "RequestRefused",
    "SeekFailed",
    "TransmitterFailed",
    "UnknownFormat",
    "UnknownMember",
    "UnsupportedFilter",
    "UsageError",
    "VoiceConnectError",
    "VoiceRefused",
    "VoiceTimeout",
    "VoiceUnreachable",
    "VoxlinkError",
]

Fault = Literal["caller", "remote", "environment", "ours"]


class VoxlinkError(Exception):
    """The base of every error that Voxlink raises on purpose."""

    fault: ClassVar[Fault] = "ours"
    """Whose fault it is: `caller`, `remote`, `environment` or `ours`."""


class UsageError(VoxlinkError):
    """The caller asked for something that cannot be done as asked."""

    fault = "caller"


class MissingExtra(UsageError, ImportError):
    """A feature needs packages that an extra of Voxlink brings.

    `extra` is the extra's name; `feature` says in plain words what needed it.
    """

    def __init__(self, feature: str, extra: str) -> None:
        self.feature = feature
        self.extra = extra
        super().__init__(f'{feature} needs more packages: pip install "voxlink[{extra}]"')


class ConfigError(UsageError, ValueError):
    """A configuration file, environment variable or option holds something that cannot be used."""


class BadValue(UsageError, ValueError):
    """An argument is out of the range that its documentation gives."""


class BadType(UsageError, TypeError):
    """An argument has a type that its documentation does not allow."""


class PlayerRefused(UsageError):
    """A player cannot do what a change asks for. `message` is one sentence for the user."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class InvalidChange(PlayerRefused, ValueError):
    """The fields of a player change contradict each other or are out of range; nothing was applied."""


class FilterUnavailable(PlayerRefused):
    """Filters that would change the sound are not available; nothing was applied. `names` are their wire names."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(f"Following filters are not available: {', '.join(names)}")


class NoMatches(PlayerRefused):
    """Nothing was found for the identifier that a change asked to play."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        super().__init__("No matches found for identifier")


class NotOneTrack(PlayerRefused):
    """The identifier that a change asked to play names a playlist or a search, not one track."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        super().__init__("Cannot play a playlist or search result")


class EngineClosed(UsageError):
    """The engine or the player was closed; it takes no more commands."""


class RequestRefused(UsageError):
    """A request to the node cannot be done as asked. `status` is the HTTP status, `message` one sentence."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


class RemoteError(VoxlinkError):
    """The other side (Discord, a node, a file's server) sent something that it may not send."""

    fault = "remote"


class DownloadFailed(RemoteError):
    """A file could not be fetched whole: `url` names it (or the file on disk), `reason` says why in plain words."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        self.reason = reason
        super().__init__(f"cannot fetch {url}: {reason}")


class InvalidBody(RemoteError, ValueError):
    """A JSON body or message is not what the protocol asks for.

    `path` is the place as a JSON path (`$.filters.equalizer[0].band`), `expected` and `got` say in words what should
    be there and what is; secrets are not shown.
    """

    def __init__(self, path: str, expected: str, got: str) -> None:
        self.path = path
        self.expected = expected
        self.got = got
        super().__init__(f"{path}: expected {expected}, got {got}")


class EnvironmentFault(VoxlinkError):
    """The machine or the network refused: a port is taken, a file is missing, a process died."""

    fault = "environment"


Severity = Literal["common", "suspicious", "fault"]
"""How serious Lavalink's clients take a failure: `common` is expected, `suspicious` may be ours, `fault` is."""


class JavaFailed(EnvironmentFault):
    """Java is missing or too old, or it refused a jar."""


class ListenFailed(EnvironmentFault):
    """The node cannot listen on `address` and `port`; `reason` is the system's in plain words."""

    def __init__(self, address: str, port: int, reason: str) -> None:
        self.address = address
        self.port = port
        self.reason = reason
        super().__init__(f"cannot listen on {address}:{port}: {reason}")


class MediaError(RemoteError):
    """A media file or stream cannot be played.

    `message` is one sentence for the user (Lavalink's own where it has one), `severity` is `common`, `suspicious`
    or `fault`, `cause` is what went wrong below, or None.
    """

    message: ClassVar[str] = "The file cannot be played."
    severity: ClassVar[Severity] = "common"

    def __init__(self, cause: str | None = None) -> None:
        self.cause = cause
        super().__init__(self.message if cause is None else f"{self.message} ({cause})")


class UnknownFormat(MediaError):
    """Neither the first bytes nor the name belong to a container that we can read."""

    message = "Unknown file format."


class NoAudioTrack(MediaError):
    """The container holds no sound, or only in codecs that we cannot decode."""

    message = "No supported audio tracks present in the file."


class MediaDamaged(MediaError):
    """The container is one of ours but cannot be opened: it is damaged, cut off or empty."""

    message = "The file is damaged or incomplete."
    severity = "suspicious"


class DecodeFailed(MediaError):
    """The sound cannot be decoded any further; what came before it has been handed out."""

    message = "Something went wrong when decoding the track."
    severity = "fault"


class MediaTruncated(DecodeFailed):
    """The sound ended long before the length that the file announces: `ended_ms` of `length_ms`."""

    message = "The file is cut off."
    severity = "common"

    def __init__(self, ended_ms: float, length_ms: float) -> None:
        self.ended_ms = ended_ms
        self.length_ms = length_ms
        super().__init__(f"it ends after {ended_ms / 1000:.1f} s of {length_ms / 1000:.1f} s")


class SeekFailed(MediaError):
    """The place in the track cannot be reached, or the stream cannot seek at all."""

    message = "Something went wrong when seeking to a position."
    severity = "fault"


class MediaUnreadable(MediaError, EnvironmentFault):
    """A local file is missing, is a directory, or may not be read."""

    fault = "environment"
    message = "The file cannot be read."


class LoadFailed(RemoteError):
    """A source cannot load or open what it was asked for.

    `message` is one sentence for the user, `severity` is `common`, `suspicious` or `fault`, `cause` is what went
    wrong below, or None: the fields of a Lavalink load error.
    """

    def __init__(self, message: str, severity: Severity = "common", cause: str | None = None) -> None:
        self.message = message
        self.severity: Severity = severity
        self.cause = cause
        super().__init__(message if cause is None else f"{message} ({cause})")


class LavalinkError(VoxlinkError):
    """The base of the client's errors, under Lavalink.py's name."""


class ClientError(LavalinkError):
    """Something went wrong on the way to a node: no node, no session, no connection, an answer that is no answer."""

    fault = "environment"


class NodeUnreachable(ClientError, EnvironmentFault, ConnectionError):
    """The node refused the connection or lost it before it answered."""


class NodeTimeout(ClientError, EnvironmentFault, TimeoutError):
    """The node did not answer within the request's time limit."""


class EmbeddedNodeError(ClientError, EnvironmentFault):
    """The embedded node's process did not start, or died and could not be brought back.

    `exit_code` is the process's exit status (None while it runs); `output` holds its last lines, redacted.
    """

    def __init__(self, message: str, *, exit_code: int | None = None, output: str = "") -> None:
        self.exit_code = exit_code
        self.output = output
        super().__init__(message)


class AuthenticationError(LavalinkError, UsageError):
    """A node refused the password. `status` is 401 or 403 and `node` the node, where they are known."""

    def __init__(self, message: str = "the node refused the password", *, node: Any = None, status: int = 401) -> None:
        self.node = node
        self.status = status
        super().__init__(message)


class InvalidTrack(LavalinkError, UsageError):
    """Something that should be a track is none. Codec errors carry `field` and the byte `offset`."""

    def __init__(self, message: str = "not a track", *, field: str | None = None, offset: int | None = None) -> None:
        self.field = field
        self.offset = offset
        super().__init__(message)


class UnsupportedFilter(LavalinkError, UsageError):
    """A player's node says that it does not have a filter; nothing was sent. `names` are those of the wire."""

    def __init__(self, names: list[str], node: str) -> None:
        self.names = names
        super().__init__(f"{node} does not have the filters: {', '.join(names)}")


class LoadError(LavalinkError):
    """A track could not be loaded, for example because a `DeferredAudioTrack` found no equivalent."""


class RequestError(LavalinkError, RemoteError):
    """A node answered a request with an error.

    The first argument is the message (API document) or the node (Lavalink.py since 5.6); both forms are accepted.
    `response` may be anything that the node sent: keys that are missing become empty values. Attributes: `status`,
    `timestamp` (ms since the epoch), `error` (the status in words), `message`, `path`, `trace` (None unless it was
    asked for), `params` of the request, `node` (None when it is not known).
    """

    def __init__(
        self, node_or_message: Any, status: int, response: Mapping[str, Any], params: Mapping[str, Any] | None = None
    ) -> None:
        given = node_or_message if isinstance(node_or_message, str) else None
        self.node = None if isinstance(node_or_message, str) else node_or_message
        self.status = status
        self.timestamp = int(response.get("timestamp") or 0)
        self.error = str(response.get("error") or "")
        self.message = str(response.get("message") or given or "")
        self.path = str(response.get("path") or "")
        self.trace: str | None = response.get("trace")
        self.params: Mapping[str, Any] = params if params is not None else {}
        words = self.message or self.error or "no message"
        super().__init__(f"An error occurred during a request to the node ({words}): {status} {self.error}".rstrip())


class InvalidPacket(RemoteError):
    """A datagram of the voice server is malformed or fails authentication; it was dropped.

    `what` names the kind of packet, `reason` what is wrong with it.
    """

    def __init__(self, what: str, reason: str) -> None:
        self.what = what
        self.reason = reason
        super().__init__(f"{what}: {reason}")


class InvalidVoiceMessage(RemoteError):
    """A message of the voice gateway does not have the shape of its opcode (None: no opcode was readable)."""

    def __init__(self, opcode: int | None, reason: str) -> None:
        self.opcode = opcode
        self.reason = reason
        super().__init__(f"voice gateway message (op {'?' if opcode is None else opcode}): {reason}")


class InvalidPipeMessage(RemoteError):
    """A message on the pipe between an engine and its transmitter is malformed, too long or of another version."""


class DaveFailure(RemoteError):
    """The MLS library refused a message or a frame. `step` is what was tried, `variant` its word for what is wrong."""

    def __init__(self, step: str, variant: str) -> None:
        self.step = step
        self.variant = variant
        super().__init__(f"{step}: {variant}")


class EngineFailed(EnvironmentFault):
    """The process of a remote engine did not start or keeps dying. `exit_code` is None if it never ended by itself."""

    def __init__(self, reason: str, exit_code: int | None = None) -> None:
        self.reason = reason
        self.exit_code = exit_code
        ending = "" if exit_code is None else f" (exit status {exit_code})"
        super().__init__(f"the engine process {reason}{ending}")


class TransmitterFailed(EnvironmentFault):
    """The transmitter process did not start or keeps dying. `exit_code` is None if it never ended by itself."""

    def __init__(self, reason: str, exit_code: int | None = None) -> None:
        self.reason = reason
        self.exit_code = exit_code
        ending = "" if exit_code is None else f" (exit status {exit_code})"
        super().__init__(f"the transmitter process {reason}{ending}")


class NeverHappened(VoxlinkError, AssertionError):
    """Something that a test waited for in a simulation did not come.

    `what` says in plain words what was waited for, `timeout_s` for how long.
    """

    def __init__(self, what: str, timeout_s: float) -> None:
        self.what = what
        self.timeout_s = timeout_s
        super().__init__(f"waited {timeout_s:g} s for {what}")


class VoiceConnectError(VoxlinkError):
    """A voice connection could not be made or ended for good. `reason` is one sentence for the user."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class VoiceRefused(VoiceConnectError):
    """The voice server closed the connection. `code` is its close code, `reason` its text or ours."""

    fault = "remote"

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        super().__init__(f"the voice server closed the connection with code {code}: {reason or 'no reason given'}")
        self.reason = reason


class VoiceTimeout(VoiceConnectError, TimeoutError):
    """A step of the voice handshake was not answered in time. `waiting_for` names the step."""

    fault = "environment"

    def __init__(self, waiting_for: str, timeout_s: float) -> None:
        self.waiting_for = waiting_for
        self.timeout_s = timeout_s
        super().__init__(f"no {waiting_for} from the voice server within {timeout_s:g} s")


class VoiceUnreachable(VoiceConnectError, ConnectionError):
    """The voice server could not be reached: name, network or TLS. `endpoint` is where we tried."""

    fault = "environment"

    def __init__(self, endpoint: str, reason: str) -> None:
        self.endpoint = endpoint
        super().__init__(f"cannot reach the voice server {endpoint}: {reason}")
        self.reason = reason


class UnknownMember(UsageError, LookupError):
    """The simulated voice server has no session of that user in that guild that identified."""

    def __init__(self, guild_id: int, user_id: int) -> None:
        self.guild_id = guild_id
        self.user_id = user_id
        super().__init__(f"user {user_id} has not joined a voice channel of guild {guild_id} here")


class NotSeenInTime(EnvironmentFault, TimeoutError):
    """The fake node did not see what a test waited for: `what` says it."""

    def __init__(self, what: str, timeout_s: float) -> None:
        self.what = what
        self.timeout_s = timeout_s
        super().__init__(f"waited {timeout_s:g} s for {what}")


class NotHeardInTime(EnvironmentFault, TimeoutError):
    """The simulated voice server did not hear enough frames in time: `wanted` of which `heard` came."""

    def __init__(self, wanted: int, heard: int, timeout_s: float) -> None:
        self.wanted = wanted
        self.heard = heard
        self.timeout_s = timeout_s
        super().__init__(f"heard {heard} of {wanted} frames within {timeout_s:g} s")


class CallNotSettled(EnvironmentFault, TimeoutError):
    """The members of a channel on the simulated voice server did not agree on one encrypted group in time."""

    def __init__(self, channel_id: int, timeout_s: float) -> None:
        self.channel_id = channel_id
        self.timeout_s = timeout_s
        super().__init__(f"the call in channel {channel_id} did not settle within {timeout_s:g} s")
