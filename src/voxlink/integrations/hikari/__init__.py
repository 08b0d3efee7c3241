"""hikari's voice interfaces: a `VoiceComponent` without the races of hikari's own, and connections that play music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voxlink._util.extras import explained
from voxlink.integrations.hikari.component import VoiceComponent
from voxlink.integrations.hikari.connection import LavalinkVoiceConnection, NativeVoiceConnection

if TYPE_CHECKING:
    from voxlink.integrations.native_client import NativeClient

__all__ = ["LavalinkVoiceConnection", "NativeClient", "NativeVoiceConnection", "VoiceComponent"]


def __getattr__(name: str) -> Any:
    """Import the native client when it is asked for: playing on a node needs none of its packages."""
    if name != "NativeClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from voxlink.integrations.native_client import NativeClient
    except ModuleNotFoundError as error:
        raise explained(error, "voxlink.hikari.NativeClient") from error
    return NativeClient
