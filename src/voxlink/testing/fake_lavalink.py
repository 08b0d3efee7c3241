"""What a Lavalink node answers, without a socket: requests in, answers and messages out."""

from __future__ import annotations

import itertools
import random
import re
import string
import time
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from msgspec import UNSET, Struct

from voxlink.errors import InvalidBody, InvalidTrack
from voxlink.protocol import (
    Cpu,
    FreeAddress,
    Git,
    Info,
    Loaded,
    LoadedEmpty,
    LoadedTrack,
    Memory,
    Message,
    Ready,
    ServerStats,
    Session,
    StatsMessage,
    Track,
    TrackInfo,
    UpdatePlayer,
    UpdateSession,
    Version,
    decode_body,
    decode_wire_track,
    encode,
    encode_wire_track,
)
from voxlink.protocol import ErrorBody as Error
from voxlink.testing.fake_player import Clock, FakePlayer, Refusal, check_change

__all__ = ["FakeAnswer", "FakeLavalink", "FakeSession", "make_track"]

SESSION_ID_LENGTH = 16
ALPHABET = string.ascii_lowercase + string.digits
_numbers = itertools.count(1)


def make_track(title: str = "", *, length_ms: int = 180_000, source: str = "http", is_stream: bool = False) -> Track:
    """A track that the fake node can play; each call makes another one."""
    name = title or f"Track {next(_numbers)}"
    info = TrackInfo(
        identifier=f"https://example.org/{name.replace(' ', '-').lower()}.mp3",
        is_seekable=not is_stream,
        author="The Testers",
        length=length_ms,
        is_stream=is_stream,
        position=0,
        title=name,
        uri=f"https://example.org/{name.replace(' ', '-').lower()}.mp3",
        source_name=source,
    )
    plain = Track("", info, {"probeInfo": "mp3"} if source in ("http", "local") else {})
    return Track(encode_wire_track(plain), info, plain.plugin_info)


class FakeAnswer(Struct, frozen=True):
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


class FakeSession:
    """A client's session; its messages wait here while its socket is away."""

    def __init__(self, session_id: str, user_id: str) -> None:
        self.id = session_id
        self.user_id = user_id
        self.players: dict[int, FakePlayer] = {}
        self.resuming = False
        self.timeout_s = 60
        self.send: Callable[[str], None] | None = None
        self._waiting: deque[str] = deque()
        self.left_at: float | None = None

    def emit(self, message: Message) -> None:
        """Send a message now, or keep it for the resume."""
        self.emit_text(encode(message).decode())

    def emit_text(self, text: str) -> None:
        """The same for text as it is."""
        if self.send is not None:
            self.send(text)
        elif self.resuming:
            self._waiting.append(text)

    def connect(self, send: Callable[[str], None], *, resumed: bool) -> None:
        """A socket is there: say `ready`, then what was kept."""
        self.send = send
        self.left_at = None
        send(encode(Ready(resumed, self.id)).decode())
        while self._waiting:
            send(self._waiting.popleft())


