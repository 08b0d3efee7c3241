"""A hikari bot on a simulated Discord, with hikari's own voice component or with ours; and a song."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import hikari
import pytest

from voxlink.integrations.hikari import VoiceComponent
from voxlink.testing import Discord

RATE_HZ = 48_000


@pytest.fixture
def song(tmp_path: Path) -> Callable[[float], Path]:
    """A flac file of this many seconds: another tone every quarter of a second, so that places can be told apart."""
    # The tests of the component run in environments without these packages.
    import numpy as np

    from support.media import make_media

    def make(seconds: float) -> Path:
        time = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
        step = (time * 4).astype(int)
        left = np.sin(2 * np.pi * time * (220 + 37 * (step % 17)))
        right = np.sin(2 * np.pi * time * (330 + 53 * (step % 13)))
        sound = (np.stack([left, right], axis=1) * 0.4).astype(np.float32)
        return make_media(tmp_path / f"song-{seconds:g}.flac", sound, "flac", tags={"title": "A tune"})

    return make


@pytest.fixture(params=["hikari's component", "our component"])
async def bot(request: pytest.FixtureRequest, simulated_discord: Discord) -> AsyncIterator[hikari.GatewayBot]:
    bot = hikari.GatewayBot(simulated_discord.bot.token, banner=None, logs=None, suppress_optimization_warning=True)
    if request.param == "our component":
        VoiceComponent.install(bot)
    await bot.start(check_for_updates=False)
    yield bot
    if bot.is_alive:
        await bot.close()
    await simulated_discord.wait_gone()
