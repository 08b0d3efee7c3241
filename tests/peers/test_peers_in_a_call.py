"""Voice clients that we did not write join the simulated server, agree on a DAVE call and hear each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from peers.music import covered, music
from peers.peer_process import DEADLINE_S, Peer, discordjs, discordpy, fingerprint, write_frames
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


async def test_discordjs_resumes_a_cut_connection_and_learns_what_it_missed(
    tmp_path: Path, node: str, discordjs_packages: Path
) -> None:
    frames = music(5, FRAMES)
    async with (
        VoiceServer(dave_version=1) as server,
        discordjs(server, server.admit(GUILD, JS, CHANNEL), [PY], node=node, packages=discordjs_packages) as js,
    ):
        server.stall(GUILD, JS)
        async with discordpy(server, server.admit(GUILD, PY, CHANNEL), [JS]) as py:
            await server.drop(GUILD, JS)
            await server.wait_settled(CHANNEL, DEADLINE_S)
            assert len(await privacy_codes(py, js)) == 1
            assert server.resumes(GUILD, JS) == 1
            for count in (PRELUDE, FRAMES):
                frames = music(PY + count, count)
                await js.ask("forget", "forgotten")
                await py.say(do="play", frames=write_frames(tmp_path / "frames", frames))
                await py.expect("played")
            assert covered((await js.heard())[PY], frames) >= 0.99


async def test_peers_follow_a_downgrade_and_an_upgrade(tmp_path: Path, node: str, discordjs_packages: Path) -> None:
    async with (
        VoiceServer(dave_version=1) as server,
        discordpy(server, server.admit(GUILD, PY, CHANNEL), [JS]) as py,
        discordjs(server, server.admit(GUILD, JS, CHANNEL), [PY], node=node, packages=discordjs_packages) as js,
    ):
        await server.wait_settled(CHANNEL, DEADLINE_S)
        (before,) = await privacy_codes(py, js)
        server.downgrade(CHANNEL)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        plain = music(1, PRELUDE)
        await js.say(do="play", frames=write_frames(tmp_path / "plain", plain))
        await js.expect("played")
        # The order to execute may be on its way when the first frames leave.
        assert [frame.opus for frame in server.listener(GUILD, JS).music_frames][-10:] == plain[-10:]
        server.upgrade(CHANNEL)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        (after,) = {(await peer.ask("code", "code", known=before))["code"] for peer in (py, js)}
        assert after != before
        sealed = music(2, FRAMES)
        await py.say(do="play", frames=write_frames(tmp_path / "sealed", sealed))
        await py.expect("played")
        # After an upgrade @discordjs/voice lets plain packets pass for a while; it takes padding alone for one.
        heard = [frame for frame in (await js.heard())[PY] if frame in {fingerprint(frame) for frame in sealed}]
        assert covered(heard, sealed) >= 0.95
        assert not {frame.opus for frame in server.listener(GUILD, PY).music_frames} & set(sealed)
