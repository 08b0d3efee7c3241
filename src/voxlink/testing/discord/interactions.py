"""The life of an interaction: pressed, acknowledged once and in time, answered, followed up. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import msgspec

from voxlink.testing.discord import payloads
from voxlink.testing.discord.bodies import decode
from voxlink.testing.discord.messages import EPHEMERAL, MessageBody, apply_body, new_message
from voxlink.testing.discord.refusals import Refusal, invalid_field
from voxlink.testing.discord.state import Account, Attachment, Channel, Guild, Json, Message, User, World

__all__ = ["CallbackBody", "Interaction", "InteractionKind"]

ANSWER_WITHIN_S = 3.0
"""The initial answer must come within this."""
TOKEN_LIVES_S = 900.0
"""The token of the interaction works this long."""


class InteractionKind(enum.IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackKind(enum.IntEnum):
    """Discord's interaction callback types."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE_MESSAGE = 7
    AUTOCOMPLETE_RESULT = 8
    MODAL = 9


class CallbackBody(msgspec.Struct):
    """What a bot sends as the initial answer."""

    type: int
    data: msgspec.Raw = msgspec.Raw(b"{}")


FITS: dict[InteractionKind, set[CallbackKind]] = {
    InteractionKind.COMMAND: {CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE, CallbackKind.MODAL},
    InteractionKind.COMPONENT: set(CallbackKind) - {CallbackKind.AUTOCOMPLETE_RESULT},
    InteractionKind.AUTOCOMPLETE: {CallbackKind.AUTOCOMPLETE_RESULT},
    InteractionKind.MODAL_SUBMIT: set(CallbackKind) - {CallbackKind.AUTOCOMPLETE_RESULT, CallbackKind.MODAL},
}
"""Which initial answers each kind of interaction takes."""


