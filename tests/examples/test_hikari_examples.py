"""The two examples for hikari, unmodified: a user presses, and hears and sees what follows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from support.media import make_media
from support.peers import ROOT
from voxlink.testing import Discord
from voxlink.testing.discord.bot_process import BotProcess

SECONDS = 4
DEADLINE_S = 60.0


@pytest.fixture
def song(tmp_path: Path) -> Path:
    time = np.arange(48_000 * SECONDS) / 48_000
    tone = (np.sin(2 * np.pi * 440 * time) * 0.4).astype(np.float32)
    return make_media(tmp_path / "song.flac", np.stack([tone, tone], axis=1), "flac", tags={"title": "Concert pitch"})


@pytest.mark.parametrize("example", ["hikari_native.py", "hikari_lavalink.py"])
async def test_a_user_presses_play_and_hears_and_sees_what_the_example_promises(
    simulated_discord: Discord, run_bot: Callable[..., BotProcess], song: Path, example: str
) -> None:
    discord = simulated_discord
    process = run_bot(ROOT / "examples" / example)
    await discord.wait_command("/play", timeout_s=DEADLINE_S)

    alone = discord.user_presses("/play", query=str(song))
    await alone.shown("join a voice channel first", timeout_s=DEADLINE_S)
    discord.user_joins(discord.lounge)
    await discord.user_presses("/play", query="/no/such/file.mp3").shown(timeout_s=DEADLINE_S)
    await discord.user_presses("/skip").shown("nothing is playing", timeout_s=DEADLINE_S)

    await discord.user_presses("/play", query=str(song)).shown("playing: Concert pitch", timeout_s=DEADLINE_S)
    await discord.wait_shown("Now playing\nConcert pitch", timeout_s=DEADLINE_S)
    await discord.wait_in_voice(discord.lounge, timeout_s=DEADLINE_S)
    await discord.user_presses("/play", query=str(song)).shown("queued: Concert pitch", timeout_s=DEADLINE_S)
    await discord.user_presses("/queue").shown("Concert pitch", timeout_s=DEADLINE_S)

    heard = discord.heard()
    await heard.wait_frames(SECONDS * 50, DEADLINE_S)
    assert heard.faults == []
    await heard.wait_frames(SECONDS * 50 + 30, DEADLINE_S)  # the second song follows by itself
    await discord.user_presses("/pause").shown("paused", timeout_s=DEADLINE_S)
    await discord.user_presses("/pause").shown("playing on", timeout_s=DEADLINE_S)
    await discord.user_presses("/leave").shown("bye", timeout_s=DEADLINE_S)
    await discord.wait_in_voice(None, timeout_s=DEADLINE_S)
    await process.stop()
    await discord.wait_gone()
    assert "Traceback" not in process.output, process.output
