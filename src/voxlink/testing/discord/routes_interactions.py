"""The routes about commands and interactions: registering, answering, following up."""

from __future__ import annotations

import msgspec
from aiohttp import web

from voxlink.testing.discord import payloads
from voxlink.testing.discord.bodies import decode
from voxlink.testing.discord.commands import Command, CommandBody
from voxlink.testing.discord.interactions import CallbackBody, Interaction
from voxlink.testing.discord.messages import MessageBody, apply_body
from voxlink.testing.discord.refusals import Refusal
from voxlink.testing.discord.rest import CORE, Route, account_of, answer, body_of, number_of
from voxlink.testing.discord.state import Json, Message

__all__ = ["ROUTES"]


def scope_of(request: web.Request) -> tuple[int, int | None]:
    """Application and guild (None: global) of the path; raises `Refusal` where the bot has no business there."""
    account = account_of(request)
    if number_of(request, "application") != account.application_id:
        raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
    if "guild" not in request.match_info:
        return account.application_id, None
    guild = request.app[CORE].world.guilds.get(number_of(request, "guild"))
    if guild is None or account.id not in guild.members:
        raise Refusal.missing_access()
    return account.application_id, guild.id


def command_of(request: web.Request) -> Command:
    """The command of the path; raises `Refusal` 10063."""
    command = request.app[CORE].book.by_id(*scope_of(request), number_of(request, "command"))
    if command is None:
        raise Refusal.unknown("application command")
    return command


async def get_commands(request: web.Request) -> web.Response:
    """GET …/commands."""
    return answer([command.payload() for command in request.app[CORE].book.of(*scope_of(request))])


async def create_command(request: web.Request) -> web.Response:
    """POST …/commands: 201 for a new one, 200 where one of that name was overwritten."""
    core = request.app[CORE]
    scope = scope_of(request)
    before = len(core.book.of(*scope))
    command = core.book.register(*scope, decode(await request.read(), CommandBody))
    core.changes.told()
    return answer(command.payload(), status=201 if len(core.book.of(*scope)) > before else 200)


async def replace_commands(request: web.Request) -> web.Response:
    """PUT …/commands."""
    core = request.app[CORE]
    commands = core.book.replace_all(*scope_of(request), decode(await request.read(), list[CommandBody]))
    core.changes.told()
    return answer([command.payload() for command in commands])


async def get_command(request: web.Request) -> web.Response:
    """GET …/commands/{command}."""
    return answer(command_of(request).payload())


async def edit_command(request: web.Request) -> web.Response:
    """PATCH …/commands/{command}: fields that are left out stay as they are."""
    command = command_of(request)
    changed: Json = {**command.payload(), **decode(await request.read(), dict[str, object])}
    body = decode(msgspec.json.encode(changed), CommandBody)
    return answer(request.app[CORE].book.edit(command, body).payload())


async def delete_command(request: web.Request) -> web.Response:
    """DELETE …/commands/{command}."""
    request.app[CORE].book.delete(command_of(request))
    return answer(status=204)


async def create_callback(request: web.Request) -> web.Response:
    """POST /interactions/{interaction}/{token}/callback: the initial answer."""
    core = request.app[CORE]
    interaction = core.interactions.get(number_of(request, "interaction"))
    if interaction is None or interaction.token != request.match_info["token"]:
        raise Refusal.unknown("interaction")
    data, files = await body_of(request)
    shown = interaction.acknowledge(
        core.world, decode(data, CallbackBody), files, now=core.clock(), sent_at=core.stamp()
    )
    if shown is not None:
        core.tell_of(shown, "MESSAGE_UPDATE" if shown is interaction.source else "MESSAGE_CREATE")
    core.changes.told()
    if request.query.get("with_response", "").lower() not in {"1", "true"}:
        return answer(status=204)
    return answer(callback_response(interaction, shown))


def callback_response(interaction: Interaction, shown: Message | None) -> Json:
    """What `with_response=true` asks for."""
    kind = int(interaction.acknowledged_with or 0)
    about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    if shown is None:
        return {"interaction": about, "resource": {"type": kind}}
    about |= {
        "response_message_id": str(shown.id),
        "response_message_loading": shown.is_thinking,
        "response_message_ephemeral": shown.is_ephemeral,
    }
    return {"interaction": about, "resource": {"type": kind, "message": payloads.message(shown, with_guild=False)}}


def interaction_of(request: web.Request) -> Interaction:
    """The interaction whose token is in the path of a webhook; raises `Refusal` 10015."""
    application_id = number_of(request, "application")
    for interaction in request.app[CORE].interactions.values():
        if interaction.token == request.match_info["token"] and interaction.account.id == application_id:
            return interaction
    raise Refusal.unknown("Webhook")


async def follow_up(request: web.Request) -> web.Response:
    """POST /webhooks/{application}/{token}: a further message."""
    core = request.app[CORE]
    interaction = interaction_of(request)
    data, files = await body_of(request)
    body = decode(data, MessageBody)
    message = interaction.follow_up(core.world, body, files, now=core.clock(), sent_at=core.stamp())
    core.tell_of(message, "MESSAGE_CREATE")
    return answer(payloads.message(message, with_guild=False))


def answered_message(request: web.Request) -> Message:
    """The message of an answer that the path names."""
    core = request.app[CORE]
    return interaction_of(request).message(request.match_info["message"], now=core.clock())


async def get_answer(request: web.Request) -> web.Response:
    """GET /webhooks/{application}/{token}/messages/{message}."""
    return answer(payloads.message(answered_message(request), with_guild=False))


async def edit_answer(request: web.Request) -> web.Response:
    """PATCH /webhooks/{application}/{token}/messages/{message}."""
    core = request.app[CORE]
    message = answered_message(request)
    data, files = await body_of(request)
    was_thinking = message.is_thinking
    apply_body(message, decode(data, MessageBody), files)
    message.edited_at = None if was_thinking else core.stamp()
    core.tell_of(message, "MESSAGE_UPDATE")
    return answer(payloads.message(message, with_guild=False))


async def delete_answer(request: web.Request) -> web.Response:
    """DELETE /webhooks/{application}/{token}/messages/{message}."""
    message = answered_message(request)
    message.is_deleted = True
    request.app[CORE].tell_of(message, "MESSAGE_DELETE")
    return answer(status=204)


GLOBAL = "/applications/{application}/commands"
IN_GUILD = "/applications/{application}/guilds/{guild}/commands"
ROUTES: list[Route] = [
    *(
        route
        for scope in (GLOBAL, IN_GUILD)
        for route in (
            ("GET", scope, get_commands),
            ("POST", scope, create_command),
            ("PUT", scope, replace_commands),
            ("GET", scope + "/{command}", get_command),
            ("PATCH", scope + "/{command}", edit_command),
            ("DELETE", scope + "/{command}", delete_command),
        )
    ),
    ("POST", "/interactions/{interaction}/{token}/callback", create_callback),
    ("POST", "/webhooks/{application}/{token}", follow_up),
    ("GET", "/webhooks/{application}/{token}/messages/{message}", get_answer),
    ("PATCH", "/webhooks/{application}/{token}/messages/{message}", edit_answer),
    ("DELETE", "/webhooks/{application}/{token}/messages/{message}", delete_answer),
]
"""In the order of Discord's documentation."""
