"""Refusals carry Discord's numbers and words."""

from __future__ import annotations

from voxlink.testing.discord.refusals import GatewayClose, Refusal, invalid_field


def test_the_body_is_discords() -> None:
    assert Refusal.unknown("Channel").body() == {"message": "Unknown Channel", "code": 10003}
    assert Refusal.unauthorized().body() == {"message": "401: Unauthorized", "code": 0}
    assert Refusal.missing_access().status == 403


def test_a_wrong_field_is_named_by_its_path() -> None:
    assert invalid_field("embeds.0.title", "C", "m").body() == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {"embeds": {"0": {"title": {"_errors": [{"code": "C", "message": "m"}]}}}},
    }


def test_close_codes_have_their_words() -> None:
    assert (GatewayClose.AUTHENTICATION_FAILED.code, GatewayClose.AUTHENTICATION_FAILED.reason) == (
        4004,
        "Authentication failed.",
    )
