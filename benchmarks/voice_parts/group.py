"""An encrypted call of two in this process: our end-to-end layer and a plain davey member, by the simulated server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from voxlink.testing.dave_call import DaveCall, DaveMessage, TextMessage
from voxlink.testing.dave_participant import DaveParticipant
from voxlink.voice import gateway_message as words
from voxlink.voice.dave import Dave
from voxlink.voice.gateway_effect import Effect, SendBinary, SendText

CHANNEL = 777
US, THEM = 1, 2


def active_group(log: list[DaveMessage] | None = None) -> tuple[Dave, DaveParticipant]:  # noqa: C901 (two members and a server, in one loop)
    """Return both members of a call that has settled; `log` takes the messages that led there."""
    call = DaveCall(CHANNEL, 1)
    ours = Dave(US, CHANNEL, users={THEM}, queued_ms=lambda: 1000)
    theirs = DaveParticipant(THEM, CHANNEL)
    waiting: list[DaveMessage] = []

    def say(user_id: int, op: int, body: bytes, transition_id: int) -> None:
        answer: dict[int, Callable[[], list[DaveMessage]]] = {
            26: lambda: call.key_package(user_id, body),
            28: lambda: call.commit(user_id, body, 0.0),
            23: lambda: call.ready(user_id, transition_id),
        }
        waiting.extend(answer[op]())

    def obey(effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SendBinary):
                say(US, effect.data[0], effect.data[1:], 0)
            elif isinstance(effect, SendText):
                text = json.loads(effect.text)
                say(US, text["op"], b"", text["d"]["transition_id"])

    waiting += call.join(US, 1, 0.0)
    obey(ours.begin(1))
    waiting += call.join(THEM, 1, 0.0)
    for reply in theirs.begin(1):
        say(THEM, reply.op, reply.body, reply.transition_id)
    while waiting:
        message = waiting.pop(0)
        if log is not None:
            log.append(message)
        if message.user_id == US:
            obey(ours.receive(_words(message), 0.0))
            continue
        if isinstance(message, TextMessage):
            replies = theirs.take_text(message.op, message.data)
        else:
            replies = theirs.take_binary(message.op, message.body)
        for reply in replies:
            say(THEM, reply.op, reply.body, reply.transition_id)
    assert ours.has_key
    return ours, theirs


def _words(message: DaveMessage) -> words.DaveMessage:
    if isinstance(message, TextMessage):
        parsed = words.parse_text(json.dumps({"op": message.op, "d": message.data})).message
    else:
        parsed = words.parse_binary(b"\0\0" + bytes([message.op]) + message.body).message
    assert isinstance(parsed, words.DaveMessage)
    return parsed
