"""What bots written for other clients use, and what to do about it when they come to Voxlink."""

from __future__ import annotations

OTHER_CLIENTS = {"wavelink": "wavelink", "mafic": "mafic", "pomice": "pomice", "ongaku": "hikari-ongaku"}
"""Packages with another API, and the section of docs/migrating.md that translates them."""

REMOVED_FROM_MODULE = {
    "NodeException": "catch ClientError",
    "NodeError": "catch ClientError",
    "Unauthorized": "catch AuthenticationError",
    "TrackNotFound": "look at LoadResult.load_type",
    "LavalinkException": "catch LavalinkError",
    "InvalidDataException": "catch InvalidTrack",
    "BaseSource": "subclass Source",
    "WebSocket": "nodes own their socket; use Node.connect and Node.available",
    "add_event_hook": "call add_event_hook on the Client",
    "enable_debug_logging": "call logging.getLogger('voxlink').setLevel(logging.DEBUG)",
    "set_log_level": "call logging.getLogger('voxlink').setLevel(level)",
}
"""Names of lavalink 2.x to 4.x that the package does not have any more."""

REMOVED_LOAD_TYPES = {
    "TRACK_LOADED": "TRACK",
    "PLAYLIST_LOADED": "PLAYLIST",
    "SEARCH_RESULT": "SEARCH",
    "NO_MATCHES": "EMPTY",
    "LOAD_FAILED": "ERROR",
}
"""Load types of Lavalink 3, and their members of LoadType today (`EndReason.LOAD_FAILED` stays)."""

REMOVED_METHODS = {
    "set_gain": "await player.update_filter(Equalizer, bands=[(band, gain)])",
    "set_gains": "await player.update_filter(Equalizer, bands=[(band, gain), ...])",
    "reset_equalizer": "await player.remove_filter(Equalizer)",
    "set_repeat": "player.set_loop(player.LOOP_QUEUE), LOOP_SINGLE or LOOP_NONE",
    "play_now": "await player.play(track)",
    "play_at": "await player.skip(to)",
    "play_previous": "await player.previous()",
    "add_next": "player.add(track, index=0)",
    "unregister_hook": "client.remove_event_hooks(hooks=[hook])",
    "register_hook": "client.add_event_hook(hook)",
    "_handle_event": "handle_event",
    "_update_state": "update_state",
}
"""Methods of lavalink 2.x to 4.x that are gone, on any object; names that other libraries are unlikely to have."""

REMOVED_KEYWORDS = {
    "add_node": {
        "resume_key": "leave it out; sessions resume by themselves (Client(store=...) across restarts)",
        "resume_timeout": "leave it out; pass resume_timeout_s to Client",
        "reconnect_attempts": "leave it out; pass reconnect=ReconnectPolicy(...) to Client",
        "filters": "leave it out",
        "ws_port": "pass port; one port serves REST and WebSocket",
        "rest_port": "pass port; one port serves REST and WebSocket",
        "ws_retry": "leave it out; pass reconnect=ReconnectPolicy(...) to Client",
    },
    "Client": {
        "bot": "pass user_id",
        "loop": "leave it out; the running loop is used",
        "pool_size": "leave it out; connections are pooled by aiohttp",
        "ws_retry": "pass reconnect=ReconnectPolicy(...)",
        "shard_id": "pass shard_ids",
    },
    "play": {"guild_id": "leave it out"},
}
"""Keyword arguments of lavalink 2.x to 4.x that are gone, by the call that took them."""

KEPT_PRIVATE_NAMES = {
    "_event_hooks": "client.clear_event_hooks()",
    "_dispatch_event": "client.publish(event)",
    "_user_id": "the bot's own id",
    "_session": "session= of Client to share one, and node.request(...) for requests",
    "_voice_state": "await client.voice_update_handler(data), which writes it",
    "_next": "player.queue.peek()",
    "_internal_id": "player.guild_id",
    "_last_position": "player.position",
    "_last_update": "player.position",
    "_internal_pause": "player.paused",
    "_user_data": "player.store(key, value) and player.fetch(key)",
    "_original_node": "FailoverPolicy",
    "_player_queue": "FailoverPolicy",
}
"""Private names of Lavalink.py that work here too, and what to use instead; `_session` counts on a client only."""

GONE_PRIVATE_NAMES = {
    "_get_request": "use await node.request('GET', path)",
    "_post_request": "use await node.request('POST', path)",
}
"""Private names of Lavalink.py's client that are not here."""

GONE_FROM_TRANSPORT = "use node.available, node.request(...) and IncomingWebSocketMessage"
"""What to use instead of the private names of `node._transport`, which is here but works differently."""

DEAD_LISTENERS = {"on_socket_response", "on_socket_custom_receive"}
"""Events of discord.py 1.x that no library dispatches any more."""