@dataclass(slots=True)
class Interaction:
    """One press of a command, button or menu, and what the bot made of it."""

    id: int
    kind: InteractionKind
    token: str = field(repr=False)
    account: Account
    user: User
    guild: Guild
    channel: Channel
    data: Json
    pressed_at: float
    name: str
    """What was pressed, for error messages: `/play`, or the custom id of a button."""
    source: Message | None = None
    """The message that a pressed component belongs to."""
    acknowledged_with: CallbackKind | None = None
    original: Message | None = None
    messages: list[Message] = field(default_factory=list[Message])
    """The answer and its follow-ups, in order."""
    choices: list[Json] | None = None
    modal: Json | None = None

    def payload(self) -> Json:
        """The interaction object as `INTERACTION_CREATE` carries it."""
        built: Json = {
            "id": str(self.id), "application_id": str(self.account.application_id), "type": int(self.kind),
            "token": self.token, "version": 1, "data": self.data, "guild_id": str(self.guild.id),
            "guild": {"id": str(self.guild.id), "locale": "en-US", "features": []},
            "guild_locale": "en-US", "locale": "en-US", "channel_id": str(self.channel.id),
            "channel": {**payloads.channel(self.channel), "permissions": "2251799813685247"},
            "member": {**payloads.member(self.guild.members[self.user.id]), "permissions": "2251799813685247"},
            "app_permissions": "2251799813685247", "entitlements": [], "context": 0,
            "authorizing_integration_owners": {"0": str(self.guild.id)}, "attachment_size_limit": 10_485_760,
        }  # fmt: skip
        if self.source is not None:
            built["message"] = payloads.message(self.source, with_guild=False)
        return built

    def metadata(self) -> Json:
        """What a message of the answer says about its interaction."""
        return {
            "id": str(self.id),
            "type": int(self.kind),
            "user": payloads.user(self.user),
            "authorizing_integration_owners": {"0": str(self.guild.id)},
            "name": self.name.removeprefix("/"),
        }

    def blank(self, number: int, sent_at: str) -> Message:
        """An empty message of the bot that answers this interaction."""
        return Message(
            number, self.channel.id, self.guild.id, self.account, sent_at=sent_at,
            application_id=self.account.application_id, interaction=self.metadata(), shown_to=self.user.id,
        )  # fmt: skip

    def acknowledge(
        self, world: World, body: CallbackBody, files: list[Attachment], *, now: float, sent_at: str
    ) -> Message | None:
        """Take the initial answer; give back the message that appeared or changed, if any.

        Raises `Refusal`: unknown (too late), acknowledged before, or an answer that does not fit.
        """
        if now - self.pressed_at > ANSWER_WITHIN_S and self.acknowledged_with is None:
            raise Refusal.unknown("interaction")
        if self.acknowledged_with is not None:
            raise Refusal.already_acknowledged()
        try:
            kind = CallbackKind(body.type)
        except ValueError:
            raise invalid_field("type", "BASE_TYPE_CHOICES", "Value must be one of {4, 5, 6, 7, 8, 9}.") from None
        if kind not in FITS[self.kind]:
            raise invalid_field("type", "INTERACTION_RESPONSE_TYPE_INVALID", "Interaction response type is invalid")
        shown = self._answer(world, kind, body.data, files, sent_at)
        self.acknowledged_with = kind
        return shown

    def _answer(
        self, world: World, kind: CallbackKind, data: msgspec.Raw, files: list[Attachment], sent_at: str
    ) -> Message | None:
        if kind is CallbackKind.AUTOCOMPLETE_RESULT:
            self.choices = decode(data, ChoicesBody).choices
        elif kind is CallbackKind.MODAL:
            self.modal = decode(data, dict[str, object])
        elif kind is CallbackKind.DEFERRED_UPDATE:
            self.original = self.source
        elif kind is CallbackKind.UPDATE_MESSAGE:
            assert self.source is not None
            apply_body(self.source, decode(data, MessageBody), files)
            self.source.edited_at = sent_at
            self.original = self.source
            return self.source
        elif kind is CallbackKind.DEFERRED_MESSAGE:
            self.original = self.blank(world.next_id(), sent_at)
            self.original.flags = (decode(data, MessageBody).flags or 0) & EPHEMERAL
            self.original.is_thinking = True
            world.messages[self.original.id] = self.original
            self.messages.append(self.original)
            return self.original
        else:
            self.original = self.new_message(world, decode(data, MessageBody), files, sent_at)
            return self.original
        return None

    def new_message(self, world: World, body: MessageBody, files: list[Attachment], sent_at: str) -> Message:
        """Write a message of the answer; raises `Refusal` for one that breaks Discord's rules."""
        message = new_message(world, lambda number: self.blank(number, sent_at), body, files)
        self.messages.append(message)
        return message

    def follow_up(
        self, world: World, body: MessageBody, files: list[Attachment], *, now: float, sent_at: str
    ) -> Message:
        """Take a follow-up. The first one after a deferred answer fills that answer in, as on Discord."""
        self.check_token(now)
        if self.acknowledged_with is None:
            raise Refusal.unknown("Webhook")
        if self.original is not None and self.original.is_thinking:
            apply_body(self.original, body, files)
            return self.original
        return self.new_message(world, body, files, sent_at)

    def message(self, which: str, *, now: float) -> Message:
        """The message that `@original` or an id names; raises `Refusal`."""
        self.check_token(now)
        found = self.original if which == "@original" else next((m for m in self.messages if str(m.id) == which), None)
        if self.acknowledged_with is None:
            raise Refusal.unknown("Webhook")
        if found is None or found.is_deleted:
            raise Refusal.unknown("Message")
        return found

    def check_token(self, now: float) -> None:
        """Raise `Refusal` when the token is older than fifteen minutes."""
        if now - self.pressed_at > TOKEN_LIVES_S:
            raise Refusal(401, 50027, "Invalid Webhook Token")


class ChoicesBody(msgspec.Struct):
    """The answer to an autocomplete interaction."""

    choices: list[Json] = msgspec.field(default_factory=list[Json])
