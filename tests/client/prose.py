"""Reads the prose of Lavalink.py's API document: every sentence, with the place where it stands."""

from __future__ import annotations

import re

from client import api_text

LABELS = {"Type:", "Return type:", "Parameters:", "Raises:", "Returns:", "Example", "Example:", "Note", "Warning",
          "len(x):", "iter(x):"}  # fmt: skip
"""Lines that say what the next paragraph is."""
TYPE = re.compile(r"[\w.]+(\[.*\])?")
BULLET = re.compile(r"• (?:\*{0,2}\w+ \([^–]*\) –)?\s*")
SOLE_PARAMETER = re.compile(r"\*{0,2}\w+ \([^–]*\) –\s*")
SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z“])")


class Reader:
    """Takes the document line by line; `found` has each sentence once, with its first place.

    All that is no signature, name, type or label is prose, so that nothing can be missed: the code of examples and
    headings come out too.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._names = {name for kind in api_text.read()[0] for name in kind.attributes}
        self._paragraph: list[str] = []
        self._place = ("", "")
        self._label = ""

    def take(self, line: str) -> None:
        if line in LABELS:
            self.close()
            self._label = line
        elif (place := self._place_of(line)) is not None:
            self.close()
            self._place, self._label = place, ""
        elif not line or api_text.MEMBER.match(line):
            self.close()
        else:
            self._paragraph.append(line)

    def _place_of(self, line: str) -> tuple[str, str] | None:
        """Class and member that begin with this line; None if it begins none."""
        for pattern in (api_text.CLASS, api_text.ENUM, api_text.FUNCTION):
            if match := pattern.match(line):
                return match[1], ""
        if match := api_text.PROPERTY.match(line):
            return self._place[0], match[1]
        if match := api_text.METHOD.match(line):
            return self._place[0], match[2]
        if line in self._names and not self._paragraph and not self._is_type_next:
            return self._place[0], line
        return None

    @property
    def _is_type_next(self) -> bool:
        return self._label in ("Type:", "Return type:")

    def close(self) -> None:
        """The paragraph is over."""
        text = BULLET.sub("", " ".join(self._paragraph), count=1)
        self._paragraph.clear()
        if not text:
            return
        if self._is_type_next:
            self._label = ""
            if TYPE.fullmatch(text):
                return
        if self._label == "Parameters:":
            text = SOLE_PARAMETER.sub("", text, count=1)
        if self._label == "Raises:":
            text = f"Raises {text}"
        for sentence in filter(None, SENTENCE_END.split(text)):
            self.found.setdefault(sentence, " ".join(self._place).strip())


def sentences() -> dict[str, str]:
    """Every sentence of the document once, with class and member where it stands first."""
    reader = Reader()
    for line in api_text.DOCUMENT.read_text(encoding="utf-8").splitlines():
        reader.take(line.strip())
    reader.close()
    return reader.found
