"""The route planner's status, one form for each class."""

from __future__ import annotations

import pytest

from protocol.exact import exact
from voxlink.protocol import FreeAddress, RoutePlannerStatus

BLOCK = '"ipBlock":{"type":"Inet6Address","size":"1208925819614629174706176"}'
FAILING = (
    '"failingAddresses":[{"failingAddress":"/1.0.0.0","failingTimestamp":1573520707545,'
    '"failingTime":"Mon Nov 11 20:05:07 EST 2019"}]'
)


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("RotatingIpRoutePlanner", ',"rotateIndex":"1","ipIndex":"2","currentAddress":"3"'),
        ("NanoIpRoutePlanner", ',"currentAddressIndex":"4"'),
        ("RotatingNanoIpRoutePlanner", ',"blockIndex":"5","currentAddressIndex":"6"'),
        ("BalancingIpRoutePlanner", ""),
    ],
)
def test_each_class_has_its_fields(name: str, rest: str) -> None:
    status = exact(f'{{"class":"{name}","details":{{{BLOCK},{FAILING}{rest}}}}}', RoutePlannerStatus)
    assert status.class_ == name


def test_an_older_server_without_a_planner_answers_nulls() -> None:
    assert exact('{"class":null,"details":null}', RoutePlannerStatus) == RoutePlannerStatus(None, None)


def test_one_address_is_freed() -> None:
    assert exact('{"address":"1.0.0.1"}', FreeAddress).address == "1.0.0.1"
