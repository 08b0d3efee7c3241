"""Reads Lavalink.py's API document into facts, each one line of what must be so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "data" / "lavalink-py-api.txt"

CLASS = re.compile(r"^class lavalink\.(\w+)(?:\((.*)\))?$")
ENUM = re.compile(r"^enum lavalink\.(\w+)\(value\)$")
FUNCTION = re.compile(r"^lavalink\.(\w+)\((.*?)\)(?: .*)?$")
METHOD = re.compile(r"^((?:abstract |async )*)(\w+)\((.*)\)(?: [\w\[].*)?$")
PROPERTY = re.compile(r"^property (\w+)")
NAME = re.compile(r"^[A-Za-z_]+$")
MEMBER = re.compile(r"^([A-Z_]+) = <\w+\.\w+: '(\w+)'>$")
NOT_NAMES = {"Example", "Note", "Warning", "Documentation", "Client", "Errors", "Events", "Filters", "Player", "Server",
             "Node", "Stats", "Utilities", "DataIO", "ABC", "Raises", "Parameters", "Returns"}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter as the document writes it; `default` is its text, None without one."""

    name: str
    default: str | None
    keyword_only: bool
    stars: str = ""


@dataclass
class Callable:
    """A function, method or constructor."""

    name: str
    parameters: list[Parameter]
    is_async: bool = False
    is_abstract: bool = False


@dataclass
class Class:
    """A class with what the document says of it."""

    name: str
    constructor: Callable | None
    methods: list[Callable] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)


def split(text: str) -> Iterator[str]:
    """The parts between commas that are in no bracket."""
    depth, part = 0, ""
    for char in text:
        depth += char in "([{<"
        depth -= char in ")]}>"
        if char == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += char
    if part.strip():
        yield part.strip()


def parameters(text: str) -> list[Parameter]:
    found: list[Parameter] = []
    keyword_only = False
    for part in split(text.replace("->", "")):
        if part == "*":
            keyword_only = True
            continue
        stars = part[: len(part) - len(part.lstrip("*"))]
        name = re.split(r"[:=]", part.lstrip("*"), maxsplit=1)[0].strip()
        default = re.search(r"=\s*(<.*>|[^=<>]*)$", part)
        found.append(Parameter(name, default[1].strip() if default else None, keyword_only, stars))
        keyword_only = keyword_only or stars == "*"
    return found


def read() -> tuple[list[Class], list[Callable]]:
    """All classes and module functions of the document."""
    lines = [line.rstrip() for line in DOCUMENT.read_text(encoding="utf-8").splitlines()]
    classes: list[Class] = []
    functions: list[Callable] = []
    current: Class | None = None
    for number, line in enumerate(lines):
        if match := CLASS.match(line):
            constructor = None if match[2] is None else Callable(match[1], parameters(match[2]))
            current = Class(match[1], constructor)
            classes.append(current)
        elif match := ENUM.match(line):
            current = Class(match[1], None)
            classes.append(current)
        elif match := FUNCTION.match(line):
            functions.append(Callable(match[1], parameters(match[2])))
            current = None
        elif current is None:
            continue
        elif match := MEMBER.match(line):
            current.members[match[1]] = match[2]
        elif match := PROPERTY.match(line):
            current.properties.append(match[1])
        elif (match := METHOD.match(line)) and not line.startswith(("len(", "iter(", "return ")):
            words = match[1].split()
            current.methods.append(Callable(match[2], parameters(match[3]), "async" in words, "abstract" in words))
        elif NAME.match(line) and line not in NOT_NAMES and has_type(lines, number):
            current.attributes.append(line)
    return classes, functions


def has_type(lines: list[str], number: int) -> bool:
    """Whether the description that follows ends in a `Type:`."""
    for line in lines[number + 1 : number + 40]:
        if line.strip() == "Type:":
            return True
        if (
            CLASS.match(line)
            or PROPERTY.match(line)
            or METHOD.match(line)
            or (NAME.match(line) and line not in NOT_NAMES)
        ):
            return False
    return False
