"""The progress bar of a song that plays: title, position, packets and jitter, drawn on stderr."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from voxlink.audio import FRAME_MS
from voxlink.cli.play_report import clock

if TYPE_CHECKING:
    from voxlink.testing import Heard


@contextmanager
def progress_bar(title: str, asked_ms: int) -> Generator[Callable[[Heard], None]]:
    """Show a bar for the length of the block; call what it gives with what was heard so far."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[place]}"),
        TextColumn("{task.fields[packets]} packets"),
        TextColumn("jitter {task.fields[jitter]}"),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=10) as progress:
        task = progress.add_task(escape(title), total=asked_ms, place=clock(0), packets=0, jitter="-")

        def draw(heard: Heard) -> None:
            place_ms = len(heard.music_frames) * FRAME_MS
            progress.update(
                task,
                completed=place_ms,
                place=f"{clock(place_ms)} / {clock(asked_ms)}",
                packets=heard.packets,
                jitter=f"{heard.pacing().jitter_ms:.2f} ms",
            )

        yield draw
