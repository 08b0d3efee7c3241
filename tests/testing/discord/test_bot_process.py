"""A bot's file in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxlink.testing import Discord
from voxlink.testing.discord.bot_process import BotProcess

BOT = """
import os, sys, hikari
print(os.environ["DISCORD_TOKEN"], sys.argv[1:], __name__, os.environ["MORE"], flush=True)
bot = hikari.GatewayBot(os.environ["DISCORD_TOKEN"], banner=None, suppress_optimization_warning=True)
bot.run(check_for_updates=False)
"""


async def test_the_file_finds_its_token_and_arguments_and_is_stopped(simulated: Discord, tmp_path: Path) -> None:
    script = tmp_path / "bot.py"
    script.write_text(BOT, encoding="utf-8")
    process = BotProcess(simulated, script, "one", "two", env={"MORE": "more"})
    with pytest.raises(AssertionError):
        _ = process.pid
    assert await process.stop() == 0
    process.start()
    await simulated.wait_ready(timeout_s=60)
    assert process.pid
    await process.stop()
    await process.stop()
    await simulated.wait_gone()
    assert f"{simulated.bot.token} ['one', 'two'] __main__ more" in process.output
    process.close()
