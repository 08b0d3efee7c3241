"""The test of a small music bot: press /play, then assert on what was heard and on what was shown.

pip install "voxlink[hikari,testing]" hikari pytest pytest-asyncio
pytest -o asyncio_mode=auto test_hikari_bot.py
"""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

from voxlink.testing import Discord
from voxlink.testing.discord.bot_process import BotProcess

BOT = Path(__file__).with_name("hikari_native.py")
SECONDS = 2


def write_song(path: Path) -> Path:
    """A song of so many seconds; what it sounds like does not matter here."""
    with wave.open(str(path), "wb") as song:
        song.setnchannels(2)
        song.setsampwidth(2)
        song.setframerate(48_000)
        song.writeframes(bytes(range(256)) * (48_000 * 4 * SECONDS // 256))
    return path


async def test_play_is_heard_and_shown(
    simulated_discord: Discord, run_bot: Callable[..., BotProcess], tmp_path: Path
) -> None:
    song = write_song(tmp_path / "song.wav")
    run_bot(BOT)
    await simulated_discord.wait_command("/play", timeout_s=60)

    simulated_discord.user_joins(simulated_discord.lounge)
    pressed = simulated_discord.user_presses("/play", query=str(song))

    await pressed.shown("Playing", timeout_s=30)
    await simulated_discord.wait_shown("Now playing")
    heard = simulated_discord.heard()
    await heard.wait_frames(SECONDS * 50, timeout_s=30)
    assert heard.missing == 0
    assert heard.faults == []


async def test_a_kicked_bot_can_be_called_again(
    simulated_discord: Discord, run_bot: Callable[..., BotProcess], tmp_path: Path
) -> None:
    song = write_song(tmp_path / "song.wav")
    run_bot(BOT)
    await simulated_discord.wait_command("/play", timeout_s=60)
    simulated_discord.user_joins(simulated_discord.lounge)
    await simulated_discord.user_presses("/play", query=str(song)).shown("Playing", timeout_s=30)
    await simulated_discord.wait_in_voice(simulated_discord.lounge)

    simulated_discord.kick(simulated_discord.bot)
    await simulated_discord.wait_in_voice(None)

    await simulated_discord.user_presses("/play", query=str(song)).shown("Playing", timeout_s=30)
    await simulated_discord.wait_in_voice(simulated_discord.lounge)
