"""Request bodies into typed values; what does not fit becomes Discord's 50035 or 50109. Pure."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from voxlink.testing.discord.refusals import Refusal, invalid_field

__all__ = ["decode"]

T = TypeVar("T")

INDEX = re.compile(r"\[([^\]]*)\]")
WHERE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


def decode(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Read a JSON body (an absent one is `{}`) as `kind`; raises `Refusal` that names the wrong field."""
    try:
        return msgspec.json.decode(bytes(data) or b"{}", type=kind, strict=False)
    except msgspec.ValidationError as wrong:
        found = WHERE.search(str(wrong))
        path = INDEX.sub(r".\1", found["path"] if found else "").strip(".") or "_"
        raise invalid_field(path, "MODEL_TYPE_CONVERT", WHERE.sub("", str(wrong))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None
