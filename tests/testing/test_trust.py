"""Trusting the simulated voice servers for the length of a block."""

from __future__ import annotations

import os
import ssl

import aiohttp
import pytest

from voxlink.testing import VoiceServer
from voxlink.testing.trust import trusted


@pytest.mark.parametrize("before", [None, "elsewhere.pem"])
async def test_several_servers_are_trusted_and_the_environment_is_restored(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with VoiceServer() as first, VoiceServer() as second:
        if before is not None:
            monkeypatch.setenv("SSL_CERT_FILE", str(first.certificate))
        kept = os.environ.get("SSL_CERT_FILE")
        with trusted(first.certificate), trusted(second.certificate) as bundle:
            assert os.environ["SSL_CERT_FILE"] == str(bundle)
            async with aiohttp.ClientSession() as session:
                for server in (first, second):
                    context = ssl.create_default_context()
                    async with session.ws_connect(f"wss://{server.endpoint}/?v=8", ssl=context) as socket:
                        assert (await socket.receive_json(timeout=10))["op"] == 8
        assert os.environ.get("SSL_CERT_FILE") == kept
        assert not bundle.exists()
