"""The plugin: imported by every pytest where voxlink is installed, so it imports nothing until a fixture is used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hikari

from voxlink.testing import Discord
from voxlink.testing.discord.bot_process import BotProcess

BOT = """
import os, hikari
bot = hikari.GatewayBot(os.environ["DISCORD_TOKEN"], banner=None, suppress_optimization_warning=True)

@bot.listen()
async def said(event: hikari.GuildMessageCreateEvent) -> None:
    if not event.is_bot:
        await event.message.respond("pong")

bot.run(check_for_updates=False)
"""


def test_importing_the_plugin_loads_nothing_but_pytest() -> None:
    code = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport voxlink.testing.pytest_plugin\n"
        "print(sorted({name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['voxlink']"


async def test_a_bot_in_this_process_needs_no_address(simulated_discord: Discord) -> None:
    bot = hikari.GatewayBot(simulated_discord.bot.token, banner=None, logs=None, suppress_optimization_warning=True)
    await bot.start(check_for_updates=False)
    await simulated_discord.wait_ready()
    await bot.close()


async def test_a_bots_file_runs_unmodified_and_ends_like_after_ctrl_c(
    simulated_discord: Discord, run_bot: Callable[..., BotProcess], tmp_path: Path
) -> None:
    script = tmp_path / "bot.py"
    script.write_text(BOT, encoding="utf-8")
    process = run_bot(str(script))
    await simulated_discord.wait_ready(timeout_s=60)
    simulated_discord.user_says("ping")
    await simulated_discord.wait_shown("pong")
    await process.stop()
    await simulated_discord.wait_gone()
    assert "Traceback" not in process.output
