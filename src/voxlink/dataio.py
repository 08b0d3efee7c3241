"""Lavalink.py's path of the reader and writer of encoded tracks."""

from voxlink.protocol import DataReader, DataWriter

__all__ = ["DataReader", "DataWriter"]
