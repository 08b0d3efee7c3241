"""A Discord, its voice servers and a Lavalink node on loopback, so that a music bot can be tested without Discord."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from voxlink._util.extras import explained

if TYPE_CHECKING:
    from voxlink.testing.comparison import Comparison, align
    from voxlink.testing.discord.libraries import pointed_at
    from voxlink.testing.discord.server import Discord
    from voxlink.testing.fake_lavalink import FakeLavalink, make_track
    from voxlink.testing.fake_node import FakeNode
    from voxlink.testing.heard import Heard, HeardFrame
    from voxlink.testing.link_trouble import LinkTrouble
    from voxlink.testing.pacing import Pacing
    from voxlink.testing.piece import bundled_piece
    from voxlink.testing.simulated_member import SimulatedMember
    from voxlink.testing.stage import Seat, Stage
    from voxlink.testing.voice_server import ServerUpdate, VoiceServer

__all__ = [
    "Comparison",
    "Discord",
    "FakeLavalink",
    "FakeNode",
    "Heard",
    "HeardFrame",
    "LinkTrouble",
    "Pacing",
    "Seat",
    "ServerUpdate",
    "SimulatedMember",
    "Stage",
    "VoiceServer",
    "align",
    "bundled_piece",
    "make_track",
    "pointed_at",
]

_HOMES = {
    "Comparison": "comparison",
    "Discord": "discord.server",
    "FakeLavalink": "fake_lavalink",
    "FakeNode": "fake_node",
    "Heard": "heard",
    "HeardFrame": "heard",
    "LinkTrouble": "link_trouble",
    "Pacing": "pacing",
    "Seat": "stage",
    "ServerUpdate": "voice_server",
    "SimulatedMember": "simulated_member",
    "Stage": "stage",
    "VoiceServer": "voice_server",
    "align": "comparison",
    "bundled_piece": "piece",
    "pointed_at": "discord.libraries",
    "make_track": "fake_lavalink",
}
"""Each name and the file it lives in: who needs a fake node only need not have the voice server's packages."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    except ModuleNotFoundError as error:
        raise explained(error, f"{__name__}.{name}") from error
    globals()[name] = value
    return value
