"""Who is in the call, and who sends with which ssrc (ops 5, 11, 12, 13)."""

from __future__ import annotations

from voxlink.voice import gateway_message as words


class Roster:
    """The members of one voice session as the gateway names them; ourselves are not among them."""

    def __init__(self) -> None:
        self.users: set[int] = set()
        """Users that the server announced and did not take back."""
        self._user_of: dict[int, int] = {}

    def receive(self, message: words.RosterMessage) -> int | None:
        """Take a message; return the user that left with it, if one did."""
        match message:
            case words.ClientsConnect(user_ids=user_ids):
                self.users.update(user_ids)
            case words.Speaking(user_id=user_id, ssrc=ssrc):
                self._map(user_id, ssrc)
            case words.Video(user_id=user_id, audio_ssrc=ssrc):
                self._map(user_id, ssrc)
            case words.ClientDisconnect(user_id=user_id):
                self.users.discard(user_id)
                self._user_of = {ssrc: user for ssrc, user in self._user_of.items() if user != user_id}
                return user_id
        return None

    def user_of(self, ssrc: int) -> int | None:
        """Return who sends with an ssrc, None if nobody said so yet."""
        return self._user_of.get(ssrc)

    def clear(self) -> None:
        """Forget everybody: another session begins."""
        self.users.clear()
        self._user_of.clear()

    def _map(self, user_id: int, ssrc: int) -> None:
        self.users.add(user_id)
        if ssrc:
            self._user_of = {known: user for known, user in self._user_of.items() if user != user_id}
            self._user_of[ssrc] = user_id
