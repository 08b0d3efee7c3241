"""Sessions: a client's players and messages, which may outlive its WebSocket for a while (server.md 3)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import string
from collections.abc import Callable, Iterator
from typing import Protocol

from voxlink._util.tasks import Tasks
from voxlink.errors import RequestRefused
from voxlink.nodeserver.outbox import Outbox
from voxlink.playback import Engine, PlayerHandle
from voxlink.protocol import Message, PlayerUpdate, StatsMessage, encode

log = logging.getLogger("voxlink.nodeserver")

ID_LENGTH = 16
ID_ALPHABET = string.ascii_lowercase + string.digits
DEFAULT_TIMEOUT_S = 60
DESTROY_WITHIN_S = 10
"""How long the players of one session may take to say goodbye."""


class Link(Protocol):
    """The socket that a session talks through."""

    def wake(self) -> None:
        """The outbox has something new."""

    def stop(self, code: int, reason: str) -> None:
        """Close the socket with this code, soon; nothing more is sent."""


class Session:
    """One client's session. It is `connected` while it has a link, and may be resumed while it has none."""

    def __init__(self, session_id: str, user_id: int, client_name: str, engine: Engine) -> None:
        self.id = session_id
        self.user_id = user_id
        self.client_name = client_name
        self.resuming = False
        self.timeout_s = DEFAULT_TIMEOUT_S
        self.outbox = Outbox()
        self.link: Link | None = None
        self.claimed = False
        """A handshake is resuming this session right now."""
        self.is_closed = False
        self._given_up: Link | None = None
        self._told_of_loss = False
        self._engine = engine
        self._players: dict[int, PlayerHandle] = {}
        self._creating = asyncio.Lock()
        self._leaving: dict[int, asyncio.Future[None]] = {}

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "connected" if self.link else "away"
        return f"<Session {self.id} {state} user={self.user_id} players={len(self._players)}>"

    @property
    def players(self) -> list[PlayerHandle]:
        """The session's players, in the order of their creation."""
        return list(self._players.values())

    def find_player(self, guild_id: int) -> PlayerHandle | None:
        """Return the player of a guild, if there is one."""
        return self._players.get(guild_id)

    async def player(self, guild_id: int) -> PlayerHandle:
        """Return the player of a guild; it is created if there is none. Two callers get the same one.

        A player that is just being destroyed leaves first: Discord knows one voice connection in a guild.
        """
        if (leaving := self._leaving.get(guild_id)) is not None:
            await asyncio.wait({leaving})
        async with self._creating:
            player = self._players.get(guild_id)
            if player is None:
                player = await self._engine.create_player(guild_id=guild_id, user_id=self.user_id, on_message=self.send)
                if self.is_closed:
                    await player.destroy()
                    raise RequestRefused(404, "Session not found")
                self._players[guild_id] = player
            return player

    async def destroy_player(self, guild_id: int) -> None:
        """Destroy the player of a guild; nothing happens if there is none. Cancelling does not stop it half-way."""
        async with self._creating:
            player = self._players.pop(guild_id, None)
            if player is None:
                return
            leaving = asyncio.ensure_future(player.destroy())
            self._leaving[guild_id] = leaving
            leaving.add_done_callback(lambda _: self._leaving.pop(guild_id, None))
        await asyncio.shield(leaving)

    def send(self, message: Message) -> None:
        """Tell the client something. While it is away events are kept and updates are not (server.md 3)."""
        match message:
            case PlayerUpdate(guild_id=guild_id):
                if self.link is None:
                    return
                replaces = f"player {guild_id}"
            case StatsMessage():
                replaces = "stats"
            case _:
                replaces = None
        self._put(message, replaces)

    def attach(self, link: Link) -> int:
        """Talk through this socket from now on; return how many messages waited for it.

        Behind them comes one update for each player, as after a resume (server.md 3). An older socket of the session
        is closed, and what it perhaps never delivered waits again.
        """
        displaced, self.link, self.claimed = self.link, link, False
        if displaced is not None:
            log.info("session %s is taken over by a newer connection", self.id)
            displaced.stop(1000, "the session was resumed by a newer connection")
            self.outbox.forget_superseded("player ")
            self.outbox.lost()
        waiting = len(self.outbox)
        for player in self._players.values():
            snapshot = player.snapshot()
            self.send(PlayerUpdate(guild_id=snapshot.guild_id, state=snapshot.state))
        return waiting

    def detach(self, link: Link, *, delivered: bool) -> bool:
        """Lose this socket; tell whether it was the session's. `delivered`: the client closed it in good order."""
        if self.link is not link:
            return False
        self.link = None
        self.outbox.forget_superseded("player ")
        if delivered:
            self.outbox.delivered()
        else:
            self.outbox.lost()
        return True

    async def destroy(self) -> None:
        """Destroy all players; the session takes no more. Returns within a time limit, whatever a player does."""
        self.is_closed = True
        async with self._creating:
            players, self._players = self._players, {}
        tasks = [*self._leaving.values(), *(asyncio.ensure_future(player.destroy()) for player in players.values())]
        if not tasks:
            return
        log.info("session %s ends with %d players", self.id, len(players))
        done, late = await asyncio.wait(tasks, timeout=DESTROY_WITHIN_S)
        for task in late:
            task.cancel()
        for task in done:
            if (error := task.exception()) is not None:
                log.error("a player of session %s could not be destroyed", self.id, exc_info=error)

    def _put(self, message: Message, replaces: str | None) -> None:
        self.outbox.put(encode(message).decode(errors="surrogatepass"), replaces=replaces)
        if self.outbox.overflowed:
            self._overflowed()
        elif self.link is not None:
            self.link.wake()

    def _overflowed(self) -> None:
        """Give up a socket that is not being read; while the client is away the oldest events had to go. Said once."""
        self.outbox.overflowed = False
        if self.link is not None and self.link is not self._given_up:
            self._given_up = self.link
            log.warning("session %s: %s does not read its socket; closing it", self.id, self.client_name)
            self.link.stop(1008, "too slow: messages are not being read")
        elif self.link is None and not self._told_of_loss:
            self._told_of_loss = True
            log.warning("session %s: too many events while %s is away; dropping the oldest", self.id, self.client_name)


