"""Lavalink.py's path of the events."""

from voxlink.client.events import *  # noqa: F403 - exactly the names of the next line
from voxlink.client.events import __all__ as __all__
