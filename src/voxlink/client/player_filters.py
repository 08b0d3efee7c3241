"""The filters of a player: the whole set is sent with each change, and kept once the node has accepted it."""
# pyright: reportPrivateUsage=false, reportUnnecessaryIsInstance=false, reportUnnecessaryComparison=false

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from voxlink.client.events import FiltersChangedEvent, SeekEvent
from voxlink.client.filters.base import Filter
from voxlink.client.filters.wire import RawFilter, is_heard
from voxlink.client.stateful_player import StatefulPlayer
from voxlink.errors import BadType, UnsupportedFilter

__all__ = ["PlayerFilters"]

FilterKey = type[Filter[Any]] | Filter[Any] | str


def _name(key: FilterKey) -> str:
    """The name under which a filter is kept. A filter itself names its kind, as in Lavalink.py."""
    if isinstance(key, RawFilter):
        return key.name.lower()
    if isinstance(key, Filter):
        key = type(key)
    if isinstance(key, str):
        return key.lower()
    if isinstance(key, type) and issubclass(key, Filter):
        return key.__name__.lower()
    raise BadType(f"a filter is named by its class or its name, not by {key!r}")


class PlayerFilters(StatefulPlayer):
    """The filter commands of `DefaultPlayer`."""

    __slots__ = ()

    async def set_filters(self, *filters: Filter[Any], replace: bool = False, apply: str = "soon") -> None:
        """Set filters, over those of the same kind; with `replace` over all. Raises TypeError for what is no filter.

        Raises `UnsupportedFilter` for one that the node says it does not have. `apply="now"` also seeks to where the
        track is: Lavalink then lets the change be heard after 0.4 s, not 5.
        """
        for item in filters:
            if not isinstance(item, Filter):
                raise BadType(f"a filter is expected, not {type(item).__name__}")
        kept = {} if replace else self.filters
        await self._apply_filters({**kept, **{_name(item): item for item in filters}}, apply)

    async def set_filter(self, _filter: Filter[Any], *, replace: bool = False, apply: str = "soon") -> None:
        """Set one filter, over one of the same kind; with `replace` over all. Raises TypeError for what is no
        filter.
        """
        await self.set_filters(_filter, replace=replace, apply=apply)

    async def update_filter(self, _filter: type[Filter[Any]], **kwargs: Any) -> None:
        """Change values of a filter, which is made first if it is not set. Raises TypeError for what is no filter
        class.
        """
        if not (isinstance(_filter, type) and issubclass(_filter, Filter)):
            raise BadType(f"a filter class is expected, not {_filter!r}")
        stored = self.filters.get(_name(_filter))
        make: Any = _filter
        changed: Filter[Any] = make() if stored is None else copy.deepcopy(stored)
        changed.update(**kwargs)
        await self._apply_filters({**self.filters, _name(_filter): changed})

    def get_filter(self, _filter: FilterKey) -> Any:
        """The filter of a class or name, None if it is not set. Change it with `update_filter`."""
        return self.filters.get(_name(_filter))

    async def remove_filters(self, *filters: FilterKey) -> None:
        """Remove filters in one request; those that are not set are ignored, and nothing is sent if none was."""
        gone = {_name(item) for item in filters}
        if gone & set(self.filters):
            await self._apply_filters({name: item for name, item in self.filters.items() if name not in gone})

    async def remove_filter(self, _filter: FilterKey) -> None:
        """Remove one filter; nothing is sent if it is not set."""
        await self.remove_filters(_filter)

    async def clear_filters(self) -> None:
        """Remove all filters."""
        await self._apply_filters({})

    async def _apply_filters(self, filters: Mapping[str, Filter[Any]] | None = None, apply: str = "soon") -> None:
        wanted = dict(self.filters if filters is None else filters)
        self._must_have(item for name, item in wanted.items() if item is not self.filters.get(name))
        fields: dict[str, Any] = {"filters": self._sendable(wanted.values(), self.node)}
        seek = apply == "now" and self.current is not None and self.current.is_seekable
        if seek:
            fields["position"] = self.position

        def done(_answer: Mapping[str, Any]) -> None:
            self.filters = wanted
            self._publish(FiltersChangedEvent(self))
            if seek:
                self._publish(SeekEvent(self, fields["position"]))

        await self._command(fields, done)

    def _must_have(self, items: Iterable[Filter[Any]]) -> None:
        """Raises `UnsupportedFilter` for what the node lacks and would be heard."""
        can = self.node.capabilities
        if can is None:
            return
        names = [name for item in items if can.lacks(item) and is_heard(item) for name in item.serialize()]
        if names:
            raise UnsupportedFilter(names, self.node.name)
