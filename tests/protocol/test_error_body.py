"""The body of an error answer."""

from protocol.exact import exact
from voxlink.protocol import ErrorBody


def test_an_error_is_written_in_lavalinks_order() -> None:
    body = exact(
        '{"timestamp":1667857581613,"status":404,"error":"Not Found","message":"Session not found",'
        '"path":"/v4/sessions/x/players/1"}',
        ErrorBody,
    )
    assert (body.status, body.error, body.message) == (404, "Not Found", "Session not found")


def test_the_trace_stands_between_error_and_message() -> None:
    exact('{"timestamp":1,"status":400,"error":"e","trace":"at x","message":"m","path":"/"}', ErrorBody)


def test_the_error_page_itself_has_no_path() -> None:
    exact('{"timestamp":1,"status":999,"error":"None","message":"No message available"}', ErrorBody)
