"""What the namespaces of all plugins share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from voxlink.errors import RequestError

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["PluginNamespace"]


class PluginNamespace:
    """One plugin on one node."""

    _NAMES: ClassVar[tuple[str, ...]]
    """Words that the plugin's name in `/v4/info` holds."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def is_there(self) -> bool:
        """Whether the node says that it has the plugin; True as long as it has not said what it has."""
        info = self._node.info
        if info is None:
            return True
        plugins: list[Any] = info.get("plugins") or []
        names = [str(plugin.get("name", "")).lower() for plugin in plugins]
        return any(word in name for word in self._NAMES for name in names)

    async def _ask(self, method: str, path: str, *, session: bool = False, missing: Any = None, **kwargs: Any) -> Any:
        """A request to the plugin; `missing` when it is not there, has nothing (204) or knows nothing of it (404)."""
        if not self.is_there:
            return missing
        try:
            if session:
                answer = await self._node.session_request(method, path, **kwargs)
            else:
                answer = await self._node.request(method, path, **kwargs)
        except RequestError as error:
            if error.status == 404:
                return missing
            raise
        return missing if answer is True and method == "GET" else answer
