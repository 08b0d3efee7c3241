"""Lavalink.py's path of a node's connection."""

from voxlink.client import Transport

__all__ = ["Transport"]
