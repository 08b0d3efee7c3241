"""Make the generated parts of the documentation anew: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->` in a file of this folder; `PARTS` says which
function writes it. `--check` changes nothing and fails if a file is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from voxlink.voice.close_codes import EXPLANATIONS, REACTIONS, Reaction
from voxlink.voice.gateway_state import TRANSITIONS, On, State

FOLDER = Path(__file__).parent


def voice_states() -> str:
    """The life of a voice connection as a Mermaid diagram, from the table that the machine runs on."""
    arrows: dict[tuple[State, State], list[On]] = {}
    for (state, on), target in TRANSITIONS.items():
        if on not in (On.CLOSE, On.LOGIN, On.SERVER_GONE):
            arrows.setdefault((state, target), []).append(on)
    lines = [f"    {name(state)}: {state.value}" for state in State]
    lines += [
        f"    {name(state)} --> {name(target)}: {', '.join(on.value.replace(': ', ', ') for on in signals)}"
        for (state, target), signals in arrows.items()
    ]
    lines += [f"    [*] --> {name(State.NEW)}", f"    {name(State.CLOSED)} --> [*]"]
    everywhere = ", ".join(
        f"*{on.value}* leads to *{target.value}*"
        for on in (On.LOGIN, On.SERVER_GONE, On.CLOSE)
        for target in {target for (_, signal), target in TRANSITIONS.items() if signal is on}
    )
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", "", f"From every open state: {everywhere}."])


def name(state: State) -> str:
    return state.name.lower()


def voice_close_codes() -> str:
    """The close codes and what is done about them."""
    rows = ["| code | meaning | reaction |", "| --- | --- | --- |"]
    rows += [f"| below 4000, or none | the transport was lost | {Reaction.RESUME.value} |"]
    rows += [f"| {code} | {EXPLANATIONS.get(code, '')} | {reaction.value} |" for code, reaction in REACTIONS.items()]
    return "\n".join([*rows, f"| any other | | {Reaction.FRESH.value} |"])


PARTS: dict[str, Callable[[], str]] = {
    "voice states": voice_states,
    "voice close codes": voice_close_codes,
}


def filled(text: str) -> str:
    """Return a document with its generated parts made anew. Raises `KeyError` for a part that nobody writes."""

    def fill(found: re.Match[str]) -> str:
        part = found[1]
        return f"<!-- generated: {part} -->\n{PARTS[part]()}\n<!-- end of {part} -->"

    return re.sub(r"<!-- generated: ([\w ]+) -->.*?<!-- end of \1 -->", fill, text, flags=re.DOTALL)


def main(arguments: list[str]) -> int:
    stale: list[Path] = []
    for path in sorted(FOLDER.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            stale.append(path)
            if "--check" not in arguments:
                path.write_text(after, encoding="utf-8")
    for path in stale:
        print(f"{path.name}: {'out of date' if '--check' in arguments else 'made anew'}")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
