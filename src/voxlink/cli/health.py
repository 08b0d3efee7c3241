"""What `voxlink doctor` looks at: each check is a function that returns findings and never raises for what it finds."""

from __future__ import annotations

import asyncio
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, NamedTuple

import aiohttp

from voxlink._util.extras import EXTRA_OF_PACKAGE
from voxlink._util.secret import Secret
from voxlink._version import __version__
from voxlink.errors import InvalidBody, VoxlinkError
from voxlink.protocol import Info, decode_body

BASE_PACKAGES = ("aiohttp", "msgspec", "rich")
PACKAGE_NAMES = {"yaml": "PyYAML", "yt_dlp": "yt-dlp"}
"""Distribution names that are not their import names."""
NODE_WITHIN_S = 10.0
LOOPBACK_FRAMES = 25
"""Half a second of frames through the simulated voice server."""
LOOPBACK_WITHIN_S = 10.0


class Finding(NamedTuple):
    """One line of the report. `problem` makes the doctor's exit status 1, `note` does not."""

    what: str
    state: Literal["ok", "note", "problem"]
    details: str


def versions() -> list[Finding]:
    """Say which Python, which Voxlink and which packages there are; a package of an extra may be missing."""
    system = f"{platform.python_implementation()} {platform.python_version()} on {platform.platform()}"
    findings = [Finding("Python", "ok", system), Finding("Voxlink", "ok", __version__)]
    findings += [_package(name, None) for name in BASE_PACKAGES]
    findings += [_package(PACKAGE_NAMES.get(name, name), extra) for name, extra in EXTRA_OF_PACKAGE.items()]
    return findings


def _package(name: str, extra: str | None) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        if extra is None:
            return Finding(name, "problem", "missing: install Voxlink anew")
        return Finding(name, "note", f'not installed: pip install "voxlink[{extra}]"')


def codecs() -> list[Finding]:
    """Say whether every decoder is there, and send a frame through the Opus encoder and decoder."""
    try:
        from voxlink.audio import OpusDecoder, OpusEncoder, silence
        from voxlink.audio.codecs import DECODERS, missing_decoders
    except ImportError as error:
        return [Finding("codecs", "note", str(error))]
    missing = missing_decoders()
    decoders = Finding("decoders", "ok", ", ".join(DECODERS))
    if missing:
        decoders = Finding("decoders", "problem", f"this FFmpeg lacks {', '.join(missing)}")
    try:
        packet = OpusEncoder().encode(silence(960))
        samples = len(OpusDecoder().decode(packet))
    except (VoxlinkError, OSError, RuntimeError, ValueError) as error:
        return [decoders, Finding("Opus", "problem", f"encoding a frame failed: {error}")]
    return [decoders, Finding("Opus", "ok", f"a frame of {samples} samples in {len(packet)} bytes and back")]


async def loopback() -> list[Finding]:
    """Send half a second through a real transmitter to a simulated voice server on this machine."""
    try:
        from voxlink.testing import VoiceServer
        from voxlink.testing.trust import trusted
        from voxlink.voice import Transmitter, VoiceConnection
    except ImportError as error:
        return [Finding("voice", "note", str(error))]
    try:
        async with asyncio.timeout(LOOPBACK_WITHIN_S), VoiceServer() as server, Transmitter() as transmitter:
            sender = Finding("sender process", "ok", f"scheduled {transmitter.stats().priority}")
            login = server.admit(1, 2, 3)
            stream = transmitter.open_stream(lambda _: None)
            with trusted(server.certificate):
                connection = VoiceConnection(login, stream, on_event=lambda _: None)
                await connection.connect(LOOPBACK_WITHIN_S)
            try:
                stream.queue([_tone_frame()] * LOOPBACK_FRAMES)
                heard = server.listener(1, 2)
                await heard.wait_frames(LOOPBACK_FRAMES, LOOPBACK_WITHIN_S)
                pacing = heard.pacing()
            finally:
                await connection.close()
                stream.close()
    except (VoxlinkError, OSError) as error:
        return [Finding("voice", "problem", f"no packet through the loopback voice server: {error or 'too slow'}")]
    if heard.faults:
        return [sender, Finding("voice", "problem", f"the loopback voice server complains: {heard.faults[0]}")]
    details = f"{LOOPBACK_FRAMES} packets through the loopback voice server, median gap {pacing.median_ms:.1f} ms"
    return [sender, Finding("voice", "ok", details)]


def _tone_frame() -> bytes:
    """Return an Opus frame that is no silence frame."""
    from voxlink.audio import OpusEncoder, silence

    return OpusEncoder().encode(silence(960) + 0.1)


async def node(url: str, password: Secret) -> list[Finding]:
    """Ask a node for its version and its plugins and open its socket: is it there, and is the password right?"""
    headers = {"Authorization": password.reveal()}
    limit = aiohttp.ClientTimeout(total=NODE_WITHIN_S)
    try:
        async with aiohttp.ClientSession(headers=headers, timeout=limit) as http:
            async with http.get(f"{url}/version") as answer:
                refused = _refused(answer, url)
                if refused is not None:
                    return [refused]
                findings = [Finding("node", "ok", f"{url} is {_identity(answer, await answer.text())}")]
            async with http.get(f"{url}/v4/info") as answer:
                findings += _abilities(await answer.read())
            findings.append(await _socket(http, url))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return [Finding("node", "problem", f"{url} cannot be reached: {error or 'no answer in time'}")]
    return findings


def _refused(answer: aiohttp.ClientResponse, url: str) -> Finding | None:
    if answer.status in {401, 403}:
        return Finding("node", "problem", f"{url} refuses the password")
    if answer.status != 200:
        return Finding("node", "problem", f"{url} answers {answer.status}: this is no Lavalink node")
    return None


def _identity(answer: aiohttp.ClientResponse, text: str) -> str:
    ours = answer.headers.get("Voxlink-Version")
    return f"Voxlink {ours} (Lavalink {text})" if ours else f"Lavalink {text[:40]}"


def _abilities(body: bytes) -> list[Finding]:
    """Read the answer to `/v4/info`, which may be anything."""
    try:
        info = decode_body(body, Info)
    except InvalidBody as error:
        return [Finding("node info", "problem", f"/v4/info is not what it should be: {error}")]
    plugins = [f"{plugin.name} {plugin.version}" for plugin in info.plugins]
    return [
        Finding("node sources", "ok", ", ".join(info.source_managers) or "none"),
        Finding("node filters", "ok", ", ".join(info.filters) or "none"),
        Finding("node plugins", "ok", ", ".join(plugins) or "none"),
    ]


async def _socket(http: aiohttp.ClientSession, url: str) -> Finding:
    """Open a session and leave it."""
    headers = {"User-Id": "1", "Client-Name": f"voxlink-doctor/{__version__}"}
    async with http.ws_connect(f"{url}/v4/websocket", headers=headers) as socket:
        async with asyncio.timeout(NODE_WITHIN_S):
            message = await socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            return Finding("node socket", "problem", f"closed at once with {socket.close_code}")
    return Finding("node socket", "ok", "opens a session")
