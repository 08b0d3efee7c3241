"""Which container a file is, from its first bytes: Lavalink's probes, their names, their order (server.md 5.3)."""

from __future__ import annotations

from collections.abc import Callable

HEAD_BYTES = 4096
"""How much of a file's beginning to hand in. Frames of mp3 and AAC may begin anywhere in the first 1024 bytes."""

_SCAN_BYTES = 1024

PLAYLISTS = frozenset({"m3u", "pls", "plain"})
"""Names that stand for a list of addresses, not for sound."""

_HINTS: dict[str, str] = {
    "mp3": "mp3",
    "audio/mpeg": "mp3",
    "aac": "adts",
    "audio/aac": "adts",
    "audio/aacp": "adts",
    "ts": "mpegts-adts",
}


def probe(head: bytes, hint: str | None = None) -> str | None:
    """Return the name of the container that begins with `head`, or None if it is none that we know.

    The name is Lavalink's: `wav`, `matroska/webm`, `mp4`, `flac`, `ogg`, `m3u`, `pls`, `plain`, `mp3`, `adts` or
    `mpegts-adts`. `hint` is a file extension or a MIME type; it only decides which probe is asked first.
    """
    hinted = _HINTS.get((hint or "").split(";")[0].strip().lower().lstrip("."))
    if hinted is not None and _PROBES[hinted](head):
        return hinted
    return next((name for name, matches in _PROBES.items() if matches(head)), None)


def id3_bytes(head: bytes) -> int:
    """Return the length of the ID3v2 tag that `head` begins with, 0 if there is none."""
    if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 0x7F:
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return size + (20 if head[5] & 0x10 else 10)


def _is_mp4(head: bytes) -> bool:
    return head[:3] == b"\0\0\0" and head[4:8] == b"ftyp"


def _is_m3u(head: bytes) -> bool:
    return _text(head).startswith(("#EXTM3U", "#EXTINF"))


def _is_pls(head: bytes) -> bool:
    return _text(head).startswith(("[playlist]", "[Playlist]"))


def _is_plain(head: bytes) -> bool:
    return _text(head).startswith(("http://", "https://", "icy://"))


def _text(head: bytes) -> str:
    return head.removeprefix(b"\xef\xbb\xbf")[:64].decode("latin-1")


def _is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or _has_frames(head, mp3_frame_bytes)


def _is_adts(head: bytes) -> bool:
    return _has_frames(head, _adts_frame_bytes)


def _has_frames(head: bytes, frame_bytes: Callable[[bytes], int]) -> bool:
    """Whether a frame begins in the scanned part and, as far as `head` shows it, another one follows it."""
    start = head.find(0xFF)
    while 0 <= start < _SCAN_BYTES:
        size = frame_bytes(head[start : start + 6])
        follower = head[start + size : start + size + 6]
        if size and (len(follower) < 6 or frame_bytes(follower)):
            return True
        start = head.find(0xFF, start + 1)
    return False


_MPEG_KBITS: dict[tuple[bool, int], tuple[int, ...]] = {
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Bit rates by (MPEG-1, layer) and index (ISO/IEC 11172-3 2.4.2.3, 13818-3 2.4.2.3)."""

_MPEG_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Sample rates by version bits (3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5) and index."""


def mp3_frame_bytes(header: bytes) -> int:
    """Return the length of the MPEG audio frame with this 4-byte header, 0 if it is none (or of free bit rate)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate_index, hz_index, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or rate_index in (0, 15) or hz_index == 3:
        return 0
    bits = _MPEG_KBITS[version == 3, layer][rate_index] * 1000
    hz = _MPEG_RATES[version][hz_index]
    if layer == 1:
        return (12 * bits // hz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hz + padding


def _adts_frame_bytes(header: bytes) -> int:
    """Length of the ADTS frame with this header (ISO/IEC 13818-7 6.2), 0 if it is none."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 > 12:
        return 0
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return size if size >= 7 else 0


def _is_mpegts(head: bytes) -> bool:
    return len(head) > 376 and all(head[at] == 0x47 for at in (0, 188, 376))


_PROBES: dict[str, Callable[[bytes], bool]] = {
    "wav": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE",
    "matroska/webm": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
    "mp4": _is_mp4,
    "flac": lambda head: head.startswith(b"fLaC"),
    "ogg": lambda head: head.startswith(b"OggS"),
    "m3u": _is_m3u,
    "pls": _is_pls,
    "plain": _is_plain,
    "mp3": _is_mp3,
    "adts": _is_adts,
    "mpegts-adts": _is_mpegts,
}
"""Each probe in the order in which it is asked."""
