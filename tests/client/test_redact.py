"""Secrets do not reach a log."""

from __future__ import annotations

import logging

import pytest

from client.world import add, client, join, server_update, track
from voxlink.client.redact import redacted
from voxlink.errors import ClientError, RequestError
from voxlink.testing import FakeNode

SECRETS = ("hunter2", "voice-token", "voice-session", "wrong-password", "uri-password")


def test_secret_values_become_stars() -> None:
    text = '{"voice":{"token":"t\\"ok","sessionId": "abc","endpoint":"e"},"Authorization":"pw"}'
    shown = redacted(text)
    assert "abc" not in shown
    assert "pw" not in shown
    assert "ok" not in shown.replace("token", "")
    assert '"endpoint":"e"' in shown


def test_named_secrets_go_wherever_they_stand_and_long_texts_are_cut() -> None:
    assert redacted(b"the word is hunter2!", "hunter2", "") == "the word is ***!"
    assert len(redacted("x" * 10_000)) < 2100
    assert "zz" not in redacted('{"token":"' + "z" * 5000 + '"}')


async def test_a_day_in_full_debug_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = "<html>Authorization: hunter2</html>"
    async with FakeNode(password="hunter2") as fake, client(retries=0) as made:
        node = add(made, fake)
        await node.wait_ready()
        player = await join(made)
        await player.play(track("a"))
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no", "token": "voice-token"})
        await made.voice_update_handler(server_update(endpoint="other.discord.media"))
        for status in (500, 200):
            fake.fail_next("PATCH", "/players/", status=status, body=page)
            with pytest.raises((RequestError, ClientError)) as caught:
                await player.set_volume(5)
            logging.getLogger("bot").error("%r %s", caught.value, caught.value)
        away = made.add_node_uri("lavalink://:uri-password@127.0.0.1:1")
        refused = made.add_node(fake.host, fake.port, "wrong-password", "eu")
        with pytest.raises(ClientError) as caught:
            await refused.wait_ready()
        await fake.vanish()
        await fake.next_connection()
        await node.wait_ready()
        shown = (made, node, refused, away, player, player.snapshot(), made.player_manager, caught.value)
        logging.getLogger("bot").info(" ".join(map(repr, shown)))
    assert len(caplog.records) > 20
    for secret in SECRETS:
        assert secret not in caplog.text, secret
