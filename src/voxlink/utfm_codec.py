"""Lavalink.py's path of the reader of Java's modified UTF-8."""

from voxlink.protocol import read_utfm

__all__ = ["read_utfm"]
