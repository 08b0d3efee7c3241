"""Pointing bot libraries at the simulation, and back."""

from __future__ import annotations

import discord.gateway
import discord.http
import hikari
import pytest
from hikari import urls

from voxlink.testing import pointed_at


def test_the_addresses_are_set_and_restored_even_after_an_error() -> None:
    before = (urls.REST_API_URL, discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY)
    with pytest.raises(RuntimeError), pointed_at("http://127.0.0.1:1/api/v10", "ws://127.0.0.1:1/"):
        assert discord.http.Route.BASE == "http://127.0.0.1:1/api/v10"
        assert str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:1/"
        bot = hikari.GatewayBot("MQ.x.y", banner=None, logs=None, suppress_optimization_warning=True)
        assert getattr(bot.rest, "_rest_url", None) == "http://127.0.0.1:1/api/v10"
        raise RuntimeError
    after = (urls.REST_API_URL, discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY)
    assert after == before
