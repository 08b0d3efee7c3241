"""Runs a case of lavalink-recorded.json against our node and names every difference from what Lavalink answered."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from support.node_client import WITHIN_S, Client, Socket
from voxlink.protocol import Track, TrackInfo, encode_wire_track
from voxlink.testing import VoiceServer

DATA = Path(__file__).resolve().parents[1] / "data" / "lavalink-recorded.json"

LENGTH_TOLERANCE_MS = 120
"""The recording's files were made by another encoder, which pads differently."""

Case = dict[str, Any]

_BLOB = re.compile(
    r"<blob of (?P<uri>[^,]+), title (?P<title>\w+), author (?P<author>\w+), "
    r"length (?P<length>\d+), probe (?P<probe>\w+)>"
)


def cases() -> list[Case]:
    return json.loads(DATA.read_text(encoding="utf-8"))["cases"]


GUILDS = itertools.count(817_327_181_659_111_454, 2)
VOICE_USER = 1
VOICE_CHANNEL = 77
VOICE_SESSIONS = ("vs2", "other", "v", "vs")
RECONNECTING_CODES = frozenset({1001, 1006, 4000, 4001, 4002, 4003, 4005, 4009, 4012, 4015, 4016, 4020})
"""Lavalink reconnects after these by itself and says nothing (server.md 2.6)."""


def admit(voice: VoiceServer, guild: int, session_id: str) -> None:
    """Let the recording's voice session in, with the recording's token."""
    voice.admit(guild, VOICE_USER, VOICE_CHANNEL, session_id=session_id)
    member = voice._backend.members[-1]
    member.token = "ok"


class RawAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def raw_request(
    host: str, port: int, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> RawAnswer:
    """Send a request byte for byte as it is given, whatever a proper client would say about it."""
    async with asyncio.timeout(WITHIN_S):
        reader, writer = await asyncio.open_connection(host, port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", *(f"{k}: {v}" for k, v in headers.items())]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            answered = {
                name.lower(): text.strip() for name, _, text in (line.partition(":") for line in head[1:] if line)
            }
            length = 0 if method == "HEAD" else int(answered.get("content-length", "0"))
            return RawAnswer(int(head[0].split()[1]), answered, await reader.readexactly(length))
        finally:
            writer.close()
            await writer.wait_closed()


class Run:
    """One case in progress: its sockets and fresh guild ids, and what its placeholders stand for."""

    def __init__(self, node: Client, names: Mapping[str, str], voice: VoiceServer | None = None) -> None:
        self.node = node
        self.voice = voice
        self.names = {"password": node.headers["Authorization"], "host": f"127.0.0.1:{node.server.port}", **names}
        guild = next(GUILDS)
        self.names |= {"guild": str(guild), "guild2": str(guild + 1)}
        if voice is not None:
            self.names["voice"] = voice.endpoint
            for name in VOICE_SESSIONS:
                admit(voice, guild, name)
        self.sockets: dict[str, Socket] = {}
        self.where = ""
        self.differences: list[str] = []
        self.answers: list[RawAnswer] = []

    async def perform(self, steps: list[dict[str, Any]]) -> list[str]:
        """Do all steps; return what differed."""
        for number, step in enumerate(steps):
            action = getattr(self, "do_" + step["do"].replace(" ", "_"), None)
            if action is not None:
                self.where = f"step {number} ({step['do']})"
                await action(step)
        return self.differences

    async def do_http(self, step: dict[str, Any]) -> None:
        request, expected = step["request"], step["answer"]
        path = await self._filled(request["path"], quoted=True)
        body = await self._body(request["body"])
        headers = {name: await self._filled(text) for name, text in request["headers"].items()}

        async def ask() -> list[str]:
            before, self.differences = self.differences, []
            answer = await raw_request("127.0.0.1", self.node.server.port, request["method"], path, headers, body)
            self.answers.append(answer)
            self._same("status", expected["status"], answer.status)
            for name, text in expected.get("headers", {}).items():
                self._same(f"header {name}", text, answer.headers.get(name))
            self._compare_body(await self._filled_in(expected.get("body")), answer.body)
            found, self.differences = self.differences, before
            return found

        found = await ask()
        async with asyncio.timeout(WITHIN_S):
            # The recording waited a second or two wherever a voice connection had to come back.
            while request["method"] == "GET" and any("state.connected: False" in one for one in found):
                found = await ask()
        self.differences += found

    def _compare_body(self, expected: Any, body: bytes) -> None:
        if expected is None:
            self._same("body", b"", body)
        elif "json" in expected:
            try:
                actual = json.loads(body)
            except ValueError:
                self.differences.append(f"{self.where}: body is no JSON: {body[:100]!r}")
                return
            compare("body", real_reason(specific(expected["json"], actual), actual), actual, self._note)
        else:
            self._same("body", expected["text"], body.decode())

    async def do_connect(self, step: dict[str, Any]) -> None:
        headers = {name: await self._filled(text) for name, text in step["headers"].items()}
        socket = await self.node.dial(headers.pop("Session-Id", None), user=headers.pop("User-Id"), **headers)
        self.sockets[step["socket"]] = socket
        self._same("Session-Resumed", step["answer"]["headers"]["session-resumed"], socket.resumed)
        message = await socket.messages.get()
        if message is not None:
            self.names.setdefault(step["socket"], message["sessionId"])
            socket.messages._queue.appendleft(message)  # type: ignore[attr-defined]

    async def do_receive(self, step: dict[str, Any]) -> None:
        socket = self.sockets[step["socket"]]
        expected = await self._filled_in(step["messages"])
        wants_stats = any(message["op"] == "stats" for message in expected)
        updates: dict[str, list[dict[str, Any]]] = {}
        seen: list[Any] = []

        def sort_in(message: dict[str, Any]) -> None:
            if message["op"] == "playerUpdate":
                updates.setdefault(message["guildId"], []).append(message)
            elif message["op"] != "stats" or wants_stats:
                seen.append(message)

        if "socketClosed" in step:
            while (message := await socket.next_or_end()) is not None:
                sort_in(message)
            self._same("close code", step["socketClosed"], socket.socket.close_code)
        wanted_updates = await self._filled_in(step["playerUpdates"])
        while len(after_leftovers(expected, seen)) < len(expected) or set(updates) < set(wanted_updates):
            message = await socket.next_or_end()
            if message is None:
                break
            sort_in(message)
        await self.node.get("/version")
        while not socket.messages.empty() and (message := socket.messages.get_nowait()) is not None:
            sort_in(message)
        compare("messages", expected, after_leftovers(expected, seen), self._note)
        self._compare_updates(wanted_updates, updates)

    def _compare_updates(self, wanted: dict[str, Any], updates: dict[str, list[dict[str, Any]]]) -> None:
        self._same("guilds with updates", set(wanted), set(updates))
        for guild, shape in wanted.items():
            for update in updates.get(guild, []):
                self._same("update keys", shape["keys"], [list(update), list(update["state"])])

    async def do_disconnect(self, step: dict[str, Any]) -> None:
        socket = self.sockets[step["socket"]]
        await (socket.close() if step["how"] == "close" else socket.vanish())

    async def do_wait(self, step: dict[str, Any]) -> None:
        """Nothing: what a wait was for is waited for where it shows."""

    async def do_voice_gateway_closes(self, step: dict[str, Any]) -> None:
        assert self.voice is not None
        guild = int(self.names["guild"])
        if step["code"] == "tcp":
            await self.voice.drop(guild, VOICE_USER)
        else:
            keeps = step["code"] in RECONNECTING_CODES
            await self.voice.close_session(guild, VOICE_USER, step["code"], keeps_session=keeps)

    async def close(self) -> None:
        """Leave all sockets in good order; the sessions end."""
        for socket in self.sockets.values():
            await socket.close()

    async def do_client_sends_text(self, step: dict[str, Any]) -> None:
        await self.sockets["sid"].socket.send_str(step["text"])

    async def do_client_sends_binary(self, step: dict[str, Any]) -> None:
        await self.sockets["sid"].socket.send_bytes(bytes.fromhex(step["bytes"]))

    async def do_client_sends_ping(self, step: dict[str, Any]) -> None:
        await self.sockets["sid"].socket.ping(step["data"].encode())

    async def _body(self, body: Any) -> bytes:
        if body is None:
            return b""
        return base64.b64decode(body["base64"]) if isinstance(body, dict) else (await self._filled(body)).encode()

    async def _filled(self, text: str, *, quoted: bool = False) -> str:
        text = await self._with_blobs(text)
        parts = re.split(r"\{([a-z]+[0-9]?|enc:[^}]+)\}", text)
        for index in range(1, len(parts), 2):
            value = await self._value(parts[index])
            if value is None:
                value = "{" + parts[index] + "}"
            parts[index] = quote(value, safe="") if quoted else value
        return "".join(parts)

    async def _value(self, name: str) -> str | None:
        if re.fullmatch("sid[0-9]?", name) and name not in self.names:
            self.sockets[name] = await self.node.connect(**{"Client-Name": "recorder/1.0"})
            self.names[name] = self.sockets[name].session_id
        if name.startswith("enc:") and name not in self.names:
            self.names[name] = await self._encoded(*name.removeprefix("enc:").split("/", 1))
        return self.names.get(name)

    async def _with_blobs(self, text: str) -> str:
        """Build the tracks that the recording describes in words."""
        for found in list(_BLOB.finditer(text)):
            uri = await self._filled(found["uri"])
            info = TrackInfo(uri, True, found["author"], int(found["length"]), False, 0, found["title"], uri, "http")
            track = Track(encoded="", info=info, plugin_info={"probeInfo": found["probe"]})
            text = text.replace(found[0], encode_wire_track(track))
        return text

    async def _encoded(self, root: str, name: str) -> str:
        """The `encoded` that loading a media file gives."""
        identifier = f"{self.names[root]}/{name}"
        loaded = await self.node.get(f"/v4/loadtracks?identifier={quote(identifier, safe='')}")
        return loaded.json["data"]["encoded"]

    async def _filled_in(self, value: Any) -> Any:
        if isinstance(value, str):
            return await self._filled(value)
        if isinstance(value, list):
            return [await self._filled_in(item) for item in value]
        if isinstance(value, dict):
            return {await self._filled(key): await self._filled_in(item) for key, item in value.items()}
        return value

    def _same(self, what: str, expected: Any, actual: Any) -> None:
        compare(what, expected, actual, self._note)

    def _note(self, difference: str) -> None:
        self.differences.append(f"{self.where}: {difference}")


def after_leftovers(expected: list[Any], seen: list[Any]) -> list[Any]:
    """Leave out a `ready` and a start that the recording had taken note of before."""
    kinds = {(message["op"], message.get("type")) for message in expected}
    leftovers = {("ready", None), ("event", "TrackStartEvent")} - kinds
    return [message for message in seen if (message["op"], message.get("type")) not in leftovers]


ERROR_KEYS = ["message", "severity", "cause", "causeStackTrace"]


def real_reason(expected: Any, actual: Any) -> Any:
    """Lavalink hides why a load failed in its stack trace; we must say it in the message itself."""
    if not isinstance(expected, dict) or expected.get("loadType") != "error" or not isinstance(actual, dict):
        return expected
    said, hidden = actual.get("data"), " ".join(expected["data"]["causeStackTrace"])
    if not isinstance(said, dict) or list(said) != ERROR_KEYS:
        return expected
    known = {**said, "message": said["message"] if said["message"] in hidden else f"something out of: {hidden}"}
    return {**expected, "data": known}


def specific(expected: Any, actual: Any) -> Any:
    """Lavalink answers a bare `Bad Request`; we must say more, whatever it is."""
    if not isinstance(expected, dict) or expected.get("message") != "Bad Request" or not isinstance(actual, dict):
        return expected
    said = actual.get("message")
    return {**expected, "message": said if said != "Bad Request" else "something specific"}


MARKERS: dict[str, Any] = {
    "<int>": lambda value: type(value) is int,
    "<int>=0": lambda value: type(value) is int and value >= 0,
    "<float>": lambda value: type(value) in {int, float},
    "<str>": lambda value: type(value) is str,
    "<bool>": lambda value: type(value) is bool,
}


def compare(where: str, expected: Any, actual: Any, note: Any) -> None:
    """Call `note` with every difference; key order, null versus absent and int versus float count."""
    match expected, actual:
        case str(), _ if expected in MARKERS:
            if not MARKERS[expected](actual):
                note(f"{where}: {actual!r} is no {expected}")
        case {"$encoded": fields}, _:
            compare(f"{where} decoded", fields, dict(blob_fields(actual)), note)
        case dict(), dict():
            if list(expected) != list(actual):
                note(f"{where}: keys {list(actual)}, recorded {list(expected)}")
            for key in expected.keys() & actual.keys():
                compare(f"{where}.{key}", expected[key], actual[key], note)
        case list(), list():
            _compare_lists(where, expected, actual, note)
        case int(), int() if where.endswith(".length") and abs(expected - actual) <= LENGTH_TOLERANCE_MS:
            pass
        case _ if type(expected) is not type(actual) or expected != actual:
            note(f"{where}: {actual!r}, recorded {expected!r}")


def _compare_lists(where: str, expected: list[Any], actual: list[Any], note: Any) -> None:
    if len(expected) != len(actual):
        note(f"{where}: {len(actual)} items, recorded {len(expected)}: {json.dumps(actual)[:300]}")
    for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
        compare(f"{where}[{index}]", left, right, note)


def blob_fields(encoded: str) -> Iterator[tuple[str, Any]]:
    """Read an encoded track field by field, independently of the house's codec (server.md 6)."""
    data = base64.b64decode(encoded)
    at = 4

    def take(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    def text() -> str:
        raw = take(struct.unpack(">H", take(2))[0])
        return raw.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")

    def maybe() -> str | None:
        return text() if take(1) == b"\x01" else None

    flags = data[0] >> 6
    version = take(1)[0] if flags & 1 else 1
    yield from [("flags", flags), ("version", version), ("title", text()), ("author", text())]
    yield "length", struct.unpack(">q", take(8))[0]
    yield from [("identifier", text()), ("isStream", take(1) == b"\x01")]
    if version >= 2:
        yield "uri", maybe()
    if version >= 3:
        yield from [("artworkUrl", maybe()), ("isrc", maybe())]
    yield "source", text()
    tail = data[at:-8]
    is_text = len(tail) >= 2 and int.from_bytes(tail[:2]) == len(tail) - 2
    yield "tail", tail[2:].decode() if is_text else tail.hex()
    yield "position", struct.unpack(">q", data[-8:])[0]
