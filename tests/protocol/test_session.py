"""Session settings."""

from msgspec import UNSET

from protocol.exact import exact
from voxlink.protocol import Session, UpdateSession


def test_a_session_and_its_change() -> None:
    assert exact('{"resuming":true,"timeout":60}', Session) == Session(True, 60)
    assert exact('{"timeout":-1}', UpdateSession) == UpdateSession(UNSET, -1)
    assert exact("{}", UpdateSession) == UpdateSession()
