"""The defects of Lavalink.py 5.11.1, by their numbers in the list of them: what promises that ours lacks each, and both
columns.

`peer` is what Lavalink.py 5.11.1 does in that test: a pattern of the error with which it fails (all but M1 to M13,
which assert both sides themselves: there it says what is asserted). `ours` is what ours does in the same test.
"""
# fmt: off

from __future__ import annotations

from typing import NamedTuple

__all__ = ["COUNTS", "TABLE", "Row"]

COUNTS = {"C": 21, "N": 13, "P": 24, "F": 5, "M": 13, "H": 6, "K": 3}
"""How many defects each section of the list has."""

CONNECTION = "client/defects/test_connection_and_session.py"
NODES = "client/defects/test_nodes.py"
PLAYERS = "client/defects/test_players_and_queue.py"
REST = "client/defects/test_filters_hooks_and_packaging.py"
CODEC = "protocol/test_differential.py"


class Row(NamedTuple):
    """A defect's test (file below `tests` and name) and both columns; `reason` says why the peer is not run."""

    file: str
    test: str
    peer: str
    ours: str = "passes"
    reason: str = ""


TABLE = {
    "C1": Row(CONNECTION, "test_any_close_code_leads_to_another_connection", "NotSeenInTime: .*a WebSocket handshake"),
    "C2": Row(CONNECTION, "test_the_session_is_asked_for_after_a_lost_socket", "AssertionError: assert None =="),
    "C3": Row(CONNECTION, "test_a_502_from_a_proxy_is_outlived", "NeverCame: 1 x NodeReadyEvent"),
    "C4": Row(CONNECTION, "test_a_server_that_accepts_and_closes_is_not_hammered", "AssertionError: three waits"),
    "C5": Row(CONNECTION, "test_a_resumed_session_is_left_alone", "AssertionError: .*DELETE"),
    "C6": Row(CONNECTION, "test_a_destroyed_node_says_that_it_is_disconnected", "NeverCame: 1 x NodeDisconnectedEvent"),
    "C7": Row(CONNECTION, "test_the_reason_of_a_close_is_told", "AssertionError: .*None"),
    "C8": Row(CONNECTION, "test_a_hook_that_waits_is_held_on_to", "AssertionError: the task was collected"),
    "C9": Row(CONNECTION, "test_events_of_a_player_are_handled_one_after_another", "AssertionError: .*begin"),
    "C10": Row(CONNECTION, "test_nothing_waits_to_be_sent_over_a_lost_socket", "AssertionError: a queue of messages"),
    "C11": Row(CONNECTION, "test_a_hook_that_is_cancelled_from_outside_ends_as_cancelled",
               "AssertionError: the cancellation was swallowed"),
    "C12": Row(CONNECTION, "test_tokens_stay_out_of_the_debug_log", "AssertionError: .*voice-token"),
    "C13": Row(CONNECTION, "test_every_log_call_has_its_arguments", "AssertionError: .*%s"),
    "C14": Row(CONNECTION, "test_any_spelling_of_an_address_gives_a_url", "AssertionError: .*http"),
    "C15": Row(CONNECTION, "test_the_latency_of_a_node_that_is_away_is_minus_one",
               "ClientConnectorError: Cannot connect"),
    "C16": Row(CONNECTION, "test_connect_cuts_a_wait_short", "RuntimeError: Cannot establish a new connection"),
    "C17": Row(CONNECTION, "test_a_node_is_whole_before_it_connects", "AssertionError: .*name"),
    "C18": Row(CONNECTION, "test_a_403_with_a_reason_is_an_error_with_a_reason", "AuthenticationError: $"),
    "C19": Row(CONNECTION, "test_a_page_in_place_of_an_error_has_its_status_and_text", "ClientError: $"),
    "C20": Row(CONNECTION, "test_requests_share_a_kept_connection", "AssertionError: assert 20 <= 2"),
    "C21": Row(CONNECTION, "test_a_502_is_tried_once_more", "ClientError: $"),
    "N1": Row(NODES, "test_a_manual_move_ends_the_player_on_the_old_node", "NotSeenInTime: .*DELETE"),
    "N2": Row(NODES, "test_a_late_end_from_the_old_node_plays_nothing", "AssertionError: the queue went on"),
    "N3": Row(NODES, "test_one_player_that_fails_on_ready_holds_up_nobody", "NotSeenInTime: .*PATCH /players/3"),
    "N4": Row(NODES, "test_any_error_of_one_move_leaves_the_others_alone", "NotSeenInTime: .*PATCH /players/3"),
    "N5": Row(NODES, "test_the_players_of_a_lost_node_spread", "AssertionError: the players went to"),
    "N6": Row(NODES, "test_players_move_at_the_same_time", "NotSeenInTime: .*4 requests PATCH"),
    "N7": Row(NODES, "test_nodes_without_statistics_share_the_players", r"AssertionError: assert \[10, 0\]"),
    "N8": Row(NODES, "test_a_node_that_is_not_ready_is_not_chosen", "AssertionError: .*n0"),
    "N9": Row(NODES, "test_regions_that_discord_has_today_are_known", "AssertionError: .*None"),
    "N10": Row(NODES, "test_a_move_keeps_the_end_time_and_the_user_data", "KeyError: 'userData'"),
    "N11": Row(NODES, "test_between_the_start_and_the_first_report_the_position_is_the_start",
               "AssertionError: it jumped to the end"),
    "N12": Row(NODES, "test_the_players_of_a_node_are_found_without_a_look_at_all_others",
               "AssertionError: all players were looked at"),
    "N13": Row(NODES, "test_removing_a_node_moves_its_players", "NeverCame: 1 x NodeChangedEvent"),
    "P1": Row(PLAYERS, "test_a_move_is_sent_with_the_channel_that_the_bot_is_in", "AssertionError: .*'7'"),
    "P2": Row(PLAYERS, "test_a_page_in_place_of_an_answer_does_not_end_the_queue", "NeverCame: 2 x TrackStartEvent"),
    "P3": Row(PLAYERS, "test_a_broken_track_that_is_repeated_comes_to_rest", "AssertionError: the same broken track"),
    "P4": Row(PLAYERS, "test_a_deferred_track_that_raises_is_told", "OSError: the site is down"),
    "P5": Row(PLAYERS, "test_a_play_that_is_refused_loses_nothing", "AssertionError: the track is lost"),
    "P6": Row(PLAYERS, "test_two_plays_in_a_row_give_each_its_own_events", "AssertionError: .*TrackStart"),
    "P7": Row(PLAYERS, "test_a_track_that_somebody_else_started_is_told", "NeverCame: 1 x TrackStartEvent"),
    "P8": Row(PLAYERS, "test_an_end_with_a_reason_of_tomorrow_is_an_end", "NeverCame: 2 x TrackStartEvent"),
    "P9": Row(PLAYERS, "test_the_end_of_a_stopped_track_names_it", "AssertionError: assert None is"),
    "P10": Row(PLAYERS, "test_the_position_stands_still_at_a_pause", "AssertionError: it jumped back"),
    "P11": Row(PLAYERS, "test_a_guild_id_may_be_a_text", "AssertionError: .*is <DefaultPlayer"),
    "P12": Row(PLAYERS, "test_a_player_that_could_not_be_removed_is_removed_later",
               "NotSeenInTime: .*2 requests DELETE"),
    "P13": Row(PLAYERS, "test_none_is_the_same_as_not_given", "ValueError: start_time must be an int"),
    "P14": Row(PLAYERS, "test_an_end_time_can_be_cleared", "ValueError: end_time must be an int"),
    "P15": Row(PLAYERS, "test_user_data_without_a_track_is_sent", "AssertionError: .*encoded"),
    "P16": Row(PLAYERS, "test_a_negative_position_is_refused_here", "Failed: DID NOT RAISE ValueError"),
    "P17": Row(PLAYERS, "test_filters_that_the_node_refused_are_not_set", "AssertionError: it is set here"),
    "P18": Row(PLAYERS, "test_a_filter_with_constructor_arguments_can_be_updated", "TypeError: .*delay"),
    "P19": Row(PLAYERS, "test_filters_are_removed_in_one_request", r"AssertionError: assert 5 == \(2 \+ 1\)"),
    "P20": Row(PLAYERS, "test_changes_of_the_queue_are_told", "NeverCame: 1 x QueueChangedEvent"),
    "P21": Row(PLAYERS, "test_settings_of_the_wrong_kind_are_refused", "Failed: DID NOT RAISE ValueError"),
    "P22": Row(PLAYERS, "test_voice_messages_that_come_before_the_player_wait_for_it", "NotSeenInTime: .*PATCH"),
    "P23": Row(PLAYERS, "test_being_kicked_is_told", "NeverCame: 1 x PlayerDisconnectedEvent"),
    "P24": Row(PLAYERS, "test_a_voice_session_that_is_gone_is_set_up_again", "NotSeenInTime: .*2 requests PATCH"),
    "F1": Row(REST, "test_a_channel_mix_that_is_made_plays_both_sides", "AssertionError: .*'rightToRight': 0.0"),
    "F2": Row(REST, "test_constructors_refuse_values_out_of_range", "Failed: DID NOT RAISE ValueError"),
    "F3": Row(REST, "test_a_typo_is_refused", "Failed: DID NOT RAISE TypeError"),
    "F4": Row(REST, "test_the_equalizer_takes_any_pairs", "ValueError: Bands must be a list"),
    "F5": Row(REST, "test_serialize_gives_a_copy", "AssertionError: assert 9.0 =="),
    "M1": Row(CODEC, "test_m1_enums_cannot_be_keys", "TypeError"),
    "M2": Row(CODEC, "test_m2_tracks_are_never_equal_and_their_position_can_be_set", "unequal, and no AttributeError"),
    "M3": Row(CODEC, "test_m3_an_empty_result_needs_data", "KeyError"),
    "M4": Row(CODEC, "test_m4_the_position_goes_to_extra", "position 0"),
    "M5": Row(CODEC, "test_m5_texts_are_written_as_plain_utf8", "UnicodeDecodeError"),
    "M6": Row(CODEC, "test_m6_other_texts_are_read_as_plain_utf8", "UnicodeDecodeError"),
    "M7": Row(CODEC, "test_m7_a_uri_is_read_from_version_1", "another track"),
    "M8": Row(CODEC, "test_m8_signed_numbers_are_taken_for_unsigned", "struct.error"),
    "M9": Row(CODEC, "test_m9_a_cut_track_gives_an_error_of_another_kind", "struct.error"),
    "M10": Row(CODEC, "test_m10_tails_are_not_written", "no tail"),
    "M11": Row(CODEC, "test_m11_other_sources_of_lavasrc_are_not_known", "no fields"),
    "M12": Row(CODEC, "test_m12_times_are_rounded_up_to_sixty_seconds", "'00:59:60'"),
    "M13": Row(CODEC, "test_m13_a_lone_surrogate_cannot_be_read", "UnicodeDecodeError"),
    "H1": Row(REST, "test_a_hook_may_listen_to_a_class_of_the_bots_own", "TypeError: Event parameter"),
    "H2": Row(REST, "test_partials_are_hooks", "TypeError: Hook is not callable"),
    "H3": Row(REST, "test_a_hook_is_removed_from_every_event_that_has_it", "AssertionError: assert not True"),
    "H4": Row(REST, "test_asking_for_listeners_changes_nothing", "AssertionError: assert 3 == 2"),
    "H5": Row(REST, "test_one_event_can_be_waited_for", "AttributeError: .*wait_for"),
    "H6": Row(REST, "test_sources_are_asked_in_the_order_of_their_coming", "AssertionError: .*source"),
    "K1": Row(REST, "test_the_command_line_needs_nothing_that_is_not_installed_with_it",
              "AssertionError: imported, but not declared"),
    "K2": Row(REST, "test_releases_compare_as_numbers_and_an_option_is_an_option",
              "first character as major version, no status check",
              reason="its command line cannot be started (K1) and asks GitHub without a way to name another host"),
    "K3": Row(REST, "test_type_checkers_are_told_that_there_are_types", "AssertionError: "),
}