class Sessions:
    """All sessions of a node, connected and resumable. Time passes in the running loop.

    `stats_of` makes the message that each session is sent when it opens and every `stats_every_s` from then on.
    """

    def __init__(self, engine: Engine, stats_of: Callable[[Session], StatsMessage], stats_every_s: float) -> None:
        self._engine = engine
        self._stats_of = stats_of
        self._stats_every_s = stats_every_s
        self._sessions: dict[str, Session] = {}
        self._expiries: dict[str, asyncio.Task[None]] = {}
        self._reporters: dict[str, asyncio.Task[None]] = {}
        self._tasks = Tasks(log)
        self._endings: set[asyncio.Task[None]] = set()
        self._closing = False

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def find(self, session_id: str) -> Session:
        """Return a session, connected or resumable; raise RequestRefused (404) if there is none."""
        session = self._sessions.get(session_id)
        if session is None:
            raise RequestRefused(404, "Session not found")
        return session

    def claim(self, session_id: str, user_id: int) -> Session | None:
        """Take hold of a session that a handshake wants to resume, or return None.

        A session whose client is away may be resumed by anybody with the password, as in Lavalink. One whose socket
        still looks open (a half-open connection) may be taken over by its own user, if resuming is on.
        """
        session = self._sessions.get(session_id)
        if session is None or session.claimed:
            return None
        if session.link is not None and not (session.resuming and session.user_id == user_id):
            return None
        session.claimed = True
        self._stop_expiry(session)
        return session

    def unclaim(self, session: Session) -> None:
        """Let go of a claimed session: the handshake was not completed."""
        session.claimed = False
        if session.link is None:
            self._start_expiry(session)

    def open(self, user_id: int, client_name: str) -> Session:
        """Make a new session."""
        session = Session(self._new_id(), user_id, client_name, self._engine)
        self._sessions[session.id] = session
        self._reporters[session.id] = self._tasks.spawn(self._report(session), f"session-{session.id}-stats")
        return session

    async def leave(self, session: Session, link: Link, *, delivered: bool) -> None:
        """A session's socket is gone: keep it for a while if its client asked for that, else end it."""
        if not session.detach(link, delivered=delivered) or session.claimed or session.id not in self._sessions:
            return
        if session.resuming and not self._closing:
            log.info("session %s can be resumed within the next %d seconds", session.id, session.timeout_s)
            self._start_expiry(session)
        else:
            await asyncio.shield(self._end(session))

    async def close(self) -> None:
        """Close every socket with 1001 and destroy every player."""
        self._closing = True
        for session in self:
            if session.link is not None:
                session.link.stop(1001, "the node is shutting down")
        await self._tasks.close()
        for session in self:
            self._end(session)
        await asyncio.gather(*self._endings)

    def _end(self, session: Session) -> asyncio.Task[None]:
        """Forget a session at once and destroy it; nothing cancels that, and `close` waits for it."""
        self._sessions.pop(session.id, None)
        self._stop_expiry(session)
        self._reporters.pop(session.id).cancel()
        ending = asyncio.ensure_future(session.destroy())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        return ending

    def _start_expiry(self, session: Session) -> None:
        self._expiries[session.id] = self._tasks.spawn(self._expire(session), f"session-{session.id}-expiry")

    def _stop_expiry(self, session: Session) -> None:
        expiry = self._expiries.pop(session.id, None)
        if expiry is not None and expiry is not asyncio.current_task():
            expiry.cancel()

    async def _report(self, session: Session) -> None:
        while True:
            session.send(self._stats_of(session))
            await asyncio.sleep(self._stats_every_s)

    async def _expire(self, session: Session) -> None:
        await asyncio.sleep(max(session.timeout_s, 0))
        log.info("session %s was not resumed in time", session.id)
        self._end(session)

    def _new_id(self) -> str:
        while True:
            session_id = "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))
            if session_id not in self._sessions:
                return session_id
