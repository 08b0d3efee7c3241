"""A simulated Discord on loopback: real bot libraries log in, register commands, talk and join voice, unmodified."""

from __future__ import annotations

from voxlink.testing.discord.libraries import pointed_at
from voxlink.testing.discord.pressed import Pressed
from voxlink.testing.discord.server import Discord
from voxlink.testing.discord.state import Account, Channel, ChannelType, Guild, Message, Permission, User
from voxlink.testing.discord.trouble import Trouble

__all__ = [
    "Account",
    "Channel",
    "ChannelType",
    "Discord",
    "Guild",
    "Message",
    "Permission",
    "Pressed",
    "Trouble",
    "User",
    "pointed_at",
]
