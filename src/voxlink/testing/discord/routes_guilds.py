"""The routes about users, guilds, members, channels and their messages."""

from __future__ import annotations

import msgspec
from aiohttp import web

from voxlink.testing.discord import payloads
from voxlink.testing.discord.bodies import decode
from voxlink.testing.discord.messages import MessageBody, apply_body, new_message
from voxlink.testing.discord.refusals import Refusal
from voxlink.testing.discord.rest import CORE, Route, account_of, answer, body_of, number_of
from voxlink.testing.discord.state import Account, Channel, Guild, Member, Message, Permission

__all__ = ["ROUTES"]


async def my_user(request: web.Request) -> web.Response:
    """GET /users/@me."""
    return answer(payloads.own_user(account_of(request)))


async def get_user(request: web.Request) -> web.Response:
    """GET /users/{user}."""
    account_of(request)
    user = request.app[CORE].world.users.get(number_of(request, "user"))
    if user is None:
        raise Refusal.unknown("User")
    return answer(payloads.user(user))


async def my_application(request: web.Request) -> web.Response:
    """GET /applications/@me and /oauth2/applications/@me."""
    return answer(payloads.application(account_of(request)))


def guild_of(request: web.Request) -> tuple[Account, Guild]:
    """The bot and the guild of the path; raises `Refusal` 10004 for a guild that the bot is not in."""
    account = account_of(request)
    guild = request.app[CORE].world.guilds.get(number_of(request, "guild"))
    if guild is None or account.id not in guild.members:
        raise Refusal.unknown("Guild")
    return account, guild


async def get_guild(request: web.Request) -> web.Response:
    """GET /guilds/{guild}."""
    return answer(payloads.guild(guild_of(request)[1]))


