"""Reads the code of a bot, without running it, for what needs attention when it comes to Voxlink."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from voxlink.cli import old_names
from voxlink.client.alias import LAVALINK_PATHS

ADVICE_IMPORT = "import voxlink instead, or call voxlink.install_as_lavalink() before the first import of lavalink"


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """One line of a bot's code, and what to do about it; `is_note` if the line works as it is."""

    line: int
    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says: its remarks, the lines that import lavalink, and that of `install_as_lavalink()`, if any."""

    remarks: tuple[Remark, ...]
    imports: tuple[int, ...]
    installs_at: int | None


def read_code(text: str) -> Reading:
    """Read one file; raises SyntaxError (or ValueError for null bytes) if it is no Python."""
    tree = ast.parse(text)
    reader = _Reader(uses_lavalink=any(_is_ours(module) for module in _imported(tree)))
    reader.visit(tree)
    return Reading(tuple(sorted(reader.remarks)), tuple(reader.imports), reader.installs_at)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in {"lavalink", "voxlink"}


class _Reader(ast.NodeVisitor):
    """Collects remarks; names that other libraries may have count only in files that import lavalink or voxlink."""

    def __init__(self, *, uses_lavalink: bool) -> None:
        self.remarks: set[Remark] = set()
        self.imports: list[int] = []
        self.installs_at: int | None = None
        self._uses_lavalink = uses_lavalink
        self._modules: dict[str, str] = {}  # local name -> our module

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            package, _, path = alias.name.partition(".")
            self._note_client(node.lineno, package)
            if package not in {"lavalink", "voxlink"}:
                continue
            if package == "lavalink":
                self.imports.append(node.lineno)
                self._check_path(node.lineno, path)
            if alias.asname is None:
                self._modules[package] = "voxlink"
            elif not path or path in LAVALINK_PATHS:
                self._modules[alias.asname] = f"voxlink.{path}".rstrip(".")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module is None or node.level:
            return
        package, _, path = node.module.partition(".")
        self._note_client(node.lineno, package)
        if package != "lavalink":
            return
        self.imports.append(node.lineno)
        if not self._check_path(node.lineno, path):
            return
        for alias in node.names:
            if alias.name in LAVALINK_PATHS and not path:
                self._modules[alias.asname or alias.name] = f"voxlink.{alias.name}"
            elif alias.name != "*":
                self._check_name(node.lineno, f"voxlink.{path}".rstrip("."), alias.name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        if not self._uses_lavalink:
            return
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            if node.attr == "install_as_lavalink":
                self.installs_at = node.lineno
            elif node.attr not in LAVALINK_PATHS:
                self._check_name(node.lineno, self._modules[node.value.id], node.attr)
            return
        owner = _last_name(node.value)
        if owner == "LoadType" and node.attr in old_names.REMOVED_LOAD_TYPES:
            self._say(node, f"LoadType.{node.attr} is LoadType.{old_names.REMOVED_LOAD_TYPES[node.attr]} now")
        elif node.attr in old_names.REMOVED_METHODS:
            self._say(node, f"{node.attr} is gone: use {old_names.REMOVED_METHODS[node.attr]}")
        elif node.attr.startswith("_"):
            self._check_private(node, owner)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        called = _last_name(node.func)
        if called == "install_as_lavalink":
            self.installs_at = node.lineno
        if not self._uses_lavalink or (called == "Client" and not self._is_our_client(node.func)):
            return
        gone = old_names.REMOVED_KEYWORDS.get(called, {})
        for keyword in node.keywords:
            if keyword.arg in gone:
                self._say(node, f"{called}({keyword.arg}=...) is gone: {gone[keyword.arg]}")

    def visit_Constant(self, node: ast.Constant) -> None:
        if not self._uses_lavalink or not isinstance(node.value, str):
            return
        if node.value in old_names.DEAD_LISTENERS:
            advice = "connect with voxlink.discordpy.voice_protocol (docs/migrating.md)"
            self._say(node, f"no library dispatches {node.value} any more: {advice}")
        elif node.value in old_names.REMOVED_LOAD_TYPES and node.value != "LOAD_FAILED":
            self._say(
                node,
                f'"{node.value}" is no load type: compare with LoadType.{old_names.REMOVED_LOAD_TYPES[node.value]}',
            )

    def _check_private(self, node: ast.Attribute, owner: str) -> None:
        name = node.attr
        if owner == "_transport" and not name.startswith("__"):
            self._say(node, f"{name} of a node's transport is private: {old_names.GONE_FROM_TRANSPORT}")
        elif name in old_names.KEPT_PRIVATE_NAMES and (name != "_session" or owner in {"lavalink", "client"}):
            advice = old_names.KEPT_PRIVATE_NAMES[name]
            self._say(node, f"{name} is private and works here: better use {advice}", is_note=True)
        elif name in old_names.GONE_PRIVATE_NAMES:
            self._say(node, f"{name} is private and gone: {old_names.GONE_PRIVATE_NAMES[name]}")

    def _check_path(self, line: int, path: str) -> bool:
        if not path or path in LAVALINK_PATHS:
            return True
        self.remarks.add(Remark(line, f"lavalink.{path} does not exist any more: import from voxlink"))
        return False

    def _check_name(self, line: int, module: str, name: str) -> None:
        if hasattr(import_module(module), name):
            return
        advice = old_names.REMOVED_FROM_MODULE.get(name, "see docs/migrating.md")
        self.remarks.add(Remark(line, f"{name} is not in {module}: {advice}"))

    def _note_client(self, line: int, package: str) -> None:
        if package in old_names.OTHER_CLIENTS:
            section = f"docs/migrating.md, From {old_names.OTHER_CLIENTS[package]}"
            self.remarks.add(Remark(line, f"{package} has an API of its own: {section}, translates it name by name"))

    def _is_our_client(self, called: ast.expr) -> bool:
        return isinstance(called, ast.Name) or (
            isinstance(called, ast.Attribute) and _last_name(called.value) in self._modules
        )

    def _say(self, node: ast.expr | ast.stmt, text: str, *, is_note: bool = False) -> None:
        self.remarks.add(Remark(node.lineno, text, is_note))


def _last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, of `c` and of `c()`; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case _:
            return ""
