"""Lavalink.py's path of the player."""

from voxlink.client import DefaultPlayer

__all__ = ["DefaultPlayer"]
