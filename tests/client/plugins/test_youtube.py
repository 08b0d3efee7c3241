"""The YouTube source's tokens."""

from client.world import world


async def test_tokens_are_given_and_read() -> None:
    async with world() as (_, node, fake):
        node.info = {"plugins": [{"name": "youtube-plugin"}]}
        fake.fail_next("POST", "^/youtube$", status=204)
        assert await node.plugins.youtube.configure(po_token="secret", visitor_data="v")
        assert fake.requests[-1].json == {"poToken": "secret", "visitorData": "v"}
        fake.fail_next("GET", "^/youtube$", status=200, body={"refreshToken": "r"})
        assert await node.plugins.youtube.refresh_token() == "r"
