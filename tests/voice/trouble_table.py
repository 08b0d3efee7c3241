"""Every close code of Discord's voice gateway and every kind of trouble of the simulated server, and what promises that
our connection does the right thing in it: live, against the simulated server.
"""
# fmt: off

from __future__ import annotations

from typing import NamedTuple

from voxlink.voice.close_codes import Reaction

__all__ = ["CLOSE_CODES", "PROMISES", "TROUBLES", "CloseRow", "Held"]

LIVE = "voice/test_trouble.py"
CONNECTION = "voice/test_connection.py"
ENCRYPTED = "voice/test_encrypted_call.py"
OURS = "testing/test_ours_in_trouble.py"
CALL = "voice/test_call.py"


class Held(NamedTuple):
    """A test: its file below `tests`, its name, and the value of its parameter where only that case counts."""

    file: str
    test: str
    case: object = None


class CloseRow(NamedTuple):
    """What a close code must lead to, and what holds it."""

    reaction: Reaction
    tests: tuple[Held, ...]


def _resumes(code: int) -> CloseRow:
    return CloseRow(Reaction.RESUME, (Held(LIVE, "test_codes_that_resume_lose_no_frame", code),))


def _fresh(code: int) -> CloseRow:
    return CloseRow(Reaction.FRESH, (
        Held(LIVE, "test_codes_that_need_a_fresh_session_go_on_with_a_new_login", code),
        Held(LIVE, "test_a_fresh_session_with_the_old_login_is_tried_where_the_server_still_takes_it", code),
        Held(LIVE, "test_a_server_that_takes_nobody_is_not_hammered", code),
    ))


def _waits(code: int) -> CloseRow:
    return CloseRow(Reaction.WAIT, (
        Held(LIVE, "test_codes_that_wait_do_nothing_until_a_login_comes", code),
        Held(LIVE, "test_codes_that_wait_end_it_when_no_login_comes", code),
    ))


def _stops(code: int) -> CloseRow:
    return CloseRow(Reaction.STOP, (Held(LIVE, "test_codes_that_stop_end_it", code),))


CLOSE_CODES = {
    1000: _resumes(1000),
    1001: _resumes(1001),
    1005: _resumes(1005),
    1006: CloseRow(Reaction.RESUME, (
        *_resumes(1006).tests,
        Held(LIVE, "test_a_dropped_tcp_connection_is_resumed_while_audio_goes_on"),
        Held(LIVE, "test_withheld_acks_are_noticed_and_the_session_resumed"),
        Held(LIVE, "test_a_server_that_is_gone_for_good_ends_it_within_its_limits"),
        Held(LIVE, "test_a_server_that_we_do_not_trust_is_not_talked_to"),
    )),
    3999: _resumes(3999),
    4001: _fresh(4001),
    4002: _fresh(4002),
    4003: _fresh(4003),
    4004: CloseRow(Reaction.NEW_TOKEN, (
        *_waits(4004).tests,
        Held(LIVE, "test_4004_ends_it_when_three_tokens_were_refused"),
        Held(CONNECTION, "test_a_wrong_token_is_named_with_its_code"),
    )),
    4005: _fresh(4005),
    4006: CloseRow(Reaction.FRESH, (
        *_fresh(4006).tests, Held(LIVE, "test_a_fresh_reconnect_in_a_quiet_channel_takes_under_two_seconds"),
    )),
    4009: CloseRow(Reaction.RESUME_ONCE, (
        *_resumes(4009).tests, Held(LIVE, "test_4009_is_resumed_once_and_then_a_fresh_session"),
    )),
    4011: _fresh(4011),
    4012: _stops(4012),
    4013: _resumes(4013),
    4014: _waits(4014),
    4015: _resumes(4015),
    4016: CloseRow(Reaction.OTHER_MODE, (
        Held(LIVE, "test_4016_goes_on_with_the_other_encryption_mode"),
        Held(LIVE, "test_4016_ends_it_when_the_other_mode_is_refused_too"),
    )),
    4017: _stops(4017),
    4020: _fresh(4020),
    4021: _stops(4021),
    4022: _waits(4022),
}
"""3999 stands for every code below 4000 that has no name."""

