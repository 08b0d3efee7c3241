"""The keys of Lavalink's `application.yml` (server.md 4.1 and 4.2): which are known, and which this node acts on."""

from __future__ import annotations

from voxlink.nodeserver.settings import canonical

SOURCES = ("youtube", "bandcamp", "soundcloud", "twitch", "vimeo", "nico", "http", "local")
"""Lavalink's built-in sources, under `lavalink.server.sources`."""

FILTERS = (
    "volume",
    "equalizer",
    "karaoke",
    "timescale",
    "tremolo",
    "vibrato",
    "distortion",
    "rotation",
    "channelMix",
    "lowPass",
)
"""Lavalink's built-in filters in its order, under `lavalink.server.filters`."""

KNOWN = (
    "server.port",
    "server.address",
    "server.http2.enabled",
    "lavalink.pluginsDir",
    "lavalink.defaultPluginRepository",
    "lavalink.defaultPluginSnapshotRepository",
    "lavalink.server.password",
    *(f"lavalink.server.sources.{name}" for name in SOURCES),
    "lavalink.server.nonAllocatingFrameBuffer",
    "lavalink.server.bufferDurationMs",
    "lavalink.server.frameBufferDurationMs",
    "lavalink.server.opusEncodingQuality",
    "lavalink.server.resamplingQuality",
    "lavalink.server.trackStuckThresholdMs",
    "lavalink.server.useSeekGhosting",
    "lavalink.server.youtubePlaylistLoadLimit",
    "lavalink.server.playerUpdateInterval",
    "lavalink.server.youtubeSearchEnabled",
    "lavalink.server.soundcloudSearchEnabled",
    "lavalink.server.soundcloudFilterOutPreviewTracks",
    "lavalink.server.gc-warnings",
    "lavalink.server.ratelimit.strategy",
    "lavalink.server.ratelimit.searchTriggersFail",
    "lavalink.server.ratelimit.searchTriggersFaik",
    "lavalink.server.ratelimit.retryLimit",
    "lavalink.server.youtubeConfig.email",
    "lavalink.server.youtubeConfig.password",
    "lavalink.server.httpConfig.proxyHost",
    "lavalink.server.httpConfig.proxyPort",
    "lavalink.server.httpConfig.proxyUser",
    "lavalink.server.httpConfig.proxyPassword",
    "lavalink.server.timeouts.connectTimeoutMs",
    "lavalink.server.timeouts.connectionRequestTimeoutMs",
    "lavalink.server.timeouts.socketTimeoutMs",
    "metrics.prometheus.enabled",
    "metrics.prometheus.endpoint",
    "sentry.dsn",
    "sentry.environment",
    "logging.file.path",
    "logging.request.enabled",
    "logging.request.includeClientInfo",
    "logging.request.includeHeaders",
    "logging.request.includeQueryString",
    "logging.request.includePayload",
    "logging.request.maxPayloadLength",
    "logging.request.beforeRequest",
    "logging.logback.rollingpolicy.max-file-size",
    "logging.logback.rollingpolicy.max-history",
)
"""Single keys. `searchTriggersFaik` is the documented spelling of the environment variable."""

KNOWN_BELOW = (
    "plugins",
    "lavalink.plugins",
    "lavalink.server.filters",
    "lavalink.server.ratelimit.ipBlocks",
    "lavalink.server.ratelimit.excludeIps",
    "lavalink.server.ratelimit.excludedIps",
    "sentry.tags",
    "logging.level",
)
"""Keys with anything below them: lists, plugins' own settings, names that users choose."""

_KNOWN = frozenset(canonical(key) for key in KNOWN)
_KNOWN_BELOW = tuple(canonical(key) for key in KNOWN_BELOW)


def is_known(name: str) -> bool:
    """Tell whether Lavalink's file may hold this key, in any spelling."""
    key = canonical(name)
    return key in _KNOWN or key.startswith(_KNOWN_BELOW)


def is_ours_to_report(name: str) -> bool:
    """Tell whether an environment variable must be meant for a node, so that a typing error in it is worth a line."""
    return canonical(name).startswith("lavalink")
