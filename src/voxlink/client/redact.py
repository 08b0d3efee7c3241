"""What may be logged: secrets are replaced before any text leaves for a log."""

from __future__ import annotations

import re

__all__ = ["redacted"]

_SECRET = re.compile(
    r'("(?:token|sessionId|session_id|password|authorization|poToken|visitorData|refreshToken|apiKey)"\s*:\s*)"(?:[^"\\]|\\.)*"',
    re.IGNORECASE,
)
MAX_LOGGED = 2000


def redacted(text: bytes | str, *secrets: str) -> str:
    """`text` with the values of secret JSON keys, and any of `secrets`, replaced by stars and cut to a sane length."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    # Stars come before the cut: half a secret would no longer look like one.
    shown = _SECRET.sub(r'\1"***"', shown)
    for secret in secrets:
        if secret:
            shown = shown.replace(secret, "***")
    return shown if len(shown) <= MAX_LOGGED else shown[:MAX_LOGGED] + "…"
