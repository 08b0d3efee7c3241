"""Which test holds us to which sentences of the API document: events."""
# ruff: noqa: E501 - a sentence stays on one line

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "documented/test_events::test_every_event_is_an_event": [
        "All Events are derived from Event",
        "The base for all Lavalink events.",
    ],
    "documented/test_events::test_a_start_names_player_and_track": [
        "This event is emitted when a track begins playing (e.g. via player.play())",
        "The player that started to play a track.",
        "The track that started playing.",
    ],
    "documented/test_events::test_a_stuck_track_is_told_with_its_threshold": [
        "This event is emitted when the currently playing track is stuck (i.e. has not provided any audio).",
        "The player associated with the stuck track.",
        "The stuck track.",
        "The configured threshold, in milliseconds, after which a track is considered to be stuck when no audio frames were provided.",
    ],
    "documented/test_events::test_the_next_track_starts_by_itself": [
        "You do not need to manually trigger the start of the next track in the queue within this event when using the DefaultPlayer.",
        "This is handled for you.",
    ],
    "documented/test_events::test_an_exception_is_told_with_message_severity_and_cause": [
        "This event is emitted when a track encounters an exception during playback.",
        "The player that had the exception occur while playing a track.",
        "The track that had the exception while playing.",
        "The exception message.",
        "The severity of the exception.",
        "The cause of the exception.",
    ],
    "documented/test_events::test_an_end_names_player_track_and_reason": [
        "This event is emitted when the player finished playing a track.",
        "The player that finished playing a track.",
        "The track that finished playing.",
        "The reason why the track stopped playing.",
    ],
    "events/test_track::test_a_track_may_be_missing_at_its_end": [
        "This could be None if Lavalink fails to encode the track.",
    ],
    "documented/test_events::test_a_failed_load_names_player_track_and_error": [
        "This is a custom event, emitted when a deferred audio track fails to produce a playable track.",
        "The player responsible for playing the track.",
        "The track that failed to produce a playable track.",
        "The original error, emitted by the track.",
    ],
    "documented/test_events::test_after_a_failed_load_a_bot_that_listens_decides": [
        "The player will not do anything by itself, so it is up to you to skip the broken track.",
        "This event will not automatically trigger the start of the next track in the queue, so you must ensure that you do this if you want the player to continue playing from the queue.",
    ],
    "test_base_player::test_a_deferred_track_that_finds_nothing_is_told_and_plays_nothing": [
        "This may be None if the track did not raise an error, but rather returned None in place of a playable track.",
    ],
    "documented/test_events::test_the_end_of_the_queue_names_the_player": [
        "This is a custom event, emitted by the DefaultPlayer when there are no more tracks in the queue.",
        "The player that has no more songs in queue.",
    ],
    "documented/test_events::test_progress_is_told_as_the_node_reports_it": [
        "This event is emitted when a player’s progress changes.",
        "The player that’s progress was updated.",
        "The track’s elapsed playback time in milliseconds.",
        "The track’s elapsed playback time as an epoch timestamp in milliseconds.",
        "Whether or not the player is connected to the voice gateway.",
        "The player’s voice connection ping.",
    ],
    "events/test_player::test_a_player_update_reads_the_raw_state": [
        "This will be -1 when the player doesn’t have a voice connection.",
    ],
    "documented/test_events::test_a_node_is_connected_then_ready_with_a_new_session_and_resumed_after_a_lost_socket": [
        "This is a custom event, emitted when a connection to a Lavalink node is successfully established.",
        "The node that was successfully connected to.",
        "This is a custom event, emitted when a node becomes ready.",
        "The node that became ready.",
        "The ID of the session.",
        "Whether the session was resumed.",
        "This will be false if a brand new session was created.",
    ],
    "documented/test_events::test_a_dropped_connection_is_told_with_its_node_code_and_reason": [
        "This is a custom event, emitted when the connection to a Lavalink node drops and becomes unavailable.",
        "The node that was disconnected from.",
        "The status code of the event.",
        "The reason of why the node was disconnected.",
    ],
    "documented/test_events::test_a_change_of_node_names_the_player_and_both_nodes": [
        "This is a custom event, emitted when a player changes to another Lavalink node.",
        "The player whose node was changed.",
        "The node the player was moved from.",
        "The node the player was moved to.",
    ],
    "test_failover::test_players_return_when_that_was_asked_for": [
        "Keep in mind this event can be emitted multiple times if a node disconnects and the load balancer moves players to a new node.",
    ],
    "test_node::test_waiting_has_an_end": [
        "A node is considered ready once it receives the “ready” event from the Lavalink server.",
    ],
    "documented/test_events::test_a_closed_voice_connection_is_told_with_code_and_reason": [
        "This event is emitted when an audio websocket to Discord is closed.",
        "The player whose audio websocket was closed.",
        "If the websocket was closed remotely.",
    ],
    "documented/test_events::test_every_message_of_a_node_is_told_as_it_came": [
        "This event is emitted whenever the client receives a websocket message from the Lavalink server.",
        "The received JSON-formatted data from the websocket.",
        "The node responsible for this websocket message.",
    ],
    "test_session::test_raw_messages_and_unknown_types_are_given_to_those_who_listen": [
        "You can use this to extend the functionality of the client, particularly useful when used with Lavalink server plugins that can add new HTTP routes or websocket messages.",
    ],
    "documented/test_events::test_an_error_inside_a_player_is_told_with_the_player": [
        "Raised when an error occurs within a BasePlayer.",
        "The player in which the error occurred.",
        "The original error.",
    ],
}
