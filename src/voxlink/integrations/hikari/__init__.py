"""hikari's voice interfaces: a `VoiceComponent` without the races of hikari's own, and connections that play music."""

from __future__ import annotations

from voxlink.integrations.hikari.component import VoiceComponent

__all__ = ["VoiceComponent"]
