"""Where tracks come from: identifiers become tracks, tracks become open media, and each failure is one clear error."""

from __future__ import annotations

from voxlink.playback.sources.http import HttpSettings, HttpSource
from voxlink.playback.sources.local import LocalSource
from voxlink.playback.sources.registry import SourceRegistry, details_of
from voxlink.playback.sources.source import Reference, Source

__all__ = ["HttpSettings", "HttpSource", "LocalSource", "Reference", "Source", "SourceRegistry", "details_of"]
