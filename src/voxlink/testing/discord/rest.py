"""Discord's REST API on a loopback socket: who asks, what goes wrong, how it is answered. Routes: `routes_*`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from voxlink.testing.discord.core import Core
from voxlink.testing.discord.refusals import Refusal
from voxlink.testing.discord.state import Account, Attachment
from voxlink.testing.discord.trouble import RestTrouble

__all__ = ["CORE", "Route", "account_of", "answer", "body_of", "build_app", "number_of"]

CORE: web.AppKey[Core] = web.AppKey("core", Core)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]
"""Method, path below `/api/v10`, handler."""

PREFIXES = ("/api/v10", "/api/v9")
BUCKET_LIMIT = 1_000
"""The rate limit that every answer announces: libraries read it; only ordered trouble limits them."""

MULTIPART_LIMIT = 25 * 1024 * 1024


def build_app(core: Core, routes: list[Route], gateway: Handler) -> web.Application:
    """The web application: the gateway at `/`, the routes below both API prefixes, Discord's 404 for the rest."""
    app = web.Application(middlewares=[refusals_as_json, ordered_trouble], client_max_size=MULTIPART_LIMIT)
    app[CORE] = core
    app.router.add_get("/", gateway)
    for prefix in PREFIXES:
        for method, path, handler in routes:
            app.router.add_route(method, prefix + path, handler)
    return app


@web.middleware
async def refusals_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals in Discord's form."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return answer(refusal.body(), status=refusal.status)
    except web.HTTPNotFound:
        refusal = Refusal.not_found()
        return answer(refusal.body(), status=refusal.status)
    except web.HTTPMethodNotAllowed:
        return answer({"message": "405: Method Not Allowed", "code": 0}, status=405)


@web.middleware
async def ordered_trouble(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with the trouble that was ordered for this request, if any; the request then changes nothing."""
    trouble = request.app[CORE].trouble.on_request(request.method, request.path)
    if trouble is None:
        return await handler(request)
    if trouble.status == 429:
        return too_many_requests(trouble)
    return web.Response(
        status=trouble.status, text="<html>the simulated origin failed</html>", content_type="text/html"
    )


def too_many_requests(trouble: RestTrouble) -> web.Response:
    """429 as Discord sends it. Without `Via`, discord.py takes it for a ban by the content network."""
    response = answer(
        {"message": "You are being rate limited.", "retry_after": trouble.retry_after_s, "global": trouble.is_global},
        status=429,
    )
    response.headers.update(
        {
            "Retry-After": str(max(1, round(trouble.retry_after_s))),
            "X-RateLimit-Scope": "global" if trouble.is_global else "user",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": str(trouble.retry_after_s),
        }
    )
    if trouble.is_global:
        response.headers["X-RateLimit-Global"] = "true"
    return response


def answer(body: object = None, *, status: int = 200) -> web.Response:
    """A JSON answer with Discord's headers; no body for 204."""
    headers = {
        "Via": "1.1 google",
        "X-RateLimit-Limit": str(BUCKET_LIMIT),
        "X-RateLimit-Remaining": str(BUCKET_LIMIT - 1),
        "X-RateLimit-Reset-After": "1.0",
    }
    if status == 204:
        return web.Response(status=204, headers=headers)
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers)


def account_of(request: web.Request) -> Account:
    """The bot whose token the request carries; raises `Refusal` 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    account = request.app[CORE].world.account_by_token(token.strip()) if scheme == "Bot" else None
    if account is None:
        raise Refusal.unauthorized()
    return account


def number_of(request: web.Request, name: str) -> int:
    """A snowflake from the path; raises `Refusal` for what is none."""
    text = request.match_info[name]
    if not text.isascii() or not text.isdigit():
        raise Refusal(400, 50035, "Invalid Form Body", {name: {"_errors": [not_a_snowflake(text)]}})
    return int(text)


def not_a_snowflake(text: str) -> dict[str, str]:
    """Discord's words for an id that is no number."""
    return {"code": "NUMBER_TYPE_COERCE", "message": f'Value "{text}" is not snowflake.'}


async def body_of(request: web.Request) -> tuple[bytes, list[Attachment]]:
    """The JSON of a request and its files, whether it came as JSON or as a form with `payload_json`."""
    if not request.content_type.startswith("multipart/"):
        return await request.read(), []
    payload = b"{}"
    files: list[Attachment] = []
    form = await request.post()
    for name, part in form.items():
        if name == "payload_json":
            payload = plain_bytes(part)
        elif isinstance(part, web.FileField):
            number = request.app[CORE].world.next_id()
            files.append(Attachment(number, part.filename, part.file.read()))
    return payload, files


def plain_bytes(part: str | bytes | bytearray | web.FileField) -> bytes:
    """The content of a form field in whichever shape it came."""
    if isinstance(part, web.FileField):
        return part.file.read()
    return part.encode() if isinstance(part, str) else bytes(part)