TROUBLES = {
    "close_session": tuple(held for row in CLOSE_CODES.values() for held in row.tests if held.case is not None),
    "drop": (
        Held(LIVE, "test_a_dropped_tcp_connection_is_resumed_while_audio_goes_on"),
        Held(ENCRYPTED, "test_a_resume_keeps_the_group"),
        Held(LIVE, "test_sequence_numbers_wrap_on_a_resume"),
    ),
    "stall": (Held(LIVE, "test_a_stalled_socket_is_noticed_while_audio_goes_on"),),
    "announce_null_endpoint": (
        Held(OURS, "test_a_null_endpoint_and_a_move_neither_lose_nor_repeat_a_frame"),
        Held(LIVE, "test_a_null_endpoint_with_nothing_behind_it_ends_it"),
    ),
    "move": (
        Held(OURS, "test_a_null_endpoint_and_a_move_neither_lose_nor_repeat_a_frame"),
        Held(LIVE, "test_a_move_on_the_same_server_repeats_no_frame_and_loses_none_of_ours"),
        Held(CONNECTION, "test_a_move_to_another_server_takes_the_frames_along"),
        Held(ENCRYPTED, "test_a_move_to_another_encrypted_channel_is_heard_there_and_no_longer_here"),
    ),
    "withhold_heartbeat_acks": (Held(LIVE, "test_withheld_acks_are_noticed_and_the_session_resumed"),),
    "lose_discoveries": (
        Held(LIVE, "test_lost_discovery_packets_are_sent_again"),
        Held(CONNECTION, "test_a_server_that_says_nothing_times_out_with_the_step"),
    ),
    "trouble_downlink": (
        Held(LIVE, "test_a_bad_way_to_us_is_put_in_order_with_losses_marked"),
        Held(LIVE, "test_a_late_and_uneven_way_to_us_loses_nothing"),
    ),
    "trouble_uplink": (Held(LIVE, "test_lost_uplink_packets_show_in_the_statistics"),),
    "delay_messages": (
        Held(OURS, "test_a_commit_that_reaches_us_late_costs_the_others_no_frame_of_ours"),
        Held(ENCRYPTED, "test_late_commits_and_welcomes_end_in_one_group"),
    ),
    "send_garbage": tuple(
        Held(ENCRYPTED, "test_garbage_from_the_server_costs_no_more_than_a_new_start", op) for op in (25, 27, 29, 30)
    ),
    "downgrade": (Held(ENCRYPTED, "test_a_downgrade_is_heard_in_plain_and_an_upgrade_encrypted_again"),),
    "upgrade": (Held(ENCRYPTED, "test_a_downgrade_is_heard_in_plain_and_an_upgrade_encrypted_again"),),
    "force_transition_timeouts": (Held(ENCRYPTED, "test_a_transition_that_runs_into_its_timeout_costs_no_frame"),),
    "LinkTrouble.lose": (
        Held(LIVE, "test_a_bad_way_to_us_is_put_in_order_with_losses_marked"),
        Held(LIVE, "test_lost_uplink_packets_show_in_the_statistics"),
    ),
    "LinkTrouble.duplicate": (Held(LIVE, "test_a_bad_way_to_us_is_put_in_order_with_losses_marked"),),
    "LinkTrouble.reorder": (Held(LIVE, "test_a_bad_way_to_us_is_put_in_order_with_losses_marked"),),
    "LinkTrouble.reorder_ms": (Held(LIVE, "test_a_bad_way_to_us_is_put_in_order_with_losses_marked"),),
    "LinkTrouble.delay_ms": (Held(LIVE, "test_a_late_and_uneven_way_to_us_loses_nothing"),),
    "LinkTrouble.jitter_ms": (Held(LIVE, "test_a_late_and_uneven_way_to_us_loses_nothing"),),
}
"""By the name of the hand on the plug: `VoiceServer`'s methods, and the fields of `LinkTrouble`."""

PROMISES = {
    "pause 12 s with a join in between, then resume, is heard whole":
        Held(ENCRYPTED, "test_a_pause_of_twelve_seconds_with_a_join_in_between_is_heard_whole_by_old_and_new"),
    "after a TCP drop audio goes on during the resume":
        Held(LIVE, "test_a_dropped_tcp_connection_is_resumed_while_audio_goes_on"),
    "a fresh reconnect in a quiet channel takes under 2 s":
        Held(LIVE, "test_a_fresh_reconnect_in_a_quiet_channel_takes_under_two_seconds"),
    "nothing is left running after close()":
        Held(CALL, "test_nothing_is_left_running_after_close"),
}
