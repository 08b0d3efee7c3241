"""Lavalink.py's path of the node manager."""

from voxlink.client import NodeManager

__all__ = ["NodeManager"]
