"""Lavalink.py's path of the base classes."""

from voxlink.client import BasePlayer, DeferredAudioTrack, Filter, Source

__all__ = ["BasePlayer", "DeferredAudioTrack", "Filter", "Source"]
