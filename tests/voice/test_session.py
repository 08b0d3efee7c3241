"""One session's machines, bound together: datagrams and time reach the right one."""

from __future__ import annotations

import struct

from voxlink.voice.discovery import pack_keepalive
from voxlink.voice.encryption import AES256_GCM
from voxlink.voice.gateway_effect import SendDatagram, StartSession
from voxlink.voice.gateway_message import PrepareTransition
from voxlink.voice.login import VoiceLogin
from voxlink.voice.roster import Roster
from voxlink.voice.session import Session


def session() -> Session:
    start = StartSession(7, AES256_GCM, bytes(32), 0)
    return Session(start, VoiceLogin(1, 2, 3, "s", "t", "e"), Roster(), 100.0, queued_ms=lambda: 0)


def test_the_keepalive_leaves_every_five_seconds_and_measures_the_way() -> None:
    here = session()
    assert here.next_deadline() == 105
    assert here.tick(105).effects == [SendDatagram(pack_keepalive(1))]
    assert here.datagram(struct.pack("!II", 0x1337F00D, 1), 105.25) == ([], [])
    assert here.keepalive.ping_s == 0.25
    assert here.next_deadline() == 110


def test_noise_is_counted_and_dropped() -> None:
    here = session()
    assert here.datagram(b"noise", 101) == ([], [])
    assert here.receiver.invalid == 1


def test_dave_messages_reach_the_end_to_end_layer() -> None:
    here = session()
    assert here.dave_message(PrepareTransition(4, 0), 101).effects
