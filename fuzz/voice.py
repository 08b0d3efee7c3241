"""Voice: packets, gateway messages and encrypted frames, mutated; davey is reached in a live group.

For libFuzzer, `check` reads its input as a case and what to change in it. `python -m fuzz.voice --cases 10000000` runs
the seeded mutator over a recorded session and prints how many cases each kind had.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import random
import struct
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.voice_parts.group import US, active_group

from voxlink.errors import VoxlinkError
from voxlink.testing.dave_call import BinaryMessage, DaveMessage
from voxlink.testing.downlink import Dress, receiver_report
from voxlink.testing.rtp_packet import RtpHeader
from voxlink.voice import gateway_message as words
from voxlink.voice.discovery import pack_request, parse_response
from voxlink.voice.encryption import AES256_GCM, cipher_for
from voxlink.voice.gateway import VoiceGateway
from voxlink.voice.gateway_effect import StartSession
from voxlink.voice.login import VoiceLogin
from voxlink.voice.mls_reader import read_commit, read_proposals
from voxlink.voice.receiver import Receiver
from voxlink.voice.roster import Roster
from voxlink.voice.session import Session
from voxlink.voice.transmitter.pipe import QueueFrames, Splitter, pack, parse_to_engine, parse_to_transmitter

KEY = bytes(32)
LOGIN = VoiceLogin(1, US, 777, "session", "token", "host")
SSRC, THEIR_SSRC = 7, 8
RENEW_AFTER = 2_000
"""Cases with one call; then another is set up, so that no case hides behind an earlier one."""

TEXTS: list[dict[str, object]] = [
    {"op": 8, "d": {"v": 8, "heartbeat_interval": 13750}},
    {"op": 2, "d": {"ssrc": SSRC, "ip": "127.0.0.1", "port": 5000, "modes": [AES256_GCM]}},
    {"op": 4, "d": {"mode": AES256_GCM, "secret_key": [0] * 32, "dave_protocol_version": 1}},
    {"op": 5, "d": {"ssrc": THEIR_SSRC, "user_id": "2", "speaking": 1}, "seq": 1},
    {"op": 6, "d": {"t": 1}},
    {"op": 9, "d": None},
    {"op": 11, "d": {"user_ids": ["2", "3"]}, "seq": 2},
    {"op": 12, "d": {"user_id": "2", "audio_ssrc": THEIR_SSRC}, "seq": 3},
    {"op": 13, "d": {"user_id": "3"}, "seq": 4},
    {"op": 18, "d": {"user_id": "2", "flags": 1}, "seq": 5},
    {"op": 21, "d": {"transition_id": 3, "protocol_version": 1}, "seq": 6},
    {"op": 22, "d": {"transition_id": 3}, "seq": 7},
    {"op": 24, "d": {"epoch": 1, "protocol_version": 1}, "seq": 8},
]


class World:
    """A session in the middle of an encrypted call, and what was said on the way there."""

    def __init__(self) -> None:
        log: list[DaveMessage] = []
        self.ours, self.theirs = active_group(log)
        self.bodies = {message.op: message.body for message in log if isinstance(message, BinaryMessage)}
        self.roster = Roster()
        self.roster.receive(words.Speaking(THEIR_SSRC, self.theirs.user_id))
        self.cipher = cipher_for(AES256_GCM, KEY)
        self.receiver = Receiver(self.cipher, self.roster, self.ours.decrypt, ssrc=SSRC)
        self.session = Session(StartSession(SSRC, AES256_GCM, KEY, 0), LOGIN, self.roster, 0.0, queued_ms=lambda: 1000)
        self.gateway = VoiceGateway(LOGIN, max_dave_version=1)
        self.gateway.connect(0.0)
        self.gateway.opened(0.0)
        self.dress = Dress(1)
        self.sequence = 0
        self.now = 0.0
        self.cases = 0

    def seal(self, clear: bytes, plain: bytes) -> bytes:
        self.sequence += 1
        counter = self.sequence.to_bytes(4, "big")
        return clear + self.cipher.seal(counter, plain, clear) + counter

    def packet(self, opus: bytes) -> bytes:
        header = RtpHeader(12, 120, self.sequence & 0xFFFF, 960 * self.sequence & 0xFFFF_FFFF, THEIR_SSRC, 0, False)
        return self.seal(*self.dress.wear(header, THEIR_SSRC, opus))


Mutate = Callable[[bytes], bytes]
Case = Callable[[World, Mutate, int], None]


def rtp(world: World, mutate: Mutate, pick: int) -> None:
    frame = world.theirs.encrypt(b"\xfcopus" * (1 + pick % 20)) or b""
    world.receiver.receive(mutate(world.packet(frame)), world.now)


def rtp_of_the_key_holder(world: World, mutate: Mutate, pick: int) -> None:
    """The transport layer accepts it: what is inside reaches extension, padding and davey."""
    frame = world.theirs.encrypt(b"\xfcopus" * (1 + pick % 20)) or b""
    clear, plain = struct.pack("!BBHII", 0x90 | pick & 0x20, 120, world.sequence & 0xFFFF, 0, THEIR_SSRC), frame
    clear += b"\xbe\xde" + (pick % 3).to_bytes(2, "big")
    world.receiver.receive(world.seal(clear, mutate(bytes(4 * (pick % 3)) + plain)), world.now)


def dave_frame(world: World, mutate: Mutate, pick: int) -> None:
    frame = world.theirs.encrypt(b"\xfcopus" * (1 + pick % 20)) or b""
    world.ours.decrypt(world.theirs.user_id, mutate(frame))
    world.ours.flush()


def rtcp(world: World, mutate: Mutate, pick: int) -> None:
    header, body = receiver_report(1, SSRC, fraction_lost=0.1, lost=pick, highest_sequence=5, jitter=9)
    sealed = world.seal(header, body if pick % 2 else mutate(body))
    world.receiver.receive(mutate(sealed) if pick % 2 else sealed, world.now)


def small_datagram(world: World, mutate: Mutate, pick: int) -> None:
    world.session.datagram(mutate(struct.pack("!II", 0x1337F00D, pick)), world.now)
    answer = mutate(struct.pack("!HHI64sH", 2, 70, SSRC, b"127.0.0.1", 5))
    world.gateway.receive_datagram(answer, world.now)
    with contextlib.suppress(VoxlinkError):
        parse_response(mutate(pack_request(SSRC)), SSRC)


def text(world: World, mutate: Mutate, pick: int) -> None:
    data = mutate(json.dumps(TEXTS[pick % len(TEXTS)]).encode())
    with contextlib.suppress(VoxlinkError):
        numbered = words.parse_text(data)
        world.gateway.receive(numbered, world.now)
        if isinstance(numbered.message, words.DaveMessage):
            world.session.dave_message(numbered.message, world.now)


def pipe(world: World, mutate: Mutate, pick: int) -> None:
    data = mutate(pack(QueueFrames(1, 0, pick, [b"frame"])))
    with contextlib.suppress(VoxlinkError):
        for body in Splitter().feed(data):
            with contextlib.suppress(VoxlinkError):
                parse_to_transmitter(body)
            parse_to_engine(body)


def mls_binary(op: int) -> Case:
    def case(world: World, mutate: Mutate, pick: int) -> None:
        """In the live group itself, where a failure leaves the group alive."""
        data = mutate(b"\0\0" + bytes([op]) + world.bodies.get(op, b""))
        group = world.ours._group  # noqa: SLF001 (a failure of the layer above would start a new one)
        assert group is not None
        with contextlib.suppress(VoxlinkError):
            match words.parse_binary(data).message:
                case words.ExternalSender(sender):
                    group.set_external_sender(sender)
                case words.Proposals(revoke, body):
                    with contextlib.suppress(VoxlinkError):
                        read_proposals(body)
                    group.process_proposals(body, revoke=revoke, expected=[US])
                case words.AnnounceCommit(_, commit):
                    with contextlib.suppress(VoxlinkError):
                        read_commit(commit)
                    group.process_commit(commit)
                case words.Welcome(_, welcome):
                    group.process_welcome(welcome)
                case _:
                    pass

    return case


def whole_dave(world: World, mutate: Mutate, pick: int) -> None:
    """Through the end-to-end layer, with all that it does about it: op 31, a new group."""
    op = (25, 27, 29, 30)[pick % 4]
    with contextlib.suppress(VoxlinkError):
        message = words.parse_binary(mutate(b"\0\0" + bytes([op]) + world.bodies.get(op, b""))).message
        if isinstance(message, words.DaveMessage):
            world.ours.receive(message, world.now)
            world.ours.tick(world.now + 5)


CASES: dict[str, tuple[int, Case]] = {
    "RTP": (250, rtp),
    "RTP, sealed": (200, rtp_of_the_key_holder),
    "DAVE frame": (150, dave_frame),
    "RTCP": (50, rtcp),
    "discovery, keepalive": (50, small_datagram),
    "text": (200, text),
    "pipe": (40, pipe),
    "op 25": (15, mls_binary(25)),
    "op 27": (20, mls_binary(27)),
    "op 29": (15, mls_binary(29)),
    "op 30": (9, mls_binary(30)),
    "ops 25-30, whole": (1, whole_dave),
}
"""Kind -> share (of 1,000) and what it does."""

_world: World | None = None


def world() -> World:
    """Return the present call; a new one after a while."""
    global _world
    if _world is None or _world.cases >= RENEW_AFTER or not _world.ours.has_key:
        _world = World()
    _world.cases += 1
    _world.now += 0.001
    return _world


def check(data: bytes) -> None:
    """One case of libFuzzer: the first two bytes choose kind and base, the rest says which bytes become what."""
    if len(data) < 2:
        return
    kind = list(CASES)[data[0] % len(CASES)]

    def mutate(base: bytes) -> bytes:
        changed = bytearray(base)
        for at in range(2, len(data) - 2, 3):
            place = int.from_bytes(data[at : at + 2], "big")
            if place >= 0x8000:
                changed[place % (len(changed) + 1) :] = b"" if place & 1 else data[at:]
            elif changed:
                changed[place % len(changed)] = data[at + 2]
        return bytes(changed)

    CASES[kind][1](world(), mutate, data[1])


def campaign(cases: int, seed: int) -> Counter[str]:
    """Run so many seeded cases; return how many each kind had. Raises what is not one of our named errors."""
    chance = random.Random(seed)
    kinds, shares = list(CASES), [share for share, _ in CASES.values()]
    counts: Counter[str] = Counter()

    def mutate(base: bytes) -> bytes:
        changed = bytearray(base)
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            match chance.randrange(5):
                case 0 if changed:
                    del changed[chance.randrange(len(changed)) :]
                case 1:
                    place = chance.randrange(len(changed) + 1)
                    changed[place:place] = chance.randbytes(chance.randrange(1, 9))
                case 2 if changed:
                    place = chance.randrange(len(changed))
                    del changed[place : place + chance.randrange(1, 9)]
                case _ if changed:
                    changed[chance.randrange(len(changed))] = chance.randrange(256)
                case _:
                    pass
        return bytes(changed)

    for kind in chance.choices(kinds, shares, k=cases):
        counts[kind] += 1
        CASES[kind][1](world(), mutate, chance.randrange(256))
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fuzz.voice")
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.ERROR)
    started = time.monotonic()
    total: Counter[str] = Counter()
    step = 100_000
    for start in range(0, options.cases, step):
        total += campaign(min(step, options.cases - start), options.seed + start)
    for kind, count in total.most_common():
        print(f"{kind:22} {count:10,}  {count / total.total():6.2%}")
    print(
        f"{total.total():,} cases in {time.monotonic() - started:.0f} s, seed {options.seed}: nothing but named errors"
    )


if __name__ == "__main__":
    main()
