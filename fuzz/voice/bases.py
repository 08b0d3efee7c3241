"""The recorded sessions as something to begin a case with: packets opened, messages without repetition."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import NamedTuple

from fuzz.voice.member import Handshake, recordings
from fuzz.voice.recording import Recording
from voxlink.voice.rtp import SILENCE_FRAME, is_rtcp, parse_header, payload_of

DAVE_OVERHEAD = 12
"""What end-to-end encryption adds to a frame, at least."""
SEQ = re.compile(rb'"seq": \d+}$')


class Dressed(NamedTuple):
    """A recorded packet, opened: what stood around the frame, and how long the frame was."""

    flags: int
    preamble: bytes
    extension: bytes
    frame_bytes: int
    """Of the plain Opus frame; 3 is Discord's silence, 0 nothing but padding."""
    padding: bytes


@cache
def dressed() -> list[Dressed]:
    """Every recorded RTP packet, without repetition."""
    return list(dict.fromkeys(each for recording in recordings() for each in _undress(recording)))


@cache
def reports() -> list[bytes]:
    """Every recorded RTCP packet: its clear head and its opened rest."""
    found: list[bytes] = []
    for recording in recordings():
        cipher = Handshake(recording, dave_version=0).cipher()
        found += [each[:8] + cipher.open(each, 8) for each in recording.datagrams if is_rtcp(each)]
    return found


@cache
def texts(op: int) -> list[bytes]:
    """Every recorded text message of an opcode, without repetition; the number is put in when it is used."""
    return list(dict.fromkeys(SEQ.sub(b'"seq": 0}', text) for each in recordings() for text in each.texts(op)))


@cache
def binaries(op: int) -> list[bytes]:
    """The body of every recorded binary message of an opcode; of other groups, so not for a live one alone."""
    return list(dict.fromkeys(message[3:] for each in recordings() for message in each.binaries(op)))


def _undress(recording: Recording) -> list[Dressed]:
    handshake = Handshake(recording, dave_version=0)
    cipher = handshake.cipher()
    version = json.loads(recording.texts(4)[0])["d"]["dave_protocol_version"]
    found: list[Dressed] = []
    for datagram in recording.datagrams:
        header = None if is_rtcp(datagram) or len(datagram) in (8, 74) else parse_header(datagram)
        if header is None:
            continue
        plain = cipher.open(datagram, header.size)
        payload = payload_of(header, plain)
        extension = plain[: header.extension_size]
        padding = plain[header.extension_size + len(payload) :]
        encrypted = version and payload and payload != SILENCE_FRAME
        size = max(1, len(payload) - DAVE_OVERHEAD) if encrypted else len(payload)
        found.append(Dressed(datagram[0], datagram[12 : header.size], extension, size, padding))
    return found
