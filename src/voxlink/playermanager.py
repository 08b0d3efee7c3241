"""Lavalink.py's path of the player manager."""

from voxlink.client import PlayerManager

__all__ = ["PlayerManager"]
