"""What a connection of ours received in real sessions: `sessions.txt`, made by `python -m fuzz.voice.record`.

One message a line: `session NAME`, `text JSON`, `binary BASE64`, `datagram BASE64`, or `lost CODE` for the end of a
websocket. The keys in it belonged to a simulated server.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

PATH = Path(__file__).parent / "sessions.txt"


class Received(NamedTuple):
    """One thing that came in: text and datagram as the shell hands them on."""

    kind: str
    """`text`, `binary`, `datagram` or `lost`."""
    data: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """A text message as JSON."""
        return json.loads(self.data)


class Recording(NamedTuple):
    """One session in the order in which it arrived."""

    name: str
    received: list[Received]

    def texts(self, op: int) -> list[bytes]:
        """The text messages of one opcode."""
        return [each.data for each in self.received if each.kind == "text" and each.fields["op"] == op]

    def binaries(self, op: int) -> list[bytes]:
        """The binary messages of one opcode."""
        return [each.data for each in self.received if each.kind == "binary" and each.data[2] == op]

    @property
    def datagrams(self) -> list[bytes]:
        """The datagrams."""
        return [each.data for each in self.received if each.kind == "datagram"]


def save(recordings: Iterable[Recording], path: Path = PATH) -> None:
    lines: list[str] = []
    for recording in recordings:
        lines.append(f"session {recording.name}")
        for kind, data in recording.received:
            plain = kind in ("text", "lost")
            lines.append(f"{kind} {data.decode() if plain else base64.b64encode(data).decode()}")
    path.write_text("".join(f"{line}\n" for line in lines))


def load(path: Path = PATH) -> list[Recording]:
    recordings: list[Recording] = []
    for line in path.read_text().splitlines():
        kind, rest = line.split(" ", 1)
        if kind == "session":
            recordings.append(Recording(rest, []))
        else:
            data = rest.encode() if kind in ("text", "lost") else base64.b64decode(rest)
            recordings[-1].received.append(Received(kind, data))
    return recordings
