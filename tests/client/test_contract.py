"""The contract: every name, parameter, coroutine and attribute of Lavalink.py's API document, and of release 5.11.1."""

from __future__ import annotations

import ast
import importlib
import inspect
from typing import Any, TypeVar

import pytest

import voxlink
from client import api_text
from client.api_text import Callable, Class
from client.world import GUILD, join, track, world
from voxlink.client.alias import LAVALINK_PATHS

CLASSES, FUNCTIONS = api_text.read()


def ids(facts: list[Any]) -> list[str]:
    return [" ".join(str(part) for part in fact if isinstance(part, str)) or str(fact) for fact in facts]


def callables() -> list[tuple[str, str, Callable]]:
    found = [("", one.name, one) for one in FUNCTIONS]
    for kind in CLASSES:
        if kind.constructor is not None:
            found.append((kind.name, "__init__", kind.constructor))
        found += [(kind.name, method.name, method) for method in kind.methods]
    return found


def ours(owner: str, name: str) -> Any:
    return getattr(getattr(voxlink, owner), name) if owner else getattr(voxlink, name)


PARAMETERS = [(owner, name, parameter) for owner, name, one in callables() for parameter in one.parameters]
SLIPS = {"float"}
"""Where the document lost an attribute's name and shows its type (`Stats.lavalink_load`)."""
ATTRIBUTES = [(kind.name, name) for kind in CLASSES for name in kind.attributes if name not in SLIPS]
FACTS = len(CLASSES) + len(callables()) * 2 + len(PARAMETERS) * 2 + len(ATTRIBUTES)


def test_the_document_was_read() -> None:
    """About 580 facts; a parser that misses half of them would make every test below pass."""
    assert FACTS >= 580, FACTS
    assert len(CLASSES) >= 50
    assert {"Client", "DefaultPlayer", "Node", "EndReason", "Distortion", "RequestError"} <= {
        kind.name for kind in CLASSES
    }


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.name)
def test_every_class_is_there(kind: Class) -> None:
    assert isinstance(getattr(voxlink, kind.name), type)
    assert kind.name in voxlink.__all__


@pytest.mark.parametrize(("owner", "name", "one"), callables(), ids=ids(callables()))
def test_every_function_is_there_and_a_coroutine_where_it_was_one(owner: str, name: str, one: Callable) -> None:
    function = ours(owner, name)
    assert callable(function)
    if name != "__init__":
        assert inspect.iscoroutinefunction(function) == one.is_async
        if one.is_abstract:
            assert getattr(function, "__isabstractmethod__", False)


@pytest.mark.parametrize(
    ("owner", "name", "parameter"), PARAMETERS, ids=[f"{o}.{n} {p.name}" for o, n, p in PARAMETERS]
)
def test_every_parameter_is_there_with_its_default(owner: str, name: str, parameter: api_text.Parameter) -> None:
    accepted = inspect.signature(ours(owner, name)).parameters
    kinds = {one.kind for one in accepted.values()}
    if parameter.stars == "**":
        assert inspect.Parameter.VAR_KEYWORD in kinds
        return
    if parameter.stars == "*":
        assert inspect.Parameter.VAR_POSITIONAL in kinds
        return
    if parameter.name not in accepted:
        # Filters take values by keyword, checked by name; the first argument of an error has two forms.
        assert inspect.Parameter.VAR_KEYWORD in kinds or (owner, parameter.name) == ("RequestError", "message")
        return
    mine = accepted[parameter.name]
    if not parameter.keyword_only:
        assert mine.kind is not inspect.Parameter.KEYWORD_ONLY
    if parameter.default is None or not owner:
        return  # for module functions the document writes "..." for a default of its own
    assert mine.default is not inspect.Parameter.empty
    try:
        wanted = ast.literal_eval(parameter.default)
    except (ValueError, SyntaxError):
        return  # the document shows a repr
    assert mine.default == wanted


@pytest.mark.parametrize(("owner", "name", "one"), callables(), ids=ids(callables()))
def test_positional_parameters_keep_their_order(owner: str, name: str, one: Callable) -> None:
    wanted = [parameter.name for parameter in one.parameters if not parameter.keyword_only and not parameter.stars]
    mine = [parameter for parameter in inspect.signature(ours(owner, name)).parameters if parameter != "self"]
    if owner == "RequestError":
        mine[0] = "message"
    assert mine[: len(wanted)] == wanted


@pytest.mark.parametrize(("owner", "name"), [(k.name, p) for k in CLASSES for p in k.properties])
def test_every_property_is_one(owner: str, name: str) -> None:
    assert isinstance(getattr(getattr(voxlink, owner), name), property)


