"""hikari's voice interfaces: a `VoiceComponent` without the races of hikari's own, and connections that play music."""

from __future__ import annotations

from voxlink.integrations.hikari.component import VoiceComponent
from voxlink.integrations.hikari.connection import LavalinkVoiceConnection, NativeVoiceConnection
from voxlink.integrations.native_client import NativeClient

__all__ = ["LavalinkVoiceConnection", "NativeClient", "NativeVoiceConnection", "VoiceComponent"]
