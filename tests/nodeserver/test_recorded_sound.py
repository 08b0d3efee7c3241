"""The recorded cases that load and play, over the real engine, real files and the simulated voice server."""

from __future__ import annotations

import asyncio
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from nodeserver.departures import NOT_YET, TRACK_400, Departure
from support.node_client import a_config, running_node
from support.recorded import Case, Run, cases
from support.recorded_media import fill, media_server
from voxlink.playback import LocalEngine
from voxlink.testing import VoiceServer

OTHER_WORDS = "the same failure in FFmpeg's or our words"
CLOSE_TEXT = "the simulated voice server gives no reason text; ours says what the code means"

DEPARTURES = (
    Departure("coerce/identifier=media_text.mp3-q", 400, "the real reason instead of a general one", "body.message"),
    Departure("coerce/userData-infinity", 400, "a number that no answer could carry is refused"),
    Departure("load/file-corrupt.mp3", 200, "the length of what is no mp3 is anybody's guess", "length"),
    Departure("load/file-riff.wav", 200, OTHER_WORDS, "body.data.message"),
    Departure("load/file-video.mp4", 200, OTHER_WORDS, "body.data.message"),
    Departure("load/id-http_x-9", 200, OTHER_WORDS, "body.data.message"),
    Departure("load/http-chunked_tone3.flac", 200, "what cannot seek does not say that it can", "isSeekable"),
    Departure("load/http-redirect308_tone3.mp3", 200, "308 is a redirect like any other"),
    Departure("player/bad-does-not-create", 400, TRACK_400),
    Departure("player/partial-apply", 400, NOT_YET),
    Departure("resume/voice-lost-away", 101, CLOSE_TEXT, r"\.reason:"),
    Departure("voice/close-*", 200, CLOSE_TEXT, r"\.reason:"),
    Departure("voice/change-*", 200, "the old connection's end is always told, not now and then", "messages: 1 items"),
    Departure("voice/denied", 500, "the real reason instead of a general one", "body.message"),
    Departure("events/corrupt", 200, "noise in a track is told as an exception, not passed over in silence"),
    Departure("events/http-*", 200, "exceptions carry the real reason and severity", r"\.exception\."),
    Departure("events/vanished", 200, "exceptions carry the real reason and severity", r"\.exception\."),
)

NOT_HERE = {
    "*m3u*": "HLS and playlists: the tests of playback/sources",
    "*hls*": "HLS and playlists: the tests of playback/sources",
    "*slow*": "servers that stall or cut: the tests of playback/sources, test_bad_input.py",
    "*drop*": "servers that stall or cut: the tests of playback/sources, test_bad_input.py",
    "events/finished-tone3.[mow][4ga][agv]": "three seconds each; every format is heard in the tests of playback",
    "events/http-wrong-container": "the file is looked at, not the track's word for it: it plays",
    "events/http-redirect": "a redirect is followed also when the track is played: it plays",
    "events/stuck": "servers that stall or cut: the tests of playback",
    "load/file-tone3.aac": "PyAV cannot write this file; the tests of audio have their own",
    "load/file-tone3.ts": "PyAV cannot write this file; the tests of audio have their own",
    "load/file-id3v1.mp3": "a file like tone1.mp3 for us: no ID3v1 is read",
    "load/file-mono8k.mp3": "the tests of audio have odd rates",
    "load/file-vbr.mp3": "the tests of audio have it",
    "player/dsp-*": NOT_YET,
    "player/bad-filter-no-voice": NOT_YET,
    "events/timescale*": NOT_YET,
    "player/cleanup": "lasts a minute: the tests of playback turn the clock",
    "voice/no-ready": "a gateway that misbehaves: the tests of voice. Here: 500 after ten seconds",
    "voice/close-after-identify-4014": "a gateway that misbehaves: the tests of voice",
    "events/no-ack": "a gateway that misbehaves: the tests of voice",
    "voice/hang-then-good": "a gateway that misbehaves: test_bad_input.py",
    "voice/close-4012": "the voice engine does not try again after 4012: the protocol would be as unknown as before",
    "voice/close-1000": "the voice engine resumes after 1000, which Discord also sends for a restart of its server",
    "voice/change-endpoint": "needs a second voice server: the tests of voice",
    "voice/same-voice-after-close": "the simulated voice server forgets a session that it ended",
}
NEEDS = ("{media}", "{http}", "{enc:", "{voice", "{refused}", "<blob")


def audible_cases(group: str) -> list[Case]:
    return [
        case
        for case in cases()
        if case["group"] == group
        and (
            case["needsVoice"]
            or case["id"].startswith("load/id-http")
            or any(mark in json.dumps(case) for mark in NEEDS)
        )
        and not any(fnmatchcase(case["id"], pattern) for pattern in NOT_HERE)
    ]


GROUPS = ("coerce", "load", "decode", "player", "session", "resume", "voice", "events")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    fill(folder)
    return folder


async def difference_of(run: Run, case: Case) -> list[str]:
    """Run one case; return the differences that no departure explains."""
    try:
        async with asyncio.timeout(20):
            differences = await run.perform(case["steps"])
    except TimeoutError:
        differences = [*run.differences, f"{run.where}: something that was recorded never came"]
    finally:
        await run.close()
    departure = next((one for one in DEPARTURES if fnmatchcase(case["id"], one.pattern)), None)
    if not differences or departure is None:
        return differences
    if run.answers and departure.status not in {101, *(answer.status for answer in run.answers)}:
        return [f"no answer has the status {departure.status}", *differences]
    return [one for one in differences if re.search(departure.where, one) is None]


@pytest.mark.parametrize("group", GROUPS)
async def test_the_node_plays_as_lavalink_did(group: str, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = a_config(local_files=True, socket_timeout_ms=500)
    async with VoiceServer() as voice, media_server(media) as http:
        monkeypatch.setenv("SSL_CERT_FILE", str(voice.certificate))
        names = {"media": str(media), "http": http, "refused": "127.0.0.1:1", "voicedeny": http.removeprefix("http://")}
        async with running_node(LocalEngine(config.engine()), config=config) as node:
            found = {case["id"]: await difference_of(Run(node, names, voice), case) for case in audible_cases(group)}
    wrong = [f"{name}: {one}" for name, differences in found.items() for one in differences]
    assert wrong == [], "\n".join(wrong)
    assert found


def test_no_departure_is_out_of_date() -> None:
    known = [case["id"] for case in cases()]
    for pattern in [*(departure.pattern for departure in DEPARTURES), *NOT_HERE]:
        assert any(fnmatchcase(name, pattern) for name in known), pattern