@pytest.mark.parametrize(("owner", "name", "value"), [(k.name, n, v) for k in CLASSES for n, v in k.members.items()])
def test_every_member_has_its_value(owner: str, name: str, value: str) -> None:
    assert getattr(voxlink, owner)[name].value == value


async def examples() -> dict[str, Any]:
    """An instance of every class that the document gives attributes."""
    async with world() as (made, node, _fake):
        player = await join(made)
        song = track("a", length_ms=5000)
        await player.play(song)
        error = voxlink.RequestError("m", 400, {}, {})
        found: dict[str, Any] = {
            "BasePlayer": player,
            "DefaultPlayer": player,
            "Client": made,
            "Node": node,
            "NodeManager": made.node_manager,
            "PlayerManager": made.player_manager,
            "Stats": node.stats,
            "Penalty": node.stats.penalty,
            "AudioTrack": song,
            "DeferredAudioTrack": song,
            "RequestError": error,
            "Filter": voxlink.LowPass(),
            "Plugin": voxlink.Plugin({"name": "n", "version": "v"}),
            "PlaylistInfo": voxlink.PlaylistInfo("n"),
            "LoadResult": voxlink.LoadResult.empty(),
            "LoadResultError": voxlink.LoadResultError({"message": "m", "severity": "common", "cause": "c"}),
        }
        for kind in CLASSES:
            event = getattr(voxlink, kind.name)
            if issubclass(event, voxlink.Event) and kind.constructor is not None:
                wanted = {one.name: player if one.name == "player" else {} for one in kind.constructor.parameters}
                found[kind.name] = event(**wanted)
        return found


async def test_every_attribute_is_there() -> None:
    found = await examples()
    missing = [(owner, name) for owner, name in ATTRIBUTES if not hasattr(found[owner], name)]
    assert not missing
    assert len(ATTRIBUTES) >= 125


@pytest.mark.peer
def test_everything_of_release_5_11_1_is_there_too() -> None:
    lavalink: Any = importlib.import_module("lavalink")
    missing: list[str] = []
    for path in LAVALINK_PATHS:
        if path == "models":
            continue  # the name that releases before 5 used
        theirs = importlib.import_module(f"lavalink.{path}")
        mine = importlib.import_module(f"voxlink.{path}")
        for name, value in vars(theirs).items():
            if isinstance(value, TypeVar) or name in INSIDES:
                continue
            if (
                not name.startswith("_")
                and getattr(value, "__module__", None) == theirs.__name__
                and not hasattr(mine, name)
            ):
                missing.append(f"{path}.{name}")
    public = [
        name
        for name, value in vars(lavalink).items()
        if not name.startswith("_") and name not in INSIDES and not inspect.ismodule(value)
    ]
    missing += [name for name in public if not hasattr(voxlink, name)]
    for name in public:
        if isinstance(getattr(lavalink, name), type):
            missing += missing_members(name, getattr(lavalink, name), getattr(voxlink, name, None))
    assert not missing


INSIDES = {"Enum", "Type"}
"""Helpers of release 5.11.1 that nobody outside it can use."""


def missing_members(name: str, theirs: type, mine: Any) -> list[str]:
    found: list[str] = []
    if mine is None or name.startswith("Raw"):
        return found
    for member, value in vars(theirs).items():
        if member.startswith("_") and member != "__init__":
            continue
        if not hasattr(mine, member):
            if not inspect.ismemberdescriptor(value):
                found.append(f"{name}.{member}")
            continue
        if inspect.isfunction(value):
            accepted = inspect.signature(getattr(mine, member)).parameters
            takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in accepted.values())
            wanted = [one for one in inspect.signature(value).parameters.values() if one.name not in ("self", "cls")]
            found += [
                f"{name}.{member}({one.name})"
                for one in wanted
                if one.name not in accepted
                and not takes_all
                and one.kind.name != "VAR_KEYWORD"
                and (name, one.name) != ("RequestError", "node")
            ]
    return found


@pytest.mark.peer
async def test_private_names_that_bots_touch_are_there() -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        for owner, names in {
            made: ["_event_hooks", "_dispatch_event", "_user_id", "_session"],
            player: [
                "_voice_state",
                "_next",
                "_internal_id",
                "_original_node",
                "_last_position",
                "_last_update",
                "_internal_pause",
                "_user_data",
            ],
            node: ["_transport"],
            made.node_manager: ["_player_queue"],
        }.items():
            for name in names:
                assert hasattr(owner, name), name
        assert player._internal_id == str(GUILD)
        made._event_hooks.clear()


@pytest.mark.parametrize("path", LAVALINK_PATHS)
def test_every_submodule_path_can_be_imported(path: str) -> None:
    assert importlib.import_module(f"voxlink.{path}")
