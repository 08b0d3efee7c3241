"""The routes that load and decode tracks (server.md 1.6)."""

from __future__ import annotations

from aiohttp import web

from voxlink.errors import RequestRefused
from voxlink.nodeserver.answers import as_json
from voxlink.nodeserver.inputs import check_content_type, parameter, read_body
from voxlink.nodeserver.state import node_of
from voxlink.protocol import Track, decode_wire_track


async def load_tracks(request: web.Request) -> web.Response:
    """Look an identifier up in all sources; what goes wrong there is an answer too (`loadType` error)."""
    identifier = parameter(request, "identifier")
    if identifier is None:
        raise RequestRefused(400, "Required parameter 'identifier' is not present.")
    return as_json(await node_of(request).engine.load(identifier))


async def decode_track(request: web.Request) -> web.Response:
    """Decode one track; `encodedTrack` wins over the older `track`."""
    encoded = parameter(request, "encodedTrack")
    if encoded is None:
        encoded = parameter(request, "track")
    if encoded is None:
        raise RequestRefused(400, "No track to decode provided")
    return as_json(_decoded(encoded))


async def decode_tracks(request: web.Request) -> web.Response:
    """Decode a list of tracks; one that is no track fails the whole call."""
    check_content_type(request)
    encoded = await read_body(request, list[str])
    if not encoded:
        raise RequestRefused(400, "No tracks to decode provided")
    return as_json([_decoded(text) for text in encoded])


def _decoded(encoded: str) -> Track:
    # A `+` that was not escaped in a query arrives as a space; Base64 has no spaces (server.md 9, 22).
    return decode_wire_track(encoded.replace(" ", "+"))
