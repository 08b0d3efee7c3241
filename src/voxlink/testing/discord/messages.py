"""Sending and editing messages: what bots send, what Discord refuses of it, what people then see. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import msgspec

from voxlink.testing.discord.refusals import Refusal, invalid_field
from voxlink.testing.discord.state import Attachment, Json, Message, World

__all__ = ["EPHEMERAL", "MessageBody", "apply_body", "buttons_in", "check_message", "new_message"]

EPHEMERAL = 64
COMPONENTS_V2 = 1 << 15
SETTABLE_FLAGS = 4 | EPHEMERAL | 4096 | COMPONENTS_V2
"""SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2."""

ACTION_ROW, BUTTON, LINK_STYLE = 1, 2, 5
TEXT_LIMITS = {"title": 256, "description": 4096}
"""Discord's limits on an embed's texts."""


class ComponentBody(msgspec.Struct):
    """The part of a component that is checked."""

    type: int
    custom_id: str | None = None
    style: int | None = None
    label: str | None = None
    url: str | None = None
    disabled: bool | None = False
    components: list[ComponentBody] | None = None


class MessageBody(msgspec.Struct):
    """What a bot sends for a message. UNSET leaves a field of an edited message as it is; null empties it."""

    content: str | msgspec.UnsetType | None = msgspec.UNSET
    embeds: list[Json] | msgspec.UnsetType | None = msgspec.UNSET
    components: list[Json] | msgspec.UnsetType | None = msgspec.UNSET
    attachments: list[Json] | msgspec.UnsetType | None = msgspec.UNSET
    flags: int | None = None
    tts: bool | None = False


def check_message(body: MessageBody) -> None:
    """Raise the `Refusal` with which Discord answers a message that breaks its rules."""
    if isinstance(body.content, str) and len(body.content) > 2000:
        raise invalid_field("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    embeds = body.embeds or []
    if len(embeds) > 10:
        raise invalid_field("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for position, embed in enumerate(embeds):
        for key, limit in TEXT_LIMITS.items():
            if isinstance(text := embed.get(key), str) and len(text) > limit:
                raise invalid_field(
                    f"embeds.{position}.{key}", "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length."
                )
    check_components(body.components or [])


def check_components(components: list[Json]) -> None:
    """Raise the `Refusal` for rows that are too long and buttons that share an id or have none."""
    try:
        rows = msgspec.convert(components, list[ComponentBody])
    except msgspec.ValidationError as wrong:
        raise invalid_field("components", "DICT_TYPE_CONVERT", str(wrong)) from None
    if len(rows) > 5 and all(row.type == ACTION_ROW for row in rows):
        raise invalid_field("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    seen: set[str] = set()
    for position, row in enumerate(rows):
        inside = row.components or []
        if row.type == ACTION_ROW and not 1 <= len(inside) <= 5:
            where = f"components.{position}.components"
            raise invalid_field(where, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
        for column, one in enumerate(inside):
            where = f"components.{position}.components.{column}"
            if one.type == BUTTON and one.style != LINK_STYLE and not one.custom_id:
                raise invalid_field(f"{where}.custom_id", "BASE_TYPE_REQUIRED", "A custom id is required")
            if one.custom_id is not None and one.custom_id in seen:
                raise invalid_field(
                    f"{where}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
                )
            if one.custom_id is not None:
                seen.add(one.custom_id)


def apply_body(message: Message, body: MessageBody, files: list[Attachment]) -> None:
    """Put what the body says into the message. Refused as a whole (nothing changed) or done as a whole."""
    check_message(body)
    content = message.content if body.content is msgspec.UNSET else body.content or ""
    embeds = message.embeds if body.embeds is msgspec.UNSET else body.embeds or []
    components = message.components if body.components is msgspec.UNSET else numbered(body.components or [])
    kept = message.attachments
    if body.attachments is not msgspec.UNSET:
        wanted = {str(entry.get("id")) for entry in body.attachments or []}
        kept = [one for one in kept if str(one.id) in wanted]
    if not (content or embeds or components or kept or files):
        raise Refusal.empty_message()
    message.content, message.embeds, message.components = content, embeds, components
    message.attachments = [*kept, *files]
    message.flags = (message.flags & EPHEMERAL) | ((body.flags or 0) & SETTABLE_FLAGS & ~EPHEMERAL)
    message.is_thinking = False


def numbered(components: list[Json]) -> list[Json]:
    """The components with the ids that Discord gives to those that have none: from 1, parents before children."""
    numbers = itertools.count(1)

    def number(one: Json) -> Json:
        done: Json = {**one, "id": one.get("id") or next(numbers)}
        if isinstance(one.get("components"), list):
            done["components"] = [number(child) for child in msgspec.convert(one["components"], list[Json])]
        return done

    return [number(one) for one in components]


def buttons_in(message: Message) -> list[ComponentBody]:
    """The buttons that a message shows, in reading order."""

    def walk(one: ComponentBody) -> list[ComponentBody]:
        return [one] if one.type == BUTTON else [found for child in one.components or [] for found in walk(child)]

    return [found for row in msgspec.convert(message.components, list[ComponentBody]) for found in walk(row)]


def new_message(
    world: World, template: Callable[[int], Message], body: MessageBody, files: list[Attachment]
) -> Message:
    """Write a new message into the world; `template` makes it from its id. Raises `Refusal` and then adds nothing."""
    message = template(world.next_id())
    message.flags |= (body.flags or 0) & EPHEMERAL
    apply_body(message, body, files)
    world.messages[message.id] = message
    return message
