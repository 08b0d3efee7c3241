"""Who is told about whom, in Discord's order."""

from __future__ import annotations

import json

from voxlink.testing.call import Call
from voxlink.testing.heard import Heard
from voxlink.testing.rtp_packet import RtpHeader
from voxlink.testing.transport_cipher import AES_GCM_MODE
from voxlink.testing.voice_member import VoiceMember


def member(user_id: int) -> VoiceMember:
    one = VoiceMember(1, user_id, 3, Heard(), first_sequence=0)
    one.identify(1000 + user_id)
    one.agree(AES_GCM_MODE, ("127.0.0.1", user_id), open_every=1)
    return one


def told(one: VoiceMember) -> list[tuple[int, object]]:
    messages = one.log.after(-1)
    assert messages is not None
    return [(body["op"], body["d"]) for body in map(json.loads, messages)]


async def test_newcomers_and_members_learn_of_each_other() -> None:
    call = Call(3, 0, lambda data, address: None)
    first, second = member(1), member(2)
    call.join(first)
    call.speak(first, 1)
    call.join(second)
    assert told(second) == [(11, {"user_ids": ["1"]}), (5, {"speaking": 1, "ssrc": 1001, "user_id": "1"})]
    assert told(first) == [(11, {"user_ids": ["2"]})]
    call.leave(second)
    call.leave(second)
    assert told(first)[-1] == (13, {"user_id": "2"})


async def test_packets_go_to_everybody_else_who_wants_them() -> None:
    datagrams: list[tuple[bytes, tuple[str, int]]] = []
    call = Call(3, 0, lambda data, address: datagrams.append((data, address)))
    first, second, third = member(1), member(2), member(3)
    for one in (first, second, third):
        call.join(one)
    third.wants_media = False
    call.forward(first, RtpHeader(12, 120, 5, 960, 1001, 0, is_padded=False), b"opus")
    assert [address for _, address in datagrams] == [("127.0.0.1", 2)]
