"""Voice clients that we did not write join the simulated server, agree on a DAVE call and hear each other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from peers.peer_process import Peer, discordjs, discordpy, fingerprint, write_frames
from voxlink.testing import VoiceServer

pytestmark = pytest.mark.peer

GUILD, CHANNEL = 900_000_000_000_000_001, 900_000_000_000_000_002
PY, JS = 900_000_000_000_000_011, 900_000_000_000_000_012
FRAMES = 150


def music(seed: int, count: int) -> list[bytes]:
    """Frames that look like 20 ms of stereo Opus and differ from each other."""
    chance = random.Random(seed)
    return [b"\xfc" + chance.randbytes(chance.randint(80, 300)) for _ in range(count)]


async def privacy_codes(*peers: Peer) -> set[str]:
    return {(await peer.ask("code", "code", known=None))["code"] for peer in peers}


async def test_discord_py_and_discordjs_hear_each_other(tmp_path: Path, node: str, discordjs_packages: Path) -> None:
    frames = {PY: music(1, FRAMES), JS: music(2, FRAMES)}
    async with (
        VoiceServer(dave_version=1, requires_dave=True) as server,
        discordpy(server, server.admit(GUILD, PY, CHANNEL), [JS]) as py,
        discordjs(server, server.admit(GUILD, JS, CHANNEL), [PY], node=node, packages=discordjs_packages) as js,
    ):
        await server.wait_settled(CHANNEL, 10)
        (code,) = await privacy_codes(py, js)
        assert code
        assert code.isdigit()
        for peer, user in ((py, PY), (js, JS)):
            await peer.say(do="play", frames=write_frames(tmp_path / f"{user}", frames[user]))
        for peer in (py, js):
            await peer.expect("played")
        assert covered((await py.heard())[JS], frames[JS]) >= 0.99
        assert covered((await js.heard())[PY], frames[PY]) >= 0.99
        assert py.troubles == js.troubles == []


def covered(heard: list[str], sent: list[bytes]) -> float:
    """Share of the sent frames that were decoded, each once."""
    wanted = {fingerprint(frame) for frame in sent}
    assert len(heard) == len(set(heard))
    assert set(heard) <= wanted
    return len(heard) / len(wanted)
