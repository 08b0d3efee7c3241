"""Which test holds us to which sentences of the API document: the node."""
# ruff: noqa: E501 - a sentence stays on one line

from __future__ import annotations

PROMISES: dict[str, list[str]] = {
    "documented/test_client::test_a_node_knows_its_session_and_socket": [
        "The name the Node is identified by.",
        "The session ID for this node.",
        "Could be None if a ready event has not yet been received from the server.",
        "Returns whether the node has a websocket connection.",
    ],
    "documented/test_client::test_statistics_are_a_guess_until_the_node_sends_some": [
        "The statistics of how the Node is performing.",
        "Returns the load-balancing penalty for this node.",
    ],
    "test_documented::test_a_node_without_a_websocket_still_answers_requests": [
        "The node could probably still be used for HTTP requests even without a WS connection.",
    ],
    "test_node::test_a_node_knows_its_players": [
        "Returns a list of all players on this node.",
    ],
    "test_documented::test_latency_is_the_time_of_get_version": [
        "Measures the REST latency for this node.",
        "This simply calls get_version() but measures the time between when the request was made, and when a response was received.",
    ],
    "test_node_rest::test_latency_is_minus_one_when_the_node_is_away": [
        "The latency, in milliseconds. -1 if an error occurred during the request (e.g. node is unreachable), otherwise, a positive number.",
    ],
    "documented/test_client::test_connect_opens_a_socket_once_and_again_only_by_force": [
        "Initiates a WebSocket connection to this node.",
        "If a connection already exists, and force is False, this will not do anything.",
        "Whether to close any existing WebSocket connections and re-establish a connection to the node.",
        "The WebSocket connection task, or None if a WebSocket connection already exists and force is False.",
    ],
    "test_transport::test_destroying_a_node_tells_that_it_is_disconnected_and_ends_its_task": [
        "Destroys the transport and any underlying connections for this node.",
        "This will also cleanly close the websocket.",
    ],
    "test_node_rest::test_loading_and_decoding": [
        "Decodes a base64-encoded track string into an AudioTrack object.",
        "A list of decoded AudioTracks.",
    ],
    "documented/test_client::test_the_route_planner_of_a_node_that_has_one": [
        "Retrieves the status of the target node’s routeplanner.",
        "A dict representing the routeplanner information.",
        "Frees up the provided IP address in the target node’s routeplanner.",
        "The address to free.",
        "True if the address was freed, False otherwise.",
        "Frees up all IP addresses in the target node that have been marked as failing.",
        "True if all failing addresses were freed, False otherwise.",
    ],
    "test_node_rest::test_what_a_node_is": [
        "Retrieves information about this node.",
        "A raw response containing information about the node.",
        "Retrieves statistics about this node.",
        "Retrieves the version of this node.",
        "The version of this Lavalink server.",
    ],
    "test_node_rest::test_players_are_changed_read_and_removed": [
        "Retrieves a player from the node.",
        "This returns raw data, to retrieve a player you can interact with, use PlayerManager.get().",
        "A raw player object.",
        "Retrieves a list of players from the node.",
        "This returns raw data, to retrieve players you can interact with, use players.",
        "A list of raw player objects.",
        "The base64-encoded track string to play.",
        "Destroys a player on the node.",
        "Whether the player was destroyed.",
    ],
    "documented/test_client::test_a_player_of_a_node_is_changed_by_its_guilds_number_or_text": [
        "Update the state of a player.",
        "The guild ID of the player to update.",
        "You may provide None to stop the player.",
        "The track position in milliseconds.",
        "This can be used to seek.",
        "The position, in milliseconds, to end the track at.",
        "The new volume of the player.",
        "Whether to pause the player.",
        "The filters to apply to the player.",
        "Specify None or [] to clear.",
        "The new voice state of the player.",
    ],
    "test_update::test_what_cannot_be_is_refused": [
        "This option is mutually exclusive with identifier.",
        "You cannot provide both options.",
        "This option is mutually exclusive with encoded_track.",
        "This must be within the range of 0 to 1000.",
    ],
    "test_documented::test_an_identifier_is_played_if_it_is_one_track": [
        "The identifier of the track to play.",
        "This can be a track ID or URL.",
        "It may not be a search query or playlist link.",
        "If it yields a search, playlist, or no track, a RequestError will be raised.",
    ],
    "documented/test_client::test_no_replace_and_user_data_are_about_a_track": [
        "Whether to replace the currently playing track (if one exists) with the new track.",
        "Only takes effect if identifier or encoded_track is provided.",
        "This parameter will only take effect when a track is provided.",
        "The user data to attach to the track, if one is provided.",
    ],
    "test_node_rest::test_nothing_to_say_is_not_sent": [
        "The raw player update response object, or None , if a request wasn’t made due to an empty payload.",
    ],
    "test_node_rest::test_sessions_are_configured": [
        "Update the session for this node.",
        "Whether to enable resuming for this session.",
        "How long the node will wait for the session to resume before destroying it, in seconds.",
        "A raw response from the node containing the current session configuration, or None if a request wasn’t made due to an empty payload.",
    ],
    "documented/test_client::test_a_request_has_its_method_path_query_body_and_trace": [
        "Makes a HTTP request to this node.",
        "Useful for implementing functionality offered by plugins on the server.",
        "The HTTP method for this request.",
        "The path for this request.",
        "E.g. sessions/{session_id}/players/{guild_id}.",
        "Whether to enable trace logging for this request.",
        "This will return a more detailed error if the request fails, but could bloat log files and reduce performance if left enabled.",
        "Whether this request should target a versioned route.",
        "For the majority of requests, this should be set to True.",
        "This will prepend the route with the latest API version this client supports, e.g. v4/.",
        "Any additional arguments that should be passed to aiohttp.",
        "This could be parameters like json, params etc.",
    ],
    "documented/test_client::test_an_answer_becomes_text_a_class_or_json": [
        "The class to deserialize the response into.",
        "The provided class MUST implement a classmethod called from_dict that accepts a dict or list object!",
        "@classmethod def from_dict(cls, res: Union[Dict[Any, Any], List[Any]]): return cls(res)",
        "T or str if the to parameter was specified and either value provided.",
        "The raw JSON response (Dict[Any, Any] or List[Any]) if to was not provided.",
    ],
    "test_rest::test_401_and_a_bare_403_are_the_password_and_a_403_with_a_reason_is_not": [
        "Raises AuthenticationError – If the provided authorization was invalid.",
    ],
    "test_rest::test_an_error_of_any_form_is_a_request_error_with_its_status": [
        "Raises RequestError – If the request was unsuccessful.",
    ],
    "test_rest::test_a_node_that_is_not_there_is_unreachable": [
        "Raises ClientError – If there were any intermediate issues, such as trying to establish a connection but the server is unreachable.",
    ],
    "test_rest::test_204_is_true_and_to_chooses_the_form": [
        "A bool, if the returned status code was 204.",
        "A value of True should typically mean the request was successful.",
    ],
}
