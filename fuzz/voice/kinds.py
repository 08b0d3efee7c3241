"""What each kind of case throws at the world, and how large its share is."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from typing import NamedTuple

from fuzz.voice.bases import SEQ, binaries, dressed, reports, texts
from fuzz.voice.case import Case, Mutator
from fuzz.voice.member import LOGIN, Member
from fuzz.voice.world import World
from voxlink._util.framing import Splitter
from voxlink.errors import InvalidPacket, VoxlinkError
from voxlink.testing.mls_wire import vec
from voxlink.voice.close_codes import REACTIONS
from voxlink.voice.discovery import KEEPALIVE_REPLY
from voxlink.voice.mls_reader import read_commit, read_proposals, welcomed
from voxlink.voice.rtp import parse_header
from voxlink.voice.transmitter.pipe import (
    MAX_MESSAGE_BYTES,
    QueueFrames,
    Replaced,
    pack,
    parse_to_engine,
    parse_to_transmitter,
)

NEVER_SENT = {
    3: b'{"op": 3, "d": {"t": 5}}',
    6: b'{"op": 6, "d": {"t": 5}}',
    9: b'{"op": 9, "d": null}',
    12: b'{"op": 12, "d": {"user_id": "2", "audio_ssrc": 4097, "video_ssrc": 0, "streams": []}, "seq": 0}',
    14: b'{"op": 14, "d": {"audio_codec": "opus", "video_codec": "H264"}}',
    15: b'{"op": 15, "d": {"any": 100, "4096": 0}}',
    16: b'{"op": 16, "d": {"voice": "0.9.1", "rtc_worker": "0.3.35"}}',
}
"""Opcodes of the protocol that the simulated server does not say by itself, or hardly ever."""

CODES = [1000, 1001, 1005, 1006, 1011, *REACTIONS, 4018, 4999]

Act = Callable[[World, Case], None]


class Kind(NamedTuple):
    """One kind of case."""

    name: str
    share: int
    """Of 100,000."""
    act: Act
    is_text: bool = False
    has_reader: bool = True
    """Whether it is one message, which our readers refuse or let pass."""


# Datagrams


def rtp(world: World, case: Case) -> None:
    """As it comes off the wire: hardly any change gets past the authentication."""
    like = dressed()[case.base % len(dressed())]
    _datagram(world, case.edit(world.seal(*world.dress(like, world.frame(like.frame_bytes)))))


def rtp_sealed_anew(world: World, case: Case) -> None:
    """Changed by who holds the key: it reaches extension, padding, order and davey."""
    like = dressed()[case.base % len(dressed())]
    clear, plain = world.dress(like, world.frame(like.frame_bytes))
    _datagram(world, _sealed_anew(world, case.edit(clear + plain)))


def dave_frame(world: World, case: Case) -> None:
    """Changed by the sender, or by a server that is not to be trusted: everything but davey accepts it."""
    like = dressed()[case.base % len(dressed())]
    _datagram(world, world.seal(*world.dress(like, case.edit(world.frame(max(4, like.frame_bytes))))))


def rtcp(world: World, case: Case) -> None:
    report = reports()[case.base % len(reports())]
    _datagram(world, case.edit(world.seal(report[:8], report[8:])))


def rtcp_sealed_anew(world: World, case: Case) -> None:
    changed = case.edit(reports()[case.base % len(reports())])
    _datagram(world, world.seal(changed[:8], changed[8:]))


def keepalive(world: World, case: Case) -> None:
    _datagram(world, case.edit(struct.pack("!II", KEEPALIVE_REPLY, case.base)))


def _sealed_anew(world: World, packet: bytes) -> bytes:
    """Seal at the place where the receiver will look for the seal."""
    size = 12
    with contextlib.suppress(InvalidPacket):
        header = parse_header(packet)
        size = header.size if header else size
    return world.seal(packet[:size], packet[size:])


def _datagram(world: World, datagram: bytes) -> None:
    receiver = world.live.session.receiver
    before = receiver.invalid
    world.live.connection.datagram_received(datagram)
    world.watch.passed += receiver.invalid == before


# Gateway


def text(op: int) -> Act:
    def act(world: World, case: Case) -> None:
        bases = texts(op) or [NEVER_SENT[op]]
        numbered = b'"seq": %d}' % world.live.next_seq()
        world.live.text(case.edit(SEQ.sub(numbered, bases[case.base % len(bases)])))

    return act


def other_text(world: World, case: Case) -> None:
    bases = [*NEVER_SENT.values(), *texts(18), *texts(20)]
    world.live.text(case.edit(bases[case.base % len(bases)]))


def joining(world: World, case: Case) -> None:
    """A whole handshake with one message of it changed; what follows is as it should be."""
    member = world.plain(case.base >> 3)
    handshake, changed = member.handshake, case.base % 4
    hello, ready, discovery, description = (
        case.edit(data) if index == changed else data
        for index, data in enumerate(
            (handshake.hello, handshake.ready, handshake.discovery, handshake.description),
        )
    )
    member.connection.socket_opened()
    member.text(hello)
    member.text(ready)
    member.connection.media_opened()
    member.connection.datagram_received(discovery)
    member.text(description)
    _live_on(world, member)


def closing(world: World, case: Case) -> None:
    """The socket is closed with some code and reason, at some point of the connection's life, and time passes."""
    member = world.plain(case.base >> 5)
    if case.base & 1:
        member.join()
    end = case.edit(CODES[case.base % len(CODES)].to_bytes(2, "big") + b"because")
    member.connection.socket_lost(int.from_bytes(end[:2], "big") or None, end[2:].decode(errors="replace"))
    _live_on(world, member)


