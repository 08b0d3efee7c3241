"""What went wrong, in Lavalink's words."""

from protocol.exact import FAILURE, exact
from voxlink.protocol import ExceptionDetails, Severity, decode_body


def test_a_failure_is_written_with_all_its_keys() -> None:
    assert exact(FAILURE, ExceptionDetails) == ExceptionDetails(None, Severity.COMMON, "c", "s")


def test_servers_before_4_1_send_no_stack_trace() -> None:
    assert decode_body('{"message":"m","severity":"fault","cause":"c"}', ExceptionDetails).cause_stack_trace == ""
