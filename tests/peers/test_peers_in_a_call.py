"""Voice clients that we did not write join the simulated server, agree on a DAVE call and hear each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from peers.music import covered, music
from peers.peer_process import DEADLINE_S, Peer, discordjs, discordpy, write_frames
from voxlink.testing import VoiceServer

pytestmark = pytest.mark.peer

GUILD, CHANNEL = 900_000_000_000_000_001, 900_000_000_000_000_002
PY, JS = 900_000_000_000_000_011, 900_000_000_000_000_012
FRAMES = 150
PRELUDE = 15


async def privacy_codes(*peers: Peer) -> set[str]:
    return {(await peer.ask("code", "code", known=None))["code"] for peer in peers}


async def test_discord_py_and_discordjs_hear_each_other(tmp_path: Path, node: str, discordjs_packages: Path) -> None:
    async with (
        VoiceServer(dave_version=1, requires_dave=True) as server,
        discordpy(server, server.admit(GUILD, PY, CHANNEL), [JS]) as py,
        discordjs(server, server.admit(GUILD, JS, CHANNEL), [PY], node=node, packages=discordjs_packages) as js,
    ):
        await server.wait_settled(CHANNEL, DEADLINE_S)
        (code,) = await privacy_codes(py, js)
        assert code
        assert code.isdigit()
        # The first frames of a speaker may overtake the op 5 that tells whose they are.
        for count in (PRELUDE, FRAMES):
            frames = {PY: music(PY + count, count), JS: music(JS + count, count)}
            for peer, user in ((py, PY), (js, JS)):
                await peer.ask("forget", "forgotten")
                await peer.say(do="play", frames=write_frames(tmp_path / f"{user}", frames[user]))
            for peer in (py, js):
                await peer.expect("played")
        assert covered((await py.heard())[JS], frames[JS]) >= 0.99
        assert covered((await js.heard())[PY], frames[PY]) >= 0.99
        assert py.troubles == js.troubles == []
