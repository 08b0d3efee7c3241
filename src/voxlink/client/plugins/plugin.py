"""What the namespaces of all plugins share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import msgspec

from voxlink.errors import RequestError

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["PluginNamespace", "read_value"]

StructT = TypeVar("StructT", bound=msgspec.Struct)


def read_value(kind: type[StructT], raw: object) -> StructT:
    """A plugin's JSON as a value; fields that are odd are left out, and what is no object has none. Never raises."""
    given: Mapping[str, Any] = cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError:
        kept: dict[str, Any] = {}
        for field in msgspec.structs.fields(kind):
            try:
                kept[field.name] = msgspec.convert(given[field.encode_name], field.type, strict=False)
            except (KeyError, msgspec.ValidationError):
                continue
        return kind(**kept)


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
