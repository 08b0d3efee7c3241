"""The YouTube source's own routes: OAuth and proof-of-origin tokens."""

from __future__ import annotations

from typing import Any

from voxlink.client.plugins.plugin import PluginNamespace

__all__ = ["YouTube"]


class YouTube(PluginNamespace):
    """`node.plugins.youtube`. Tokens are secrets: they are sent and never logged."""

    _NAMES = ("youtube",)

    async def configure(
        self,
        *,
        refresh_token: str | None = None,
        skip_initialization: bool | None = None,
        po_token: str | None = None,
        visitor_data: str | None = None,
    ) -> bool:
        """Give the source its tokens; False without the plugin. Raises `RequestError` when it refuses them."""
        given: dict[str, Any] = {
            "refreshToken": refresh_token,
            "skipInitialization": skip_initialization,
            "poToken": po_token,
            "visitorData": visitor_data,
        }
        body = {key: value for key, value in given.items() if value is not None}
        return bool(await self._ask("POST", "youtube", versioned=False, missing=False, json=body))

    async def refresh_token(self) -> str | None:
        """The refresh token in use; None if there is none."""
        found = await self._ask("GET", "youtube", versioned=False, missing={})
        return found.get("refreshToken")
