"""The tables of old names are true: what is called gone is gone, what is called kept is there."""

from __future__ import annotations

import inspect

import pytest

import voxlink
from voxlink.cli import old_names
from voxlink.testing import FakeNode


@pytest.mark.parametrize("name", old_names.REMOVED_FROM_MODULE)
def test_what_is_called_removed_is_not_there(name: str) -> None:
    assert not hasattr(voxlink, name)


@pytest.mark.parametrize(("old", "new"), old_names.REMOVED_LOAD_TYPES.items())
def test_old_load_types_have_a_member_today(old: str, new: str) -> None:
    assert not hasattr(voxlink.LoadType, old)
    assert voxlink.LoadType[new]


@pytest.mark.parametrize("name", old_names.REMOVED_METHODS)
def test_removed_methods_are_on_none_of_our_classes(name: str) -> None:
    for kind in (voxlink.Client, voxlink.Node, voxlink.DefaultPlayer, voxlink.PlayerManager, voxlink.NodeManager):
        assert not hasattr(kind, name)


def test_removed_keywords_are_not_taken() -> None:
    calls = {"add_node": voxlink.Client.add_node, "Client": voxlink.Client}
    for call, function in calls.items():
        taken = inspect.signature(function).parameters
        assert not set(old_names.REMOVED_KEYWORDS[call]) & set(taken)


async def test_private_names_that_are_called_kept_are_there() -> None:
    async with FakeNode() as node, voxlink.Client(1) as client:
        client.add_node(node.host, node.port, node.password, "eu")
        player = client.player_manager.create(5)
        owners = (client, player, client.node_manager)
        for name in old_names.KEPT_PRIVATE_NAMES:
            assert any(hasattr(owner, name) for owner in owners), name
        for name in old_names.GONE_PRIVATE_NAMES:
            assert not hasattr(client, name), name
