"""A pytest plugin: hikari's own tests of its voice component meet ours under hikari's name."""

from __future__ import annotations

from hikari.impl import voice

from voxlink.integrations.hikari import VoiceComponent

voice.VoiceComponentImpl = VoiceComponent  # type: ignore[misc, assignment]
