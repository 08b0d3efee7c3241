"""hikari's voice interfaces, under the path that bots import."""

from voxlink.integrations.hikari import LavalinkVoiceConnection, NativeClient, NativeVoiceConnection, VoiceComponent

__all__ = ["LavalinkVoiceConnection", "NativeClient", "NativeVoiceConnection", "VoiceComponent"]
