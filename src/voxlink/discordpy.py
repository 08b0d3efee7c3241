"""Players for discord.py and its family, under the path that bots import."""

from voxlink.integrations.discordpy import voice_protocol

__all__ = ["voice_protocol"]
