"""One session: what it seals opens with its key, what it is sent while away is kept."""

from __future__ import annotations

from voxlink.testing.heard import Heard
from voxlink.testing.transport_cipher import XCHACHA_MODE, make_cipher
from voxlink.testing.voice_member import VoiceMember


class Link:
    def __init__(self) -> None:
        self.sent: list[str | bytes] = []

    def send(self, message: str | bytes) -> None:
        self.sent.append(message)

    def pause(self, seconds: float) -> None: ...

    def stall(self, *, stalled: bool) -> None: ...

    def close(self, code: int) -> None: ...

    def abort(self) -> None: ...


def member() -> VoiceMember:
    return VoiceMember(1, 2, 3, Heard(), first_sequence=0)


def test_each_sealed_packet_has_its_own_nonce() -> None:
    one = member()
    one.identify(77)
    key = one.agree(XCHACHA_MODE, ("127.0.0.1", 9), open_every=1)
    packets = [one.seal(b"head", b"plain") for _ in range(3)]
    assert len({packet[-4:] for packet in packets}) == 3
    cipher = make_cipher(XCHACHA_MODE, key)
    assert all(cipher.open(packet[-4:], packet[4:-4], b"head") == b"plain" for packet in packets)


def test_numbered_messages_are_kept_while_it_is_away() -> None:
    one = member()
    one.identify(77)
    one.send_numbered(13, {"user_id": "5"})
    one.send(9, None)
    one.link = link = Link()
    one.send_binary(27, b"body")
    assert link.sent == [b"\x00\x01\x1bbody"]
    kept = one.log.after(-1)
    assert kept is not None
    assert len(kept) == 2


def test_identifying_again_begins_anew() -> None:
    one = member()
    one.identify(77)
    one.agree(XCHACHA_MODE, ("127.0.0.1", 9), open_every=1)
    assert one.is_live
    one.send_numbered(13, {})
    one.identify(78)
    assert not one.is_live
    assert one.log.after(-1) == []


def test_secrets_stay_out_of_the_repr() -> None:
    one = member()
    assert one.token not in repr(one)
    assert "user=2" in repr(one)
