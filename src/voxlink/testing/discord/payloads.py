"""The world in Discord's JSON (API v10): one function for each object that a bot can receive. Pure."""

from __future__ import annotations

from voxlink.testing.discord.state import (
    EVERYTHING,
    Account,
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    User,
    VoiceState,
)

__all__ = [
    "application",
    "attachment",
    "channel",
    "guild",
    "guild_create",
    "member",
    "message",
    "role_everyone",
    "user",
    "voice_state",
]


def user(value: User) -> Json:
    """A user object."""
    return {
        "id": str(value.id), "username": value.username, "discriminator": "0", "global_name": value.username.title(),
        "avatar": None, "bot": value.is_bot, "system": False, "banner": None, "accent_color": None, "public_flags": 0,
        "avatar_decoration_data": None, "collectibles": None, "primary_guild": None,
    }  # fmt: skip


def own_user(value: Account) -> Json:
    """The bot's own user object, as `READY` and `/users/@me` show it."""
    return {**user(value), "mfa_enabled": False, "locale": "en-US", "verified": True, "email": None, "flags": 0}


def member(value: Member) -> Json:
    """A guild member object with its user."""
    return {
        "user": user(value.user), "nick": None, "avatar": None, "banner": None, "roles": [],
        "joined_at": value.joined_at, "premium_since": None, "deaf": value.deaf, "mute": value.mute, "flags": 0,
        "pending": False, "communication_disabled_until": None,
    }  # fmt: skip


def role_everyone(value: Guild) -> Json:
    """The everyone role, whose id is the guild's."""
    return {
        "id": str(value.id), "name": "@everyone", "color": 0, "hoist": False, "icon": None, "unicode_emoji": None,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "position": 0,
        "permissions": str(EVERYTHING), "managed": False,
        "mentionable": False, "flags": 0,
    }  # fmt: skip


def channel(value: Channel) -> Json:
    """A guild channel object."""
    base: Json = {
        "id": str(value.id), "type": int(value.type), "guild_id": str(value.guild_id), "name": value.name,
        "position": value.position, "parent_id": None, "nsfw": False, "flags": 0,
        "permission_overwrites": [
            {"id": str(user_id), "type": 1, "allow": "0", "deny": str(int(denied))}
            for user_id, denied in value.denied.items()
        ],
        "last_message_id": None, "rate_limit_per_user": 0,
    }  # fmt: skip
    if value.type is ChannelType.TEXT:
        return {**base, "topic": None, "last_pin_timestamp": None, "default_auto_archive_duration": 1440}
    return {**base, "bitrate": 64_000, "user_limit": value.user_limit, "rtc_region": None, "video_quality_mode": 1}


def voice_state(value: VoiceState, who: Member) -> Json:
    """A voice state object as `VOICE_STATE_UPDATE` carries it."""
    return {
        "guild_id": str(value.guild_id), "user_id": str(value.user_id), "session_id": value.session_id,
        "channel_id": None if value.channel_id is None else str(value.channel_id), "member": member(who),
        "deaf": who.deaf, "mute": who.mute, "self_deaf": value.self_deaf, "self_mute": value.self_mute,
        "self_video": False, "self_stream": False, "suppress": False, "request_to_speak_timestamp": None,
    }  # fmt: skip


def guild(value: Guild) -> Json:
    """A guild object as REST shows it."""
    return {
        "id": str(value.id), "name": value.name, "icon": None, "splash": None, "discovery_splash": None,
        "home_header": None, "owner_id": str(value.owner_id), "region": "deprecated", "afk_channel_id": None,
        "afk_timeout": 300, "widget_enabled": False, "widget_channel_id": None, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "roles": [role_everyone(value)],
        "emojis": [], "stickers": [], "features": [], "mfa_level": 0, "application_id": None,
        "system_channel_id": None, "system_channel_flags": 0, "rules_channel_id": None, "vanity_url_code": None,
        "description": None, "banner": None, "premium_tier": 0, "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False, "preferred_locale": "en-US", "public_updates_channel_id": None,
        "safety_alerts_channel_id": None, "nsfw_level": 0, "nsfw": False, "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50, "max_members": 500_000, "max_presences": None, "incidents_data": None,
        "approximate_member_count": len(value.members), "approximate_presence_count": len(value.members),
    }  # fmt: skip


def guild_create(value: Guild) -> Json:
    """A guild as `GUILD_CREATE` carries it: with channels, members and voice states."""
    return {
        **guild(value), "joined_at": "2026-01-01T00:00:00.000000+00:00", "large": False, "unavailable": False,
        "member_count": len(value.members), "members": [member(one) for one in value.members.values()],
        "channels": [channel(one) for one in value.channels.values()], "threads": [], "presences": [],
        "voice_states": [
            {key: part for key, part in voice_state(state, value.members[state.user_id]).items() if key != "guild_id"}
            for state in value.voice_states.values()
        ],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    }  # fmt: skip


def application(value: Account) -> Json:
    """An application object; the bot owns itself, for no person stands behind it."""
    return {
        "id": str(value.application_id), "name": value.username, "icon": None, "description": "A simulated bot.",
        "bot_public": True, "bot_require_code_grant": False, "verify_key": value.public_key, "flags": 0,
        "owner": user(value), "team": None, "bot": user(value), "summary": "", "type": None, "hook": True,
        "approximate_guild_count": 1, "approximate_user_install_count": 0, "rpc_origins": [], "redirect_uris": [],
        "interactions_endpoint_url": None, "role_connections_verification_url": None, "tags": [],
        "integration_types_config": {"0": {}},
    }  # fmt: skip


def attachment(value: Attachment) -> Json:
    """An attachment object. The address names a host that does not exist: nothing is served from it."""
    url = f"https://cdn.discordapp.invalid/attachments/{value.id}/{value.filename}"
    return {"id": str(value.id), "filename": value.filename, "size": len(value.data), "url": url, "proxy_url": url}


def message(value: Message, *, with_guild: bool = True) -> Json:
    """A message object; REST leaves the guild out and the gateway has it."""
    loading = 128 if value.is_thinking else 0
    payload: Json = {
        "id": str(value.id), "channel_id": str(value.channel_id), "author": user(value.author),
        "content": value.content, "timestamp": value.sent_at, "edited_timestamp": value.edited_at, "tts": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "embeds": value.embeds,
        "attachments": [attachment(one) for one in value.attachments], "components": value.components, "pinned": False,
        "type": 20 if value.interaction else 0, "flags": value.flags | loading, "reactions": [],
    }  # fmt: skip
    if with_guild:
        payload["guild_id"] = str(value.guild_id)
    if value.application_id is not None:
        payload["application_id"] = str(value.application_id)
    if value.interaction is not None:
        payload["webhook_id"] = str(value.application_id)
        payload["interaction_metadata"] = value.interaction
    return payload
