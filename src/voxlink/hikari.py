"""hikari's voice interfaces, under the path that bots import."""

from voxlink.integrations.hikari import VoiceComponent

__all__ = ["VoiceComponent"]
