"""A voice client of others in a process of its own: JSON lines to it, JSON lines from it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from voxlink.testing import VoiceServer
from voxlink.voice.login import VoiceLogin

HERE = Path(__file__).parent
DEADLINE_S = 30.0


class Peer:
    """One client; every request has a deadline, and the process ends with the block that started it."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.troubles: list[dict[str, Any]] = []
        self._process = process

    async def say(self, **fields: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(fields).encode() + b"\n")
        await self._process.stdin.drain()

    async def expect(self, event: str) -> dict[str, Any]:
        """Read until the event comes; what else the peer tells is trouble."""
        assert self._process.stdout is not None
        async with asyncio.timeout(DEADLINE_S):
            while line := await self._process.stdout.readline():
                message = json.loads(line)
                if message["event"] == event:
                    return message
                if message["event"] == "trouble":
                    self.troubles.append(message)
        raise AssertionError(f"{self.name} ended while {event} was awaited")

    async def ask(self, do: str, event: str, **fields: object) -> dict[str, Any]:
        await self.say(do=do, **fields)
        return await self.expect(event)

    async def heard(self) -> dict[int, list[str]]:
        """Fingerprints of the frames that it decoded, by user."""
        report = await self.ask("report", "report")
        return {int(user): frames for user, frames in report["heard"].items()}

    async def close(self) -> None:
        """Let it leave; end it if it does not."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(DEADLINE_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def fingerprint(frame: bytes) -> str:
    return hashlib.sha256(frame).hexdigest()[:16]


def write_frames(path: Path, frames: list[bytes]) -> str:
    path.write_bytes(b"".join(len(frame).to_bytes(2, "big") + frame for frame in frames))
    return str(path)


@asynccontextmanager
async def discordpy(server: VoiceServer, login: VoiceLogin, others: list[int]) -> AsyncIterator[Peer]:
    """discord.py's VoiceClient, in the call."""
    command = [sys.executable, "-W", "ignore", str(HERE / "discordpy_peer.py")]
    async with _joined("discord.py", command, dict(os.environ), server, login, others) as peer:
        yield peer


@asynccontextmanager
async def discordjs(
    server: VoiceServer, login: VoiceLogin, others: list[int], *, node: str, packages: Path
) -> AsyncIterator[Peer]:
    """@discordjs/voice, in the call."""
    command = [node, str(HERE / "discordjs_peer.mjs"), str(packages)]
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(server.certificate)}
    async with _joined("@discordjs/voice", command, environment, server, login, others) as peer:
        yield peer


@asynccontextmanager
async def _joined(
    name: str,
    command: list[str],
    environment: dict[str, str],
    server: VoiceServer,
    login: VoiceLogin,
    others: list[int],
) -> AsyncIterator[Peer]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment, limit=1 << 24
    )
    peer = Peer(name, process)
    try:
        await peer.say(
            guild_id=str(login.guild_id),
            user_id=str(login.user_id),
            channel_id=str(login.channel_id),
            session_id=login.session_id,
            token=login.token,
            endpoint=login.endpoint,
            authority=str(server.certificate),
            listen=[str(other) for other in others],
        )
        await peer.expect("joined")
        yield peer
    finally:
        await peer.close()