def _live_on(world: World, member: Member) -> None:
    """Let minutes pass, answering or not; in the end the owner has new server data, or leaves."""
    before = world.loop.now
    for step in range(6):
        if step % 3:
            member.serve()
        deadline = member.gateway.next_deadline()
        world.loop.now = world.loop.now + 1 if deadline is None else max(deadline, world.loop.now)
        if member.connection._timer is not None:
            member.connection._on_time()
    member.connection.hold()
    member.connection._obey(member.gateway.new_login(LOGIN, world.loop.now))
    member.connection._obey(member.gateway.close(world.loop.now))
    world.loop.now = before


def time_passes(world: World, case: Case) -> None:
    """For up to half a minute nothing is heard, heartbeats go unanswered, and the server is back."""
    live = world.live
    for byte in case.edit(bytes((case.base, 10))):
        world.loop.now += byte / 20
        if live.connection._timer is not None:
            live.connection._on_time()
    live.serve()


# MLS


def mls(op: int) -> Act:
    def act(world: World, case: Case) -> None:
        """In the live group, which outlives failures."""
        bases = [*world.offers[op] * 2, *binaries(op)]
        _binary(world.live, op, bases[case.base % len(bases)], case)

    return act


def external_sender(world: World, case: Case) -> None:
    """Op 25 before the group is there: afterwards davey does not look at it."""
    bases = [*world.offers[25], *binaries(25)]
    _binary(world.live if case.base % 8 == 7 else world.newcomers.beginning, 25, bases[case.base % len(bases)], case)


def welcome(world: World, case: Case) -> None:
    """Op 30, or op 27 of a group that does not exist yet, for a member that waits."""
    member, offers = world.newcomers.waiting
    op = 27 if case.base % 16 == 15 and 27 in offers else 30
    stale = binaries(op)
    _binary(member, op, offers[op] if case.base % 8 else stale[case.base % len(stale)], case)


def first_welcome(world: World, case: Case) -> None:
    """Op 30 for a new key package: the one welcome that davey decrypts."""
    world.newcomers.wait_anew()
    member, offers = world.newcomers.waiting
    _binary(member, 30, offers[30], case)


def signed_proposals(world: World, case: Case) -> None:
    """Op 27 with a proposal that makes no sense and is signed by the server."""
    add, remove = b"\0\1" + world.package, b"\0\3" + (case.base % 4).to_bytes(4, "big")
    world.live.recoveries = 0
    sender = world.service.group.sender
    proposal = sender._propose(world.epoch or 0, case.edit(remove if case.base & 1 else add))
    world.live.binary(27, b"\0" + vec(proposal.message))
    if world.live.recoveries:
        world.spent_by = "poisoned proposals"


