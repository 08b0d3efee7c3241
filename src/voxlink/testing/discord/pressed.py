"""What a user sees after a press: the answer, its follow-ups, the choices of an autocomplete."""

from __future__ import annotations

from collections.abc import Callable

from voxlink.testing.discord.interactions import Interaction
from voxlink.testing.discord.state import Json, Message
from voxlink.testing.discord.waiting import Changes

__all__ = ["Pressed"]

TIMEOUT_S = 10.0


class Pressed:
    """One press of a command or a button, seen by the user who pressed."""

    def __init__(self, interaction: Interaction, changes: Changes) -> None:
        self.interaction = interaction
        self._changes = changes

    @property
    def messages(self) -> list[Message]:
        """The answer and its follow-ups that can be read now, oldest first."""
        return [m for m in self.interaction.messages if not m.is_thinking and not m.is_deleted]

    async def shown(self, wanted: str | Callable[[Message], bool] = "", *, timeout_s: float = TIMEOUT_S) -> Message:
        """Wait for a message of the answer; `wanted` is a text in it (any case), or a question.

        A deferred answer counts once it is filled in. Raises `NeverHappened`.
        """
        asks = wanted if callable(wanted) else text_in(wanted)

        def look() -> Message | None:
            return next((message for message in self.messages if asks(message)), None)

        seen = f"an answer to {self.interaction.name} that shows {wanted!r}"
        return await self._changes.until(
            look, seen, timeout_s=timeout_s, instead=lambda: [message.text for message in self.messages]
        )

    async def acknowledged(self, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until the bot has answered at all, be it with "is thinking". Raises `NeverHappened`."""
        await self._changes.until(
            lambda: self.interaction.acknowledged_with, f"an answer to {self.interaction.name}", timeout_s=timeout_s
        )

    async def choices(self, *, timeout_s: float = TIMEOUT_S) -> list[Json]:
        """Wait for the choices of an autocomplete. Raises `NeverHappened`."""
        return await self._changes.until(
            lambda: self.interaction.choices, f"choices for {self.interaction.name}", timeout_s=timeout_s
        )


def text_in(wanted: str) -> Callable[[Message], bool]:
    """Whether a message shows a text, in any case."""
    return lambda message: wanted.lower() in message.text.lower()
