"""The table of routes is the documentation's, and each stands in it once."""

from __future__ import annotations

from voxlink.nodeserver.routes import ROUTES


def test_every_route_of_the_documentation_is_there_in_its_order() -> None:
    assert [f"{method} {path}" for method, path, _ in ROUTES] == [
        "* /v4/websocket",
        "GET /v4/sessions/{session}/players",
        "GET /v4/sessions/{session}/players/{guild}",
        "PATCH /v4/sessions/{session}/players/{guild}",
        "DELETE /v4/sessions/{session}/players/{guild}",
        "PATCH /v4/sessions/{session}",
        "GET /v4/loadtracks",
        "GET /v4/decodetrack",
        "POST /v4/decodetracks",
        "GET /v4/info",
        "GET /v4/stats",
        "GET /version",
        "GET /v4/routeplanner/status",
        "POST /v4/routeplanner/free/address",
        "POST /v4/routeplanner/free/all",
        "GET /",
        "GET /v3/websocket",
    ]


def test_every_handler_says_what_it_does() -> None:
    assert all(handler.__doc__ for _, _, handler in ROUTES)
