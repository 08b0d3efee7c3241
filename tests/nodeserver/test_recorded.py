"""What a real Lavalink 4.2.2 answered, our node answers too; where it departs on purpose, the reason is in a table."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

import pytest

from nodeserver.departures import NOT_YET, TRACK_400, Departure
from support.fake_engine import FakeEngine
from support.node_client import a_config, running_node
from support.recorded import Case, Run, cases

ANY_SOURCE = "a track of a source that this node lacks can still be decoded; it is playing it that fails"
IGNORED_ACCEPT = "`Accept` is ignored: errors keep their body for every client"

DEPARTURES = (
    Departure("http/TRACE-*", 405, "TRACE would echo the password"),
    Departure("http/FOO-*", 400, "methods that HTTP does not know are refused by the HTTP parser"),
    Departure("http/path-v4_info_a_b", 404, "`;a=b` path parameters are a habit of Java servers; no client sends them"),
    Departure("http/path-index.html", 404, "no Content-Disposition: the answer is no download", "header content-disp"),
    Departure("http/ct-star", 415, "`*/*` is a content type like any other that is not JSON: 415, not 500"),
    Departure("http/accept-info-text_*", 200, IGNORED_ACCEPT),
    Departure("http/accept-info-application_xml", 200, IGNORED_ACCEPT),
    Departure("http/accept-version-*", 200, IGNORED_ACCEPT, "header content-type"),
    Departure("http/accept-404-text_*", 404, IGNORED_ACCEPT),
    Departure("http/accept-404-application_xml", 404, IGNORED_ACCEPT),
    Departure("http/query-trace-*", 404, "`trace` is a Python traceback", "body.trace"),
    Departure("http/trace-400", 400, "`trace` is a Python traceback", "body.trace"),
    Departure("*error*", 404, "/error is Spring's own page; here it is a path like any other"),
    Departure("http/*nfo*", 200, NOT_YET, "body.filters"),
    Departure("auth/right-GET_v4_info", 200, NOT_YET, "body.filters"),
    Departure("stats/info", 200, NOT_YET, "body.filters"),
    Departure(
        "auth/options-without-password", 401, "Allow stands on answers that name what is allowed", "header allow"
    ),
    Departure("syntax/badutf8*", 400, "JSON is UTF-8; other bytes are refused with their place"),
    Departure("syntax/leadzero", 400, "JSON has no leading zeros"),
    Departure("coerce/encodedTrack=*", 400, TRACK_400),
    Departure("coerce/track=encoded-14", 400, TRACK_400),
    Departure("auth/right-POST_v4_decodetracks", 400, TRACK_400),
    Departure("filters/equalizer-[56]", 400, "a band that does not exist is the caller's fault: 400, not 500"),
    Departure("filters/replace", 400, NOT_YET),
    Departure("filters/*", 400, NOT_YET),
    Departure("load/badpercent", 200, "a percent sign that escapes nothing stands for itself"),
    Departure("decode/v2-youtube", 200, ANY_SOURCE),
    Departure("decode/unknown-source", 200, ANY_SOURCE),
    Departure("decode/legacy-track", 200, ANY_SOURCE),
    Departure("decode/no-tail", 200, ANY_SOURCE),
    Departure("decode/utf8-4byte", 200, "plain UTF-8 beside Java's modified one is read too: NodeLink writes it"),
    Departure("decode/*", 400, TRACK_400),
    Departure("handshake/text-user", 400, "a User-Id that is no id is refused at the handshake, with a reason"),
    Departure("handshake/huge-user", 400, "a User-Id that is no id is refused at the handshake, with a reason"),
)

ELSEWHERE = {
    "session/text-user-socket": "the handshake is refused already: test_handshake.py",
    "resume/timeout": "waits for the expiry itself: test_sessions.py",
    "stats/cadence": "lasts a minute: test_sessions.py",
    "load/id-http*": "needs the sources: test_recorded_sound.py",
    "coerce/voice-odd-host": "needs voice: test_recorded_sound.py",
    "syntax/big": "shortened in the recording: test_inputs.py",
    "decode/list-many": "shortened in the recording: test_inputs.py",
    "decode/list-big": "shortened in the recording: test_inputs.py",
    "decode/query-32k": "shortened in the recording: test_inputs.py",
    "metrics/*": "metrics are not built yet",
    "*_metrics": "metrics are not built yet",
    "*-metrics": "metrics are not built yet",
}
NEEDS_SOUND = ("{media}", "{http}", "{enc:", "{voice", "{refused}", "<blob")


def silent_cases() -> list[Case]:
    """The cases that neither play nor load."""
    return [
        case
        for case in cases()
        if not case["needsVoice"]
        and not any(mark in json.dumps(case) for mark in NEEDS_SOUND)
        and not any(fnmatchcase(case["id"], pattern) for pattern in ELSEWHERE)
    ]


@pytest.mark.parametrize("case", silent_cases(), ids=lambda case: case["id"])
async def test_the_node_answers_as_lavalink_did(case: Case) -> None:
    async with running_node(FakeEngine(), config=a_config(local_files=True)) as node:
        run = Run(node, {})
        differences = await run.perform(case["steps"])
    departure = next((one for one in DEPARTURES if fnmatchcase(case["id"], one.pattern)), None)
    if differences and departure is not None:
        assert departure.status == run.answers[0].status
        differences = [one for one in differences if re.search(departure.where, one) is None]
    assert differences == []


def test_most_cases_are_compared() -> None:
    assert len(silent_cases()) > 440


def test_no_departure_is_out_of_date() -> None:
    known = [case["id"] for case in cases()]
    for pattern in [*(departure.pattern for departure in DEPARTURES), *ELSEWHERE]:
        assert any(fnmatchcase(name, pattern) for name in known), pattern