def recovering(world: World, case: Case) -> None:
    """Ops 25 to 30 with all that we do about a bad one: op 31, a new group, a new key package."""
    del world.live.dave._recover  # type: ignore[attr-defined]
    op = (25, 27, 29, 30)[case.base % 4]
    bases = world.offers.get(op) or binaries(op)
    _binary(world.live, op, bases[0], case)
    for _ in range(40):
        world.live.connection.datagram_received(world.seal(*world.dress(dressed()[0], b"\xfcunreadable")))
    world.live.keep_the_group()


def reordered(world: World, case: Case) -> None:
    """Good messages in an order in which no server sends them: twice, too early, too late."""
    live = world.live
    if case.base & 1:
        del live.dave._recover  # type: ignore[attr-defined]
    good: list[tuple[int, bytes]] = [(op, body) for op in (27, 29) for body in world.offers[op] * 2]
    good += [
        (25, world.offers[25][0]),
        (30, binaries(30)[0]),
        *((op, text) for op in (21, 22, 24) for text in texts(op)),
    ]
    for choice in case.edit(bytes((case.base >> 1, 8, 1)))[:6]:
        op, message = good[choice % len(good)]
        if op < 25:
            live.text(SEQ.sub(b'"seq": %d}' % live.next_seq(), message))
        else:
            live.binary(op, message)
        world.loop.now += 0.2
        live.serve()
        live.look()
    live.keep_the_group()
    world.spent_by = "another order"


def _binary(member: Member, op: int, body: bytes, case: Case) -> None:
    changed = case.edit(member.next_seq().to_bytes(2, "big") + bytes((op,)) + body)
    member.connection.binary_received(changed)
    member.wire.sent.clear()
    with contextlib.suppress(InvalidPacket):  # in the connection they see only what davey accepted
        if op == 27:
            read_proposals(changed[4:])
        elif op == 29:
            read_commit(changed[5:])
        elif op == 30:
            welcomed(changed[5:])


# The pipe to the transmitter


def pipe(world: World, case: Case) -> None:
    message = QueueFrames(1, 0, case.base, [b"frame"]) if case.base & 1 else Replaced(1, 2, True, case.base)
    with contextlib.suppress(VoxlinkError):
        for body in Splitter(MAX_MESSAGE_BYTES).feed(case.edit(pack(message))):
            with contextlib.suppress(VoxlinkError):
                parse_to_transmitter(body)
            parse_to_engine(body)


KINDS = [
    Kind("RTP", 18_000, rtp),
    Kind("RTP, sealed anew", 16_000, rtp_sealed_anew),
    Kind("DAVE frame", 17_000, dave_frame),
    Kind("RTCP", 2_000, rtcp),
    Kind("RTCP, sealed anew", 2_500, rtcp_sealed_anew),
    Kind("keepalive", 1_500, keepalive),
    *(
        Kind(f"op {op}", share, text(op), is_text=True)
        for op, share in {
            2: 800, 3: 600, 4: 800, 5: 4_000, 6: 1_000, 8: 1_500, 9: 600, 11: 3_500, 12: 2_500, 13: 2_500,
            21: 4_500, 22: 3_500, 24: 80,
        }.items()
    ),
    Kind("other text opcodes", 1_000, other_text, is_text=True),
    Kind("handshake", 800, joining, has_reader=False),
    Kind("close", 500, closing, has_reader=False),
    Kind("time", 150, time_passes, has_reader=False),
    Kind("op 25", 1_000, external_sender),
    Kind("op 27", 4_000, mls(27)),
    Kind("op 27, signed anew", 100, signed_proposals),
    Kind("op 29", 3_500, mls(29)),
    Kind("op 30", 2_300, welcome),
    Kind("op 30, first", 50, first_welcome),
    Kind("ops 25-30, recovering", 20, recovering, has_reader=False),
    Kind("pipe", 1_000, pipe, has_reader=False),
    Kind("ops 21-30, reordered", 10, reordered, has_reader=False),
]  # fmt: skip
MUTATOR = Mutator([kind.share for kind in KINDS], [kind.is_text for kind in KINDS])
"""New kinds go to the end: saved inputs name kinds by number."""


def run(world: World, case: Case) -> Kind:
    """Run one case in a world; return its kind. Raises what a defect of ours raises. `World.heal` belongs behind it."""
    kind = KINDS[case.kind % len(KINDS)]
    world.history.append(case)
    kind.act(world, case)
    return kind
