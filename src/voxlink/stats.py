"""Lavalink.py's path of a node's statistics."""

from voxlink.client import Penalty, Stats

__all__ = ["Penalty", "Stats"]
