"""Which test holds us to which sentences of the API document: the listener, the abstract classes and the client."""
# ruff: noqa: E501 - a sentence stays on one line

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "documented/test_hooks::test_marked_methods_are_called_once_they_are_registered": [
        "Marks this function as an event listener for Lavalink.py.",
        "This must be used on class methods, and you must ensure that you register decorated methods by using Client.add_event_hooks().",
        "@listener() async def on_lavalink_event(self, event):  # Event can be ANY Lavalink event ...",
        "@listener(TrackStartEvent) async def on_track_start(self, event: TrackStartEvent): ...",
        "The events to listen for.",
        "Leave this empty to listen for all events.",
        "Scans the provided class cls for functions decorated with listener(), and sets them up to process Lavalink events.",
        "# Inside a class __init__ method self.client = lavalink.Client(...) self.client.add_event_hooks(self)",
    ],
    "test_player_manager::test_a_class_of_the_bots_own_is_used": [
        "Represents the BasePlayer all players must be inherited from.",
    ],
    "documented/test_playing::test_a_player_knows_its_client_guild_node_channel_and_track": [
        "The Lavalink client instance.",
        "The guild id of the player.",
        "The node that the player is connected to.",
        "The ID of the voice channel the player is connected to.",
        "This could be None if the player isn’t connected.",
        "The currently playing track.",
    ],
    "test_contract::test_every_function_is_there_and_a_coroutine_where_it_was_one": [
        "This function is a coroutine.",
    ],
    "test_base_player::test_a_player_of_the_bots_own_gets_its_events_and_states": [
        "Handles an Event received directly from the websocket.",
        "The event that will be handled.",
        "Updates this player’s state with the state object received from the server.",
        "The player state.",
    ],
    "documented/test_playing::test_all_that_is_given_reaches_the_node": [
        "Plays the given track.",
        "The number of milliseconds to offset the track by.",
        "The position at which the track should stop playing.",
        "This is an absolute position, so if you want the track to stop at 1 minute, you would pass 60000.",
        "The initial volume to set.",
        "Whether to immediately pause the track after loading it.",
        "You can specify any extra parameters that may be used by plugins, which offer extra features not supported out-of-the-box by Lavalink.py.",
    ],
    "documented/test_playing::test_what_is_left_out_or_none_keeps_the_default": [
        "If left unspecified or None is provided, the track will start from the beginning.",
        "The default behaviour is to play until no more data is received from the remote server.",
        "If left unspecified or None is provided, the default behaviour is exhibited.",
        "If left unspecified or None is provided, the volume will remain at its current setting.",
        "The default behaviour is to never pause.",
    ],
    "documented/test_playing::test_a_second_play_replaces_the_first_unless_it_is_told_not_to": [
        "If set to true, operation will be ignored if a track is already playing or paused.",
        "The default behaviour is to always replace.",
    ],
    "documented/test_playing::test_a_play_gives_the_nodes_player_and_none_if_nothing_was_asked": [
        "The updated player object, or None if a request wasn’t made due to an empty payload.",
    ],
    "documented/test_playing::test_destroying_a_player_is_the_managers_destroy": [
        "Destroys the current player instance.",
        "Shortcut for PlayerManager.destroy().",
    ],
    "documented/test_playing::test_a_player_is_told_of_the_loss_of_its_node_and_then_of_the_new_one": [
        "Called when a player’s node becomes unavailable.",
        "Called when a node change is requested for the current player instance.",
        "The new node to switch to.",
    ],
    "test_base_player::test_a_deferred_track_is_loaded_when_it_is_played": [
        "Similar to an AudioTrack, however this track only stores metadata up until it’s played, at which time load() is called to retrieve a base64 string which is then used for playing.",
        "Retrieves a base64 string that’s playable by Lavalink.",
        "A Lavalink-compatible base64-encoded string containing track metadata.",
    ],
    "documented/test_client::test_a_track_needs_no_text_before_it_is_loaded": [
        "For implementation: The track field need not be populated as this is done later via the load() method.",
    ],
    "test_documented::test_a_deferred_track_that_keeps_its_text_is_looked_up_once": [
        "You can optionally set self.track to the result of load() during implementation, as a means of caching the base64 string to avoid fetching it again later.",
        "This should serve the purpose of speeding up subsequent play calls in the event of repeat being enabled, for example.",
    ],
    "documented/test_playing::test_a_deferred_track_and_a_source_are_given_the_client": [
        "For example, you can use this method to search Lavalink for an identical track from other sources, which you can then use the base64 string of to play the track on Lavalink.",
        "This will be an instance of the Lavalink client ‘linked’ to this track.",
        "The search query that was provided.",
    ],
    "test_base_player::test_a_deferred_track_that_finds_nothing_is_told_and_plays_nothing": [
        "If a track string cannot be returned, you may return None or throw a LoadError.",
    ],
    "test_client::test_local_sources_come_first_in_their_order": [
        "Loads a track with the given query.",
        "A LoadResult, or None if there were no matches for the provided query.",
        "Registers a Source that Lavalink.py will use for looking up tracks.",
        "Gets a registered source by the given name.",
        "The source with the matching name.",
        "May be None if the name didn’t match any of those in the registered sources.",
        "Searches sources registered to this client for the given query.",
        "If check_local is set to True and any of the sources return a LoadResult then that result will be returned, and Lavalink will not be queried.",
        "Whether to also search the query on sources registered with this Lavalink client.",
    ],
    "documented/test_filters::test_a_plugins_filter_is_one_and_lavalinks_is_not": [
        "The values for this filter.",
        "Whether this filter is part of a Lavalink plugin.",
        'return {"yourCustomFilter": {"gain": 5}}',
    ],
    "filters/test_effects::test_update_keeps_what_is_not_given": [
        "Updates the internal values to match those provided.",
    ],
    "filters/test_effects::test_defaults_and_json": [
        "Transforms the internal values into a dict matching the structure Lavalink expects.",
    ],
    "test_transport::test_it_says_who_it_is": [
        "The user id of the bot.",
    ],
    "documented/test_client::test_players_are_default_players_unless_the_bot_says_otherwise": [
        "The class that should be used for the player.",
        "Defaults to DefaultPlayer.",
    ],
    "test_documented::test_regions_are_asia_eu_and_us_or_those_that_are_given": [
        "A mapping of continent -> Discord RTC regions.",
        "The key should be an identifier used when instantiating an node.",
        "The values should be a list of RTC regions that will be handled by the associated identifying key.",
        'Example: {"us": ("us-central", "us-east", "us-south", "us-west", "brazil")}',
    ],
    "test_contract::test_every_parameter_is_there_with_its_default": [
        "Defaults to None.",
        "Defaults to False.",
    ],
    "test_failover::test_players_return_when_that_was_asked_for": [
        "A boolean that determines if a player will connect back to the node it was originally connected to.",
    ],
    "test_documented::test_a_player_returns_also_after_a_manual_move": [
        "If this option is enabled and the player’s node is changed through Player.change_node after the player was moved via the failover mechanism, the player will still move back to the original node when it becomes available.",
    ],
    "test_documented::test_a_player_of_the_bots_own_may_decide_to_stay": [
        "This behaviour can be avoided in custom player implementations by setting self._original_node to None in the BasePlayer.change_node() function.",
    ],
    "documented/test_managers::test_managers_are_counted_and_gone_through": [
        "The node manager, used for storing and managing all registered Lavalink nodes.",
        "The player manager, used for storing and managing all players.",
    ],
    "documented/test_client::test_the_clients_shortcuts_are_those_of_its_managers": [
        "The custom sources registered to this client.",
        "Convenience shortcut for NodeManager.nodes.",
        "Convenience shortcut for PlayerManager.players.",
    ],
    "documented/test_client::test_closing_ends_every_connection": [
        "Closes all active connections and frees any resources in use.",
    ],
    "documented/test_hooks::test_a_hook_without_an_event_runs_for_all_and_one_with_an_event_for_that_type": [
        "Adds one or more event hooks to be dispatched on an event.",
        "If event parameter is left empty, then it will run when any event is dispatched.",
        "They will be called when that specific event type is dispatched.",
        "Defaults to None which means the hook is dispatched on all events.",
    ],
    "documented/test_hooks::test_hooks_are_removed_from_the_events_given_else_those_of_the_mark_else_from_all_events": [
        "Removes the given hooks from the event hook registry.",
        "The events to remove the hooks from.",
        "This parameter can be omitted, and the events registered on the function via listener() will be used instead, if applicable.",
        "Otherwise, a default value of Generic is used instead.",
    ],
    "documented/test_client::test_a_node_is_added_where_and_as_it_was_said": [
        "Shortcut for NodeManager.add_node().",
        "Adds a node to Lavalink’s node manager.",
        "The address of the Lavalink node.",
        "The port to use for websocket and REST connections.",
        "The password used for authentication.",
        "The region to assign this node to.",
        "Whether to immediately connect to the node after creating it.",
        "The created Node instance.",
    ],
    "test_documented::test_a_nodes_name_shows_in_its_log": [
        "An identifier for the node that will show in logs.",
    ],
    "documented/test_client::test_ssl_means_https_and_wss_and_is_off_by_default": [
        "Whether to use SSL for the node.",
        "SSL will use wss and https, instead of ws and http, respectively.",
    ],
    "test_documented::test_a_session_id_is_asked_for_at_the_first_connection": [
        "The ID of the session to resume.",
    ],
    "test_node::test_a_node_that_never_connected_says_so_at_once": [
        "If False, you must call Node.connect() if you require WebSocket functionality.",
    ],
    "test_node_rest::test_loading_and_decoding": [
        "Retrieves a list of results pertaining to the provided query.",
    ],
    "documented/test_client::test_the_node_that_is_given_is_the_one_that_is_asked": [
        "The node to use for track lookup.",
        "Decodes a base64-encoded track string into a dict.",
        "The node to use for the query.",
        "Decodes a list of base64-encoded track strings into a list of AudioTrack.",
        "A list of decoded AudioTrack.",
    ],
    "test_documented::test_without_a_node_any_of_them_is_asked": [
        "Leave this blank to use a random node.",
        "Defaults to None which is a random node.",
    ],
    "test_base_player::test_the_voice_state_is_sent_once_it_is_complete": [
        "This function intercepts websocket data from your Discord library and forwards the relevant information on to Lavalink, which is used to establish a websocket connection and send audio packets to Discord.",
        "bot.add_listener(lavalink_client.voice_update_handler, 'on_socket_response')",
    ],
    "documented/test_hooks::test_asking_for_listeners_looks_at_one_type_of_event": [
        "Check whether the client has any listeners for a specific event type.",
    ],
}
