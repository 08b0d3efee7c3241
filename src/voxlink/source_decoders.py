"""Lavalink.py's path of the readers of what single sources write into a track."""

from voxlink.protocol import DEFAULT_DECODER_MAPPING, decode_lavasrc_fields, decode_probe_info

__all__ = ["DEFAULT_DECODER_MAPPING", "decode_lavasrc_fields", "decode_probe_info"]