class FakeLavalink:
    """The node itself. `now` and `wall` are its clocks, in seconds; `seed` fixes its session ids."""

    def __init__(
        self,
        *,
        password: str = "youshallnotpass",  # noqa: S107 - Lavalink's own default
        version: str = "4.2.2",
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        seed: int = 0,
    ) -> None:
        self.password = password
        self.version = version
        self.clock = Clock(now, wall)
        self.sessions: dict[str, FakeSession] = {}
        self.loads: dict[str, Loaded] = {}
        self.load_unknown: Callable[[str], Loaded] = lambda _identifier: LoadedEmpty()
        self._random = random.Random(seed)
        self._began = now()

    # The socket

    def open_session(self, headers: Mapping[str, str]) -> FakeSession | int:
        """Answer a WebSocket handshake: the session, or the status of a refusal (server.md 1.4)."""
        given = {key.lower(): value for key, value in headers.items()}
        if given.get("authorization") != self.password:
            return 401
        user_id = given.get("user-id", "").strip()
        if not user_id or not user_id.strip("0"):
            return 400
        self.expire()
        known = self.sessions.get(given.get("session-id", ""))
        if known is not None and known.resuming and known.send is None:
            return known
        session = FakeSession("".join(self._random.choices(ALPHABET, k=SESSION_ID_LENGTH)), user_id)
        self.sessions[session.id] = session
        return session

    def close_session(self, session: FakeSession) -> None:
        """The session's socket closed: it waits for its timeout if it may resume, else it is gone."""
        session.send = None
        session.left_at = self.clock.now()
        if not session.resuming:
            self.sessions.pop(session.id, None)

    def expire(self) -> None:
        """Forget sessions whose time to resume is over."""
        now = self.clock.now()
        for session in list(self.sessions.values()):
            if session.left_at is not None and now - session.left_at >= session.timeout_s:
                del self.sessions[session.id]

    def forget_sessions(self) -> None:
        """Lose every session, as a restarted process does."""
        self.sessions.clear()

    # Requests

    def answer(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> FakeAnswer:
        """Answer one REST request."""
        self.expire()
        given = {key.lower(): value for key, value in headers.items()}
        try:
            found = self._route(method, path)
            password = given.get("authorization")
            if password != self.password:
                return FakeAnswer(401 if password is None else 403)
            handler, arguments = found
            needs_json = method in ("PATCH", "POST") and not path.endswith("free/all")
            kind = given.get("content-type", "")
            if needs_json and not kind.lower().startswith("application/json"):
                raise Refusal(415, f"Content-Type '{kind or 'application/octet-stream'}' is not supported.")
            return handler(self, query, body, *arguments)
        except Refusal as refusal:
            return self._error(refusal.status, refusal.message, path, query, "web.server.ResponseStatusException")
        except (InvalidBody, ValueError):
            return self._error(400, "Bad Request", path, query, "http.converter.HttpMessageNotReadableException")

    def _route(self, method: str, path: str) -> tuple[Callable[..., FakeAnswer], tuple[str, ...]]:
        allowed = False
        for verb, pattern, handler in ROUTES:
            match = pattern.fullmatch(path)
            if match is not None and verb == method:
                return handler, tuple(map(unquote, match.groups()))
            allowed = allowed or match is not None
        if allowed:
            raise Refusal(405, f"Method '{method}' is not supported.")
        raise Refusal(404, f"No endpoint {method} {path}.")

    def _error(self, status: int, message: str, path: str, query: Mapping[str, str], java: str) -> FakeAnswer:
        """An error body; with `?trace` of anything but `false` a stack trace that begins with the class `java`."""
        error = Error(
            timestamp=int(self.clock.wall() * 1000),
            status=status,
            error=HTTPStatus(status).phrase,
            trace=UNSET if query.get("trace", "false").lower() == "false" else f"org.springframework.{java} <trace>",
            message=message,
            path=path,
        )
        return FakeAnswer(status, encode(error))

    def _session(self, session_id: str) -> FakeSession:
        session = self.sessions.get(session_id)
        if session is None:
            raise Refusal(404, "Session not found")
        return session

    def load(self, identifier: str) -> Loaded:
        """What `loadtracks` finds: what a test put into `loads`, or what `load_unknown` makes of it."""
        found = self.loads.get(identifier)
        return self.load_unknown(identifier) if found is None else found

    def find(self, identifier: str) -> Track:
        """The one track of an identifier. Raises `Refusal`."""
        found = self.load(identifier)
        if isinstance(found, LoadedTrack):
            return found.data
        if isinstance(found, LoadedEmpty):
            raise Refusal(400, "No matches found for identifier")
        raise Refusal(400, "Cannot play a playlist or search result")

    def answer_get_version(self, _query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """The version as text."""
        return FakeAnswer(200, self.version.encode(), "text/plain;charset=ISO-8859-1")

    def answer_get_info(self, _query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """What the node is."""
        major, minor, patch = (int(part) for part in [*self.version.split("."), "0", "0"][:3])
        return _json(
            Info(
                version=Version(self.version, major, minor, patch, ""),
                build_time=0,
                git=Git("fake", "0000000", 0),
                jvm="none",
                lavaplayer="2.2.6",
                source_managers=["http", "local", "youtube", "soundcloud"],
                filters=[
                    "volume",
                    "equalizer",
                    "karaoke",
                    "timescale",
                    "tremolo",
                    "vibrato",
                    "distortion",
                    "rotation",
                    "channelMix",
                    "lowPass",
                ],
                plugins=[],
            )
        )

    def stats(self) -> ServerStats:
        """The node's load: idle, with the players that it has."""
        players = [player for session in self.sessions.values() for player in session.players.values()]
        return ServerStats(
            frame_stats=None,
            players=len(players),
            playing_players=sum(player.track is not None and not player.paused for player in players),
            uptime=int((self.clock.now() - self._began) * 1000),
            memory=Memory(free=1 << 28, used=1 << 27, allocated=1 << 28, reservable=1 << 30),
            cpu=Cpu(cores=2, system_load=0.0, lavalink_load=0.0),
        )

    def stats_message(self) -> StatsMessage:
        """The same as a message."""
        stats = self.stats()
        return StatsMessage(
            stats.frame_stats, stats.players, stats.playing_players, stats.uptime, stats.memory, stats.cpu
        )

    def answer_get_stats(self, _query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """Its load."""
        return _json(self.stats())

    def answer_load_tracks(self, query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """What an identifier finds."""
        identifier = query.get("identifier")
        if identifier is None:
            raise Refusal(400, "Required parameter 'identifier' is not present.")
        return _json(self.load(identifier))

    def answer_decode_track(self, query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """One text decoded."""
        text = query.get("encodedTrack", query.get("track"))
        if text is None:
            raise Refusal(400, "No track to decode provided")
        return _json(_decoded(text))

    def answer_decode_tracks(self, _query: Mapping[str, str], body: bytes) -> FakeAnswer:
        """Texts decoded, all or none."""
        texts = decode_body(body, list[str])
        if not texts:
            raise Refusal(400, "No tracks to decode provided")
        return _json([_decoded(text) for text in texts])

    def answer_get_players(self, _query: Mapping[str, str], _body: bytes, session_id: str) -> FakeAnswer:
        """The players of a session."""
        return _json([player.snapshot() for player in self._session(session_id).players.values()])

    def answer_get_player(self, _query: Mapping[str, str], _body: bytes, session_id: str, guild: str) -> FakeAnswer:
        """One player."""
        guild_id = _guild(guild)
        player = self._session(session_id).players.get(guild_id)
        if player is None:
            raise Refusal(404, "Player not found")
        return _json(player.snapshot())

    def answer_patch_player(self, query: Mapping[str, str], body: bytes, session_id: str, guild: str) -> FakeAnswer:
        """A player changed."""
        guild_id = _guild(guild)
        no_replace = _flag(query.get("noReplace", "false"))
        change = decode_body(body, UpdatePlayer)
        session = self._session(session_id)
        check_change(change)
        player = session.players.get(guild_id)
        if player is None:
            player = session.players[guild_id] = FakePlayer(guild_id, self.clock, session.emit, self.find)
        try:
            player.apply(change, no_replace=no_replace)
        except InvalidTrack as error:
            raise Refusal(500, f"Request processing failed: {error}") from None
        return _json(player.snapshot())

    def answer_delete_player(self, _query: Mapping[str, str], _body: bytes, session_id: str, guild: str) -> FakeAnswer:
        """A player removed."""
        self._session(session_id).players.pop(_guild(guild), None)
        return FakeAnswer(204)

    def answer_patch_session(self, _query: Mapping[str, str], body: bytes, session_id: str) -> FakeAnswer:
        """Whether a session may resume, and how long."""
        change = decode_body(body, UpdateSession)
        session = self._session(session_id)
        if isinstance(change.resuming, bool):
            session.resuming = change.resuming
        if isinstance(change.timeout, int):
            session.timeout_s = change.timeout
        return _json(Session(session.resuming, session.timeout_s))

    def answer_route_planner(self, _query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """No route planner."""
        return FakeAnswer(204)

    def answer_free_address(self, _query: Mapping[str, str], body: bytes) -> FakeAnswer:
        """Refused like the other, once the body has been read."""
        decode_body(body, FreeAddress)
        return self.answer_no_planner(_query, body)

    def answer_no_planner(self, _query: Mapping[str, str], _body: bytes) -> FakeAnswer:
        """Refused: there is no route planner."""
        raise Refusal(500, "Can't access disabled route planner")


_S = r"/v4/sessions/([^/]+)"
ROUTES: list[tuple[str, re.Pattern[str], Callable[..., FakeAnswer]]] = [
    (method, re.compile(pattern), handler)
    for method, pattern, handler in [
        ("GET", "/version", FakeLavalink.answer_get_version),
        ("GET", "/v4/info", FakeLavalink.answer_get_info),
        ("GET", "/v4/stats", FakeLavalink.answer_get_stats),
        ("GET", "/v4/loadtracks", FakeLavalink.answer_load_tracks),
        ("GET", "/v4/decodetrack", FakeLavalink.answer_decode_track),
        ("POST", "/v4/decodetracks", FakeLavalink.answer_decode_tracks),
        ("PATCH", _S, FakeLavalink.answer_patch_session),
        ("GET", _S + "/players", FakeLavalink.answer_get_players),
        ("GET", _S + "/players/([^/]+)", FakeLavalink.answer_get_player),
        ("PATCH", _S + "/players/([^/]+)", FakeLavalink.answer_patch_player),
        ("DELETE", _S + "/players/([^/]+)", FakeLavalink.answer_delete_player),
        ("GET", "/v4/routeplanner/status", FakeLavalink.answer_route_planner),
        ("POST", "/v4/routeplanner/free/address", FakeLavalink.answer_free_address),
        ("POST", "/v4/routeplanner/free/all", FakeLavalink.answer_no_planner),
    ]
]


def _json(value: Any) -> FakeAnswer:
    return FakeAnswer(200, encode(value))


def _decoded(text: str) -> Track:
    try:
        return decode_wire_track(text)
    except InvalidTrack as error:
        raise Refusal(500, f"Request processing failed: {error}") from None


def _guild(text: str) -> int:
    number = int(text.replace("_", "?"))  # Python reads 1_000 as a number, Java does not
    if not -(2**63) <= number < 2**63:
        raise Refusal(400, "Bad Request")
    return number


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word in ("true", "on", "yes", "1"):
        return True
    if word in ("false", "off", "no", "0"):
        return False
    raise Refusal(400, "Bad Request")
