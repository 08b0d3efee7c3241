"""The filters of a player: the whole set is sent with a change, and kept once the node has accepted it."""
# pyright: reportPrivateUsage=false, reportUnnecessaryIsInstance=false, reportUnnecessaryComparison=false

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from voxlink.client.events import FiltersChangedEvent, SeekEvent
from voxlink.client.filters.base import Filter
from voxlink.client.filters.wire import RawFilter, filters_to_json, is_heard, speed_of
from voxlink.client.stateful_player import Layers, StatefulPlayer, merged
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

    async def set_filters(
        self, *filters: Filter[Any], replace: bool = False, apply: str = "soon", layer: str | None = None
    ) -> None:
        """Set filters, over those of the same kind; with `replace` over all. Raises TypeError for what is no filter.

        `layer` puts them into a layer of that name: layers lie over the player's own filters and over layers that were
        set earlier, and `remove_layer` uncovers what is below; `replace` then replaces that layer alone. A change that
        makes no difference to the node is not sent. Raises `UnsupportedFilter` for a filter that the node says it does
        not have. `apply="now"` also seeks to where the track is: Lavalink then lets the change be heard after 0.4 s,
        not 5.
        """
        for item in filters:
            if not isinstance(item, Filter):
                raise BadType(f"a filter is expected, not {type(item).__name__}")
        named = {_name(item): item for item in filters}
        own, layers = self._wanted_filters()
        if layer is None:
            await self._apply_filters(named if replace else {**own, **named}, apply, {} if replace else layers)
        else:
            before: Mapping[str, Filter[Any]] = {} if replace else layers.get(layer, {})
            await self._apply_filters(own, apply, {**layers, layer: {**before, **named}})

    async def set_filter(
        self, _filter: Filter[Any], *, replace: bool = False, apply: str = "soon", layer: str | None = None
    ) -> None:
        """Set one filter, over one of the same kind; with `replace` over all. The rest is as in `set_filters`."""
        await self.set_filters(_filter, replace=replace, apply=apply, layer=layer)

    async def update_filter(self, _filter: type[Filter[Any]], **kwargs: Any) -> None:
        """Change values of a filter, which is made first if it is not set. Raises TypeError for what is no filter
        class.
        """
        if not (isinstance(_filter, type) and issubclass(_filter, Filter)):
            raise BadType(f"a filter class is expected, not {_filter!r}")
        own, _ = self._wanted_filters()
        stored = own.get(_name(_filter))
        make: Any = _filter
        changed: Filter[Any] = make() if stored is None else copy.deepcopy(stored)
        changed.update(**kwargs)
        await self._apply_filters({**own, _name(_filter): changed})

    def get_filter(self, _filter: FilterKey, layer: str | None = None) -> Any:
        """The filter of a class or name, None if it is not set (in that layer). Change it with `update_filter`."""
        return (self.filters if layer is None else self._layers.get(layer, {})).get(_name(_filter))

    async def remove_filters(self, *filters: FilterKey) -> None:
        """Remove filters in one request; those that are not set are ignored, and nothing is sent if none was. Layers
        stay.
        """
        gone = {_name(item) for item in filters}
        own, _ = self._wanted_filters()
        if gone & set(own):
            await self._apply_filters({name: item for name, item in own.items() if name not in gone})

    async def remove_filter(self, _filter: FilterKey) -> None:
        """Remove one filter; nothing is sent if it is not set."""
        await self.remove_filters(_filter)

    async def remove_layer(self, layer: str) -> None:
        """Remove a layer with its filters; what it covered is heard again. Nothing happens if there is none."""
        own, layers = self._wanted_filters()
        if layer in layers:
            await self._apply_filters(own, layers={name: items for name, items in layers.items() if name != layer})

    async def clear_filters(self) -> None:
        """Remove all filters, and all layers."""
        await self._apply_filters({}, layers={})

    def _wanted_filters(self) -> tuple[Mapping[str, Filter[Any]], Layers]:
        """The filters and layers as they will be after what the caller's batch has collected."""
        batch = self._own_batch()
        return (self.filters, self._layers) if batch is None or batch.filters is None else batch.filters

    async def _apply_filters(
        self, filters: Mapping[str, Filter[Any]] | None = None, apply: str = "soon", layers: Layers | None = None
    ) -> None:
        """Make the node have these filters and layers; None means those that are wanted already."""
        own, lying = self._wanted_filters()
        wanted = dict(own if filters is None else filters)
        over = lying if layers is None else layers
        known = {id(item) for group in (own, *lying.values()) for item in group.values()}
        heard = merged(wanted, over)
        self._must_have(item for item in heard.values() if id(item) not in known)
        sent = self._sendable(heard.values(), self.node)
        as_json = filters_to_json(sent)
        fields: dict[str, Any] = {"filters": sent}
        seek = apply == "now" and self.current is not None and self.current.is_seekable
        if seek:
            fields["position"] = self.media_position

        def done(_answer: Mapping[str, Any]) -> None:
            self.filters, self._layers, self._sent_filters = wanted, over, as_json
            self._clock.change_speed(speed_of(as_json), self.client.now())
            self._publish(FiltersChangedEvent(self))
            if seek:
                self._clock.set(fields["position"], self.client.now(), running=self._clock.is_running)
                self._publish(SeekEvent(self, fields["position"]))

        batch = self._own_batch()
        if batch is not None:
            batch.filters = wanted, over
        elif as_json == self._sent_filters and not (seek or self._needs_setup):
            self._must_be_alive()
            is_news = (wanted, over) != (self.filters, self._layers)
            self.filters, self._layers = wanted, over
            if is_news:  # what changed is covered by a layer
                self._publish(FiltersChangedEvent(self))
                self._changed()
            return
        await self._command(fields, done)

    def _must_have(self, items: Iterable[Filter[Any]]) -> None:
        """Raises `UnsupportedFilter` for what the node lacks and would be heard."""
        can = self.node.capabilities
        if can is None:
            return
        names = [name for item in items if can.lacks(item) and is_heard(item) for name in item.serialize()]
        if names:
            raise UnsupportedFilter(names, self.node.name)
