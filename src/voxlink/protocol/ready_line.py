"""The one line that a node prints on its standard output when it accepts connections."""

from __future__ import annotations

import re

from msgspec import Struct

__all__ = ["ReadyLine", "parse_ready_line"]

_BEFORE = "Voxlink is ready to accept connections on "
_LINE = re.compile(re.escape(_BEFORE) + r"http://(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/]+):([0-9]{1,5})\s*")


class ReadyLine(Struct, frozen=True):
    """Where a node listens. `host` is a name or an address (an IPv6 address without brackets)."""

    host: str
    port: int

    def text(self) -> str:
        """The line, without the line end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{_BEFORE}http://{host}:{self.port}"


def parse_ready_line(text: str) -> ReadyLine | None:
    """The ready line in `text` (one line, with or without its line end); None for any other line."""
    found = _LINE.fullmatch(text)
    if found is None or not 0 < int(found[2]) < 2**16:
        return None
    return ReadyLine(found[1].strip("[]"), int(found[2]))
