"""discord.py, @discordjs/voice and our connection in one DAVE-encrypted call: one privacy code, and each hears each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from peers.music import covered, music
from peers.peer_process import DEADLINE_S, Peer, discordjs, discordpy, fingerprint, write_frames
from voxlink.testing import VoiceServer
from voxlink.voice import (
    SILENCE_FRAME,
    FrameStream,
    HeardOpus,
    Listening,
    Transmitter,
    VoiceConnection,
    VoiceDisconnected,
    VoiceEvent,
)

pytestmark = pytest.mark.peer

GUILD, CHANNEL = 900_000_000_000_000_001, 900_000_000_000_000_002
PY, JS, OURS = 900_000_000_000_000_011, 900_000_000_000_000_012, 900_000_000_000_000_013
FRAMES = 250
PRELUDE = 25


class Ours:
    """Our connection, and what it heard by user."""

    def __init__(self, connection: VoiceConnection, stream: FrameStream) -> None:
        self.connection = connection
        self.stream = stream
        self.heard: dict[int, list[str]] = defaultdict(list)

    async def listen(self, listening: Listening) -> None:
        async for item in listening:
            if isinstance(item, HeardOpus) and item.opus != SILENCE_FRAME:
                self.heard[item.user_id].append(fingerprint(item.opus))

    async def privacy_code(self) -> str:
        async with asyncio.timeout(DEADLINE_S):
            while (code := self.connection.privacy_code) is None:
                await asyncio.sleep(0)
        return code


@asynccontextmanager
async def ours(server: VoiceServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ours]:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    ended: list[VoiceEvent] = []

    def note(event: VoiceEvent) -> None:
        if isinstance(event, VoiceDisconnected):
            ended.append(event)

    async with Transmitter(realtime=False) as transmitter:
        stream = transmitter.open_stream(lambda report: None)
        connection = VoiceConnection(server.admit(GUILD, OURS, CHANNEL), stream, on_event=note)
        await connection.connect()
        us = Ours(connection, stream)
        with connection.listen() as listening:
            hearing = asyncio.create_task(us.listen(listening))
            try:
                yield us
                assert ended == []
            finally:
                await connection.close()
                stream.close()
                await hearing


async def everybody_plays(
    sent: dict[int, list[bytes]], py: Peer, js: Peer, us: Ours, folder: Path
) -> dict[int, dict[int, list[str]]]:
    """Let all three play at once; return what each heard of each."""
    for peer in (py, js):
        await peer.ask("forget", "forgotten")
    us.heard.clear()
    for peer, user in ((py, PY), (js, JS)):
        await peer.say(do="play", frames=write_frames(folder / f"{user}", sent[user]))
    us.stream.queue(sent[OURS])
    await py.expect("played")
    await js.expect("played")
    async with asyncio.timeout(DEADLINE_S):
        while us.stream.queued:
            await asyncio.sleep(0)
    return {
        PY: defaultdict(list, await py.heard()),
        JS: defaultdict(list, await js.heard()),
        OURS: defaultdict(list, us.heard),
    }


async def test_three_libraries_share_one_call(
    tmp_path: Path, node: str, discordjs_packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        VoiceServer(dave_version=1, requires_dave=True) as server,
        discordpy(server, server.admit(GUILD, PY, CHANNEL), [JS, OURS]) as py,
        discordjs(server, server.admit(GUILD, JS, CHANNEL), [PY, OURS], node=node, packages=discordjs_packages) as js,
    ):
        await server.wait_settled(CHANNEL, DEADLINE_S)
        before = (await py.ask("code", "code", known=None))["code"]
        async with ours(server, monkeypatch) as us:
            await server.wait_settled(CHANNEL, DEADLINE_S)
            codes = {(await peer.ask("code", "code", known=before))["code"] for peer in (py, js)}
            assert codes == {await us.privacy_code()}
            # The first frames of a speaker may overtake the op 5 that tells whose they are.
            for count in (PRELUDE, FRAMES):
                sent = {user: music(user + count, count) for user in (PY, JS, OURS)}
                heard = await everybody_plays(sent, py, js, us, tmp_path)
            shares = {
                f"{listener} of {speaker}": covered(heard[listener][speaker], sent[speaker])
                for listener in sent
                for speaker in sent
                if listener != speaker
            }
            assert min(shares.values()) >= 0.99, shares
            assert py.troubles == js.troubles == []
            assert server.listener(GUILD, OURS).faults == []
            assert server.listener(GUILD, OURS).missing <= us.stream.counts.skipped
