"""Lavalink.py's path of the doubling delay."""

from voxlink.client import ExponentialBackoff

__all__ = ["ExponentialBackoff"]
