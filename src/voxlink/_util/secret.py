"""A password or token that cannot reach a log by accident."""

from __future__ import annotations

import hmac


class Secret:
    """Text that shows as stars; `reveal()` is the only way to it. Compares in constant time, and only to texts."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself. Call it where the text is used and keep it in no variable."""
        return self._text

    def matches(self, text: str) -> bool:
        """Tell whether `text` is the secret, in a time that does not depend on where they differ."""
        return hmac.compare_digest(self._text.encode(errors="surrogatepass"), text.encode(errors="surrogatepass"))

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__
