"""REST over a real socket, asked by hikari: refusals, rate limits, server errors, and who may ask."""

from __future__ import annotations

import aiohttp
import hikari
import pytest

from voxlink.testing import Discord


async def ask(simulated: Discord, method: str, path: str, *, token: str | None = None, data: bytes = b""):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bot {token}"} if token else {})
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, simulated.rest_url + path, headers=headers, data=data) as response,
    ):
        body = await response.json(content_type=None) if response.status != 204 else {}
        return response.status, body, response.headers


async def test_a_wrong_token_is_unauthorized(simulated: Discord) -> None:
    for token in (None, "wrong"):
        status, body, _ = await ask(simulated, "GET", "/users/@me", token=token)
        assert (status, body) == (401, {"message": "401: Unauthorized", "code": 0})
    bot = hikari.GatewayBot(
        "MQ.wrong.token", rest_url=simulated.rest_url, banner=None, logs=None, suppress_optimization_warning=True
    )
    with pytest.raises(hikari.UnauthorizedError):
        await bot.start(check_for_updates=False)
    await bot.close()


async def test_an_unknown_route_and_a_wrong_method_are_discords_404_and_405(simulated: Discord) -> None:
    assert (await ask(simulated, "GET", "/nowhere", token=simulated.bot.token))[:2] == (
        404,
        {"message": "404: Not Found", "code": 0},
    )
    assert (await ask(simulated, "DELETE", "/users/@me", token=simulated.bot.token))[0] == 405


async def test_an_id_that_is_no_number_is_an_invalid_form(simulated: Discord) -> None:
    status, body, _ = await ask(simulated, "GET", "/channels/abc", token=simulated.bot.token)
    assert status == 400
    assert body["code"] == 50035
    assert "not snowflake" in str(body["errors"])


async def test_a_body_that_is_no_json_is_refused(simulated: Discord) -> None:
    path = f"/channels/{simulated.text.id}/messages"
    status, body, _ = await ask(simulated, "POST", path, token=simulated.bot.token, data=b"{")
    assert (status, body["code"]) == (400, 50109)


async def test_the_gateway_is_found(simulated: Discord) -> None:
    assert (await ask(simulated, "GET", "/gateway"))[1] == {"url": simulated.gateway_url}
    _, body, _ = await ask(simulated, "GET", "/gateway/bot", token=simulated.bot.token)
    assert body["shards"] == 1


async def test_a_rate_limit_carries_what_libraries_read_and_changes_nothing(simulated: Discord) -> None:
    path = f"/channels/{simulated.text.id}/messages"
    simulated.trouble.rate_limit("POST", path, retry_after_s=0.5, is_global=True)
    status, body, headers = await ask(simulated, "POST", path, token=simulated.bot.token, data=b'{"content": "x"}')
    assert (status, body["retry_after"], body["global"]) == (429, 0.5, True)
    assert headers["Via"]
    assert headers["X-RateLimit-Global"] == "true"
    assert simulated.shown() == []


async def test_hikari_and_discord_agree_after_a_rate_limit_and_a_server_error(
    simulated: Discord, hikari_bot: hikari.GatewayBot
) -> None:
    simulated.trouble.rate_limit("POST", "/messages", retry_after_s=0.01)
    simulated.trouble.fail("POST", "/messages", status=502)
    await hikari_bot.rest.create_message(simulated.text.id, "arrived")
    assert [message.content for message in simulated.shown()] == ["arrived"]


async def test_a_form_with_a_file_is_read(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    await hikari_bot.rest.create_message(simulated.text.id, "see", attachment=hikari.Bytes(b"la", "song.txt"))
    (message,) = simulated.shown()
    assert [(file.filename, file.data) for file in message.attachments] == [("song.txt", b"la")]
