"""Which extra of Voxlink brings which package, so that a missing one says what to install."""

from __future__ import annotations

from voxlink.errors import MissingExtra

EXTRA_OF_PACKAGE = {
    "av": "node",
    "numpy": "node",
    "cryptography": "node",
    "davey": "node",
    "yaml": "node",
    "prometheus_client": "node",
    "pytest": "testing",
    "yt_dlp": "ytdlp",
    "redis": "redis",
}
"""Top-level import name of each optional package, and the extra that installs it."""


def explained(error: ModuleNotFoundError, feature: str) -> ImportError:
    """Return what to raise for a failed import: `MissingExtra` if an extra brings the package, else `error`.

    `feature` is what the user wanted, in plain words ("the node", "voxlink.audio").
    """
    extra = EXTRA_OF_PACKAGE.get((error.name or "").split(".")[0])
    return error if extra is None else MissingExtra(feature, extra)
