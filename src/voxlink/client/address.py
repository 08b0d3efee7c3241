"""Where a node lives: host, port, TLS and path prefix, parsed once and written into URLs in one place."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from voxlink.errors import BadValue

__all__ = ["NodeAddress", "parse_node_uri"]

SECURE_SCHEMES = {"https": True, "wss": True, "lavalinks": True, "http": False, "ws": False, "lavalink": False}
DEFAULT_PORT = 2333


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node's address. `host` is a bare name or IP (an IPv6 address without brackets), `prefix` starts with `/` or is
    empty.

    `str()` and `repr()` never show the password: it is not kept here.
    """

    host: str
    port: int
    secure: bool = False
    prefix: str = ""

    @classmethod
    def of(cls, host: str, port: int, ssl: bool = False) -> NodeAddress:
        """Read Lavalink.py's three arguments.

        `host` may carry a scheme (`https://` and `wss://` switch TLS on), a port of its own, which then wins over
        `port`, and a path prefix; IPv6 addresses are taken with and without brackets.
        Raises `BadValue` when there is no host or the port is outside 1..65535.
        """
        secure = ssl
        rest = host.strip()
        scheme, separator, tail = rest.partition("://")
        if separator:
            if scheme.lower() not in SECURE_SCHEMES:
                raise BadValue(f"{scheme}:// is no scheme of a node's address; use http, https, ws or wss")
            secure = SECURE_SCHEMES[scheme.lower()] or ssl
            rest = tail
        authority, _, path = rest.partition("/")
        if "@" in authority:
            # Said without quoting it: an error's text reaches logs, and so does the name of a node made from its host.
            raise BadValue("a node's host holds no password: pass it as `password`, or use add_node_uri")
        name, own_port = _split_authority(authority)
        if not name:
            raise BadValue(f"{host!r} names no host")
        chosen = own_port if own_port is not None else port
        if not 1 <= chosen <= 65535:
            raise BadValue(f"port {chosen} of {name} is outside 1..65535")
        prefix = "/" + path.strip("/") if path.strip("/") else ""
        return cls(name, chosen, secure, prefix)

    def http_url(self, path: str) -> str:
        """The URL of a REST path; `path` starts with `/`."""
        return f"{'https' if self.secure else 'http'}://{self._authority}{self.prefix}{path}"

    def ws_url(self, path: str) -> str:
        """The URL of a WebSocket path; `path` starts with `/`."""
        return f"{'wss' if self.secure else 'ws'}://{self._authority}{self.prefix}{path}"

    @property
    def _authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __str__(self) -> str:
        return self.http_url("")


def _split_authority(authority: str) -> tuple[str, int | None]:
    """Split `host[:port]`; a bare IPv6 address has no port."""
    try:
        return str(ipaddress.IPv6Address(authority)), None
    except ValueError:
        pass
    if authority.startswith("["):
        name, _, rest = authority[1:].partition("]")
        return name, _port(rest.removeprefix(":"), authority) if rest else None
    name, colon, port = authority.rpartition(":")
    return (name, _port(port, authority)) if colon else (authority, None)


def _port(text: str, authority: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadValue(f"{text!r} in {authority!r} is no port")
    return int(text)


@dataclass(frozen=True, slots=True)
class ParsedNodeUri:
    """What a node's URI says; `password` stays out of `repr`."""

    address: NodeAddress
    password: str = field(repr=False)
    region: str
    name: str | None


def parse_node_uri(uri: str) -> ParsedNodeUri:
    """Read `lavalink://:password@host:port/prefix?region=eu&name=main&ssl=1`.

    `lavalinks://`, `https://` and `wss://` mean TLS, as does `ssl=1`. Percent escapes in the password are decoded; the
    default port is 2333 and the default region `global`. Raises `BadValue`, never showing the password.
    """
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadValue("the node's URI cannot be read: its port or its brackets are wrong") from error
    if parts.scheme.lower() not in SECURE_SCHEMES or not host:
        raise BadValue("a node's URI looks like lavalink://:password@host:2333/prefix?region=eu")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    secure = SECURE_SCHEMES[parts.scheme.lower()] or query.get("ssl", "").lower() in {"1", "true", "yes", "on"}
    shown = f"[{host}]" if ":" in host else host
    address = NodeAddress.of(shown + parts.path, port or DEFAULT_PORT, secure)
    password = unquote(parts.password or parts.username or "")
    return ParsedNodeUri(address, password, query.get("region", "global"), query.get("name"))