async def get_guild_channels(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/channels."""
    return answer([payloads.channel(one) for one in guild_of(request)[1].channels.values()])


async def get_roles(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/roles."""
    return answer([payloads.role_everyone(guild_of(request)[1])])


def member_of(request: web.Request) -> tuple[Account, Guild, Member]:
    """The member of the path; `@me` is the bot."""
    account, guild = guild_of(request)
    user_id = account.id if request.match_info["user"] == "@me" else number_of(request, "user")
    if user_id not in guild.members:
        raise Refusal.unknown("Member")
    return account, guild, guild.members[user_id]


async def get_member(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/members/{user}."""
    return answer(payloads.member(member_of(request)[2]))


async def get_voice_state(request: web.Request) -> web.Response:
    """GET /guilds/{guild}/voice-states/{user}."""
    _, guild, member = member_of(request)
    state = guild.voice_states.get(member.user.id)
    if state is None:
        raise Refusal.unknown("Voice State")
    return answer(payloads.voice_state(state, member))


class MemberBody(msgspec.Struct):
    """What can be changed about a member here: the voice channel, mute and deaf."""

    channel_id: int | msgspec.UnsetType | None = msgspec.UNSET
    mute: bool | msgspec.UnsetType = msgspec.UNSET
    deaf: bool | msgspec.UnsetType = msgspec.UNSET


async def edit_member(request: web.Request) -> web.Response:
    """PATCH /guilds/{guild}/members/{user}: move, disconnect, mute, deafen."""
    account, guild, member = member_of(request)
    core = request.app[CORE]
    body = decode(await request.read(), MemberBody)
    state = guild.voice_states.get(member.user.id)
    if body.channel_id is not msgspec.UNSET:
        if state is None or state.channel_id is None:
            raise Refusal.not_in_voice()
        if body.channel_id is None:
            core.publish(core.voice.leave(guild, member.user.id))
        else:
            channel = guild.channels.get(body.channel_id)
            if channel is None or not channel.is_voice:
                raise Refusal.unknown("Channel")
            if not channel.allows(account.id, Permission.MOVE_MEMBERS):
                raise Refusal.missing_permissions()
            core.publish(core.voice.move(guild, member.user.id, channel))
    member.mute = member.mute if body.mute is msgspec.UNSET else body.mute
    member.deaf = member.deaf if body.deaf is msgspec.UNSET else body.deaf
    core.changes.told()
    return answer(payloads.member(member))


def channel_of(request: web.Request, needs: Permission = Permission.VIEW_CHANNEL) -> tuple[Account, Channel]:
    """The channel of the path; raises `Refusal` for one that is unknown, not visible or where `needs` is denied."""
    account = account_of(request)
    core = request.app[CORE]
    channel = core.world.channel(number_of(request, "channel"))
    if channel is None or account.id not in core.world.guilds[channel.guild_id].members:
        raise Refusal.unknown("Channel")
    if not channel.allows(account.id, Permission.VIEW_CHANNEL):
        raise Refusal.missing_access()
    if not channel.allows(account.id, needs):
        raise Refusal.missing_permissions()
    return account, channel


async def get_channel(request: web.Request) -> web.Response:
    """GET /channels/{channel}."""
    return answer(payloads.channel(channel_of(request)[1]))


async def start_typing(request: web.Request) -> web.Response:
    """POST /channels/{channel}/typing."""
    channel_of(request, Permission.SEND_MESSAGES)
    return answer(status=204)


async def get_messages(request: web.Request) -> web.Response:
    """GET /channels/{channel}/messages: newest first, `before` and `after` a message, at most `limit`."""
    _, channel = channel_of(request)
    page = decode(msgspec.json.encode(dict(request.query)), PageBody)
    found = [
        message
        for message in request.app[CORE].world.messages_in(channel.id)
        if not message.is_ephemeral and page.after < message.id < (page.before or message.id + 1)
    ]
    return answer([payloads.message(one, with_guild=False) for one in found[::-1][: page.limit]])


class PageBody(msgspec.Struct):
    """Which messages of a channel are asked for."""

    before: int = 0
    after: int = 0
    limit: int = 50


async def create_message(request: web.Request) -> web.Response:
    """POST /channels/{channel}/messages."""
    account, channel = channel_of(request, Permission.SEND_MESSAGES)
    core = request.app[CORE]
    data, files = await body_of(request)

    def blank(number: int) -> Message:
        return Message(number, channel.id, channel.guild_id, account, sent_at=core.stamp())

    message = new_message(core.world, blank, decode(data, MessageBody), files)
    core.tell_of(message, "MESSAGE_CREATE")
    return answer(payloads.message(message, with_guild=False))


def message_of(request: web.Request) -> tuple[Account, Message]:
    """The message of the path; raises `Refusal` 10008."""
    account, channel = channel_of(request)
    message = request.app[CORE].world.messages.get(number_of(request, "message"))
    if message is None or message.channel_id != channel.id or message.is_deleted or message.is_ephemeral:
        raise Refusal.unknown("Message")
    return account, message


async def get_message(request: web.Request) -> web.Response:
    """GET /channels/{channel}/messages/{message}."""
    return answer(payloads.message(message_of(request)[1], with_guild=False))


async def edit_message(request: web.Request) -> web.Response:
    """PATCH /channels/{channel}/messages/{message}."""
    account, message = message_of(request)
    if message.author is not account:
        raise Refusal.not_the_author()
    core = request.app[CORE]
    data, files = await body_of(request)
    apply_body(message, decode(data, MessageBody), files)
    message.edited_at = core.stamp()
    core.tell_of(message, "MESSAGE_UPDATE")
    return answer(payloads.message(message, with_guild=False))


async def delete_message(request: web.Request) -> web.Response:
    """DELETE /channels/{channel}/messages/{message}: one's own."""
    account, message = message_of(request)
    if message.author is not account:
        raise Refusal.missing_permissions()
    message.is_deleted = True
    request.app[CORE].tell_of(message, "MESSAGE_DELETE")
    return answer(status=204)


ROUTES: list[Route] = [
    ("GET", "/users/@me", my_user),
    ("GET", "/users/{user}", get_user),
    ("GET", "/applications/@me", my_application),
    ("GET", "/oauth2/applications/@me", my_application),
    ("GET", "/guilds/{guild}", get_guild),
    ("GET", "/guilds/{guild}/channels", get_guild_channels),
    ("GET", "/guilds/{guild}/roles", get_roles),
    ("GET", "/guilds/{guild}/members/{user}", get_member),
    ("PATCH", "/guilds/{guild}/members/{user}", edit_member),
    ("GET", "/guilds/{guild}/voice-states/{user}", get_voice_state),
    ("GET", "/channels/{channel}", get_channel),
    ("POST", "/channels/{channel}/typing", start_typing),
    ("GET", "/channels/{channel}/messages", get_messages),
    ("POST", "/channels/{channel}/messages", create_message),
    ("GET", "/channels/{channel}/messages/{message}", get_message),
    ("PATCH", "/channels/{channel}/messages/{message}", edit_message),
    ("DELETE", "/channels/{channel}/messages/{message}", delete_message),
]
"""In the order of Discord's documentation."""
