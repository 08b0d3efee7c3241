"""Each sentence of the API document that promises something, and the test that holds us to it."""
# ruff: noqa: E501 - a sentence of the document stays on one line

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCUMENT = " ".join((HERE.parent / "data" / "lavalink-py-api.txt").read_text(encoding="utf-8").split())

PROMISES = {
    # listener, hooks
    "Marks this function as an event listener": "test_event_api::test_hooks_in_every_form",
    "Leave this empty to listen for all events": "test_hooks::test_listener_marks_methods_and_properties_are_left_alone",
    "If event parameter is left empty, then it will run when any event is dispatched": "test_dispatch::test_plain_functions_partials_and_callable_objects_are_hooks_too",
    "They will be called when that specific event type is dispatched": "test_hooks::test_a_hook_for_a_base_class_sees_its_subclasses",
    "Removes the given hooks from the event hook registry": "test_event_api::test_hooks_in_every_form",
    "Check whether the client has any listeners for a specific event type": "test_event_api::test_hooks_in_every_form",
    # players
    "If left unspecified or None is provided, the track will start from the beginning": "test_player::test_none_is_the_same_as_not_given",
    "This is an absolute position, so if you want the track to stop at 1 minute, you would pass 60000": "test_player::test_everything_about_a_play_goes_in_one_request",
    "If set to true, operation will be ignored if a track is already playing or paused": "test_player::test_no_replace_leaves_what_plays",
    "This is useful for changing the volume between tracks etc": "test_player::test_everything_about_a_play_goes_in_one_request",
    "Whether to immediately pause the track after loading it": "test_player::test_everything_about_a_play_goes_in_one_request",
    "You can specify any extra parameters that may be used by plugins": "test_player::test_everything_about_a_play_goes_in_one_request",
    "The updated player object, or None if a request wasn’t made due to an empty payload": "test_node_rest::test_nothing_to_say_is_not_sent",
    "Called when a player’s node becomes unavailable": "test_stateful_player::test_the_position_goes_on_stands_still_and_jumps_only_when_told",
    "Retrieves a base64 string that’s playable by Lavalink": "test_base_player::test_a_deferred_track_is_loaded_when_it_is_played",
    "If a track string cannot be returned, you may return None or throw a LoadError": "test_base_player::test_a_deferred_track_that_finds_nothing_is_told_and_plays_nothing",
    "Raises: KeyError – If the key doesn’t exist": "test_stateful_player::test_stored_values",
    "The object that should be returned if the key doesn’t exist": "test_stateful_player::test_stored_values",
    "If index is left unspecified, the default behaviour is to append the track": "test_player::test_tracks_may_be_raw_dicts_and_go_anywhere_in_the_queue",
    "If left unspecified, this will default to the first track in the queue": "test_player::test_playing_takes_the_first_of_the_queue_and_goes_on_by_itself",
    "ValueError – If invalid values were provided for start_time or end_time": "test_player::test_a_refused_play_loses_nothing",
    "TypeError – If wrong types were provided for no_replace, volume or pause": "test_player::test_a_refused_play_loses_nothing",
    "Plays the next track in the queue, if any": "test_player::test_skip_skips_even_what_is_repeated",
    "When a track finishes playing, it’ll be added to the end of the queue": "test_player::test_a_looped_queue_goes_round",
    "Whether or not to mix the queue up in a random playing order": "test_player::test_shuffle_picks_without_reordering",
    "A limit of 1000 is imposed by Lavalink": "test_player::test_settings_change_once_the_node_agrees",
    "Returns the track’s elapsed playback time in milliseconds, adjusted for Lavalink stat interval": "test_stateful_player::test_the_position_goes_on_stands_still_and_jumps_only_when_told",
    "Seeks to a given position in the track": "test_player::test_changes_are_told",
    "Changes the player’s node": "test_failover::test_a_manual_move_ends_the_player_on_the_old_node_and_not_on_the_new_one",
    # filters
    "This will overwrite any identical filters that are already applied": "test_player_filters::test_filters_are_set_updated_found_and_removed",
    "TypeError – If any of the provided filters is not of type Filter": "test_player_filters::test_what_is_no_filter_is_refused",
    "This will not overwrite any values that have not been provided": "test_player_filters::test_filters_are_set_updated_found_and_removed",
    "Can be filter name, or filter class (not an instance of)": "test_player_filters::test_filters_are_set_updated_found_and_removed",
    "Clears all currently-enabled filters": "test_player_filters::test_filters_are_set_updated_found_and_removed",
    "0.1 ≤ speed": "filters/test_effects::test_values_out_of_range_are_refused_in_constructor_and_update",
    "You can provide either bands OR band and gain for the parameters": "filters/test_effects::test_a_bad_equalizer_changes_nothing",
    "Whether this filter is part of a Lavalink plugin": "filters/test_wire::test_plugin_filters_have_their_place_and_survive",
    # client
    "A boolean that determines if a player will connect back to the node it was originally connected to": "test_failover::test_players_return_when_that_was_asked_for",
    "Closes all active connections and frees any resources in use": "test_transport::test_nothing_is_left_after_close",
    "May be None if the name didn’t match any of those in the registered sources": "test_client::test_local_sources_come_first_in_their_order",
    "any of the sources return a LoadResult then that result will be returned, and Lavalink will not be queried": "test_client::test_local_sources_come_first_in_their_order",
    "A LoadResult, or None if there were no matches for the provided query": "test_client::test_local_sources_come_first_in_their_order",
    "forwards the relevant information on to Lavalink": "test_base_player::test_the_voice_state_is_sent_once_it_is_complete",
    # events
    "You do not need to manually trigger the start of the next track in the queue within this event": "test_track_flow::test_the_reason_decides_whether_the_queue_goes_on",
    "the player will not do anything by itself, so it is up to you to skip the broken track": "test_track_flow::test_a_bot_that_listens_skips_it_itself",
    "emitted by the DefaultPlayer when there are no more tracks in the queue": "test_player::test_skipping_with_nothing_left_stops_and_says_so",
    "This could be None if Lavalink fails to encode the track": "events/test_track::test_a_track_may_be_missing_at_its_end",
    "This will be -1 when the player doesn’t have a voice connection": "events/test_player::test_a_player_update_reads_the_raw_state",
    "emitted when a connection to a Lavalink node is successfully established": "test_transport::test_resumes_after_the_socket_is_lost",
    "emitted when the connection to a Lavalink node drops and becomes unavailable": "test_edge::test_the_close_frame_gives_code_and_reason",
    "This will be false if a brand new session was created": "test_transport::test_resumes_after_the_socket_is_lost",
    "emitted whenever the client receives a websocket message from the Lavalink server": "test_session::test_raw_messages_and_unknown_types_are_given_to_those_who_listen",
    "Raised when an error occurs within a BasePlayer": "test_base_player::test_an_error_of_its_own_is_told",
    # nodes
    "Could be None if a ready event has not yet been received from the server": "test_node::test_a_node_that_never_connected_says_so_at_once",
    "-1 if an error occurred during the request": "test_node_rest::test_latency_is_minus_one_when_the_node_is_away",
    "If a connection already exists, and force is False, this will not do anything": "test_transport::test_connect_cuts_a_wait_short_and_does_nothing_when_connected",
    "This will also cleanly close the websocket": "test_transport::test_destroying_a_node_tells_that_it_is_disconnected_and_ends_its_task",
    "True if the address was freed, False otherwise": "test_node_rest::test_the_route_planner_that_is_not_there",
    "This option is mutually exclusive with identifier": "test_update::test_what_cannot_be_is_refused",
    "You may provide None to stop the player": "test_update::test_what_is_given_is_sent",
    "Specify None or [] to clear": "test_update::test_what_is_given_is_sent",
    "This must be within the range of 0 to 1000": "test_update::test_what_cannot_be_is_refused",
    "Whether the player was destroyed": "test_node_rest::test_players_are_changed_read_and_removed",
    "None if a request wasn’t made due to an empty payload": "test_node_rest::test_nothing_to_say_is_not_sent",
    "AuthenticationError – If the provided authorization was invalid": "test_rest::test_401_and_a_bare_403_are_the_password_and_a_403_with_a_reason_is_not",
    "RequestError – If the request was unsuccessful": "test_rest::test_an_error_of_any_form_is_a_request_error_with_its_status",
    "ClientError – If there were any intermediate issues": "test_rest::test_a_node_that_is_not_there_is_unreachable",
    "A bool, if the returned status code was 204": "test_rest::test_204_is_true_and_to_chooses_the_form",
    "Whether to enable trace logging for this request": "test_rest::test_tracebacks_are_asked_for_when_wanted",
    "Could be empty if no nodes were found with the specified region key": "test_node_manager::test_nodes_are_counted_and_found_by_region",
    "Returns a Lavalink.py-friendly region from a Discord voice server address": "test_regions::test_old_and_new_endpoints_are_known",
    "Finds the best (least used) node in the given region, if applicable": "test_node_manager::test_nodes_are_counted_and_found_by_region",
    "will fall back to the node with the lowest penalty": "test_node_manager::test_assignments_spread_before_the_next_statistics",
    "ValueError – If the provided cls is not a valid subclass of BasePlayer": "test_player_manager::test_a_class_of_the_bots_own_is_used",
    "Removes a player from cache, and also Lavalink if applicable": "test_player_manager::test_creating_and_destroying_are_told",
    "This should only be True when the node has not yet received any statistics": "test_stats::test_missing_figures_are_zero",
    "1 player = 1 penalty point": "test_stats::test_the_penalty_has_lavalink_pys_numbers_and_is_never_negative",
}  # fmt: skip


@pytest.mark.parametrize("sentence", PROMISES)
def test_the_sentence_is_in_the_document(sentence: str) -> None:
    assert sentence.lower() in DOCUMENT.lower()


@pytest.mark.parametrize("test", sorted(set(PROMISES.values())))
def test_its_test_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((HERE / f"{path}.py").read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
