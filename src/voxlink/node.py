"""Lavalink.py's path of the node."""

from voxlink.client import Node

__all__ = ["Node"]
