"""The client: nodes, players, events, and the door for Discord's voice messages."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import logging
import os
import random
import ssl as ssl_module
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Generic, Self

import aiohttp

from voxlink._util.tasks import Tasks
from voxlink.client.arguments import as_store, checked_resume_timeout, checked_shards, checked_user_id, seconds_of
from voxlink.client.autoplay import AutoplayMode, AutoplayProvider
from voxlink.client.backoff import ReconnectPolicy
from voxlink.client.base_player import BasePlayer
from voxlink.client.budget import ErrorPolicy
from voxlink.client.deferred import Source
from voxlink.client.dispatch import Dispatcher, is_loop_running
from voxlink.client.edge import AiohttpEdge, Edge
from voxlink.client.embedded import EmbeddedNode, start_embedded
from voxlink.client.event_api import EventApi
from voxlink.client.events import PlayerErrorEvent
from voxlink.client.failover import Failover, FailoverPolicy, revive
from voxlink.client.inactivity import Inactivity, InactivityPolicy
from voxlink.client.keeper import Keeper
from voxlink.client.lanes import Lanes
from voxlink.client.moving_player import MovingPlayer
from voxlink.client.node import Node
from voxlink.client.node_manager import NodeManager
from voxlink.client.player import DefaultPlayer
from voxlink.client.player_manager import PlayerManager, PlayerT
from voxlink.client.plugins.namespace import plugin_events
from voxlink.client.presence import Presence
from voxlink.client.recorder import Recorder
from voxlink.client.recovery import Recovery, VoiceRecoveryPolicy
from voxlink.client.rest import RestOptions
from voxlink.client.search import Search, SearchPolicy, SearchSource
from voxlink.client.snapshot import PlayerSnapshot, apply_snapshot
from voxlink.client.stores import Store
from voxlink.client.strategies import LeastPenalty, NodeStrategy
from voxlink.client.voice import SERVER, VoiceInbox
from voxlink.client.voice_out import SendVoice
from voxlink.errors import BadType, BadValue
from voxlink.protocol import AudioTrack, LoadResult, LoadResultError, Severity

__all__ = ["Client"]

log = logging.getLogger("voxlink.client")


class Client(EventApi, Generic[PlayerT]):
    """Plays music through Lavalink nodes. Lavalink.py's `Client`, and more.

    The constructor does no work and needs no event loop. `async with Client(...)`, or `close()` at the end.

    `user_id` is the bot's; `player` the class of its players (to a type checker the client is a `Client[ThatClass]`);
    `regions` maps region keys to beginnings of Discord's voice endpoints; `connect_back` returns players to the node
    they were moved away from; `request_timeout` limits each REST request (10 s); `request_tracebacks` asks nodes for
    stack traces. Keyword-only: `session`, `connector`, `proxy`, `ssl_context` or a whole `edge` for the network;
    `store` (a `Store`, or the path of a SQLite file) keeps players over restarts; `resume_timeout_s` is how long nodes
    keep the session (0 turns resuming off); `send_voice` sends op 4 for `player.connect` (guild id and payload); `name`
    tells several clients of one bot apart in a store; `shard_ids` and `shard_count` are those of this process.
    """

    def __init__(
        self,
        user_id: int | str,
        player: type[PlayerT] = DefaultPlayer,  # type: ignore[assignment] - without one, players are of any class
        regions: Mapping[str, Iterable[str]] | None = None,
        connect_back: bool = False,
        request_timeout: aiohttp.ClientTimeout | float | None = None,
        request_tracebacks: bool = False,
        *,
        session: aiohttp.ClientSession | None = None,
        connector: aiohttp.BaseConnector | None = None,
        proxy: str | None = None,
        ssl_context: ssl_module.SSLContext | None = None,
        edge: Edge | None = None,
        store: Store | str | os.PathLike[str] | None = None,
        name: str = "voxlink",
        shard_ids: Collection[int] | None = None,
        shard_count: int = 1,
        resume_timeout_s: float = 60,
        adopt_unknown: bool = True,
        reconnect: ReconnectPolicy | None = None,
        failover: FailoverPolicy | None = None,
        strategy: NodeStrategy | None = None,
        errors: ErrorPolicy | None = None,
        voice_recovery: VoiceRecoveryPolicy | None = None,
        send_voice: SendVoice | None = None,
        autoplay: AutoplayProvider | AutoplayMode | None = None,
        inactivity: InactivityPolicy | None = None,
        search: SearchPolicy | None = None,
        max_queue_size: int | None = None,
        retries: int = 1,
        patience_s: float = 15.0,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.user_id: int = checked_user_id(user_id)
        self._user_id: str = str(self.user_id)
        self.name = name
        self.shard_count = shard_count
        self.shard_ids: Collection[int] = checked_shards(shard_ids, shard_count)
        self.request_tracebacks = request_tracebacks
        self.rest_options = RestOptions(seconds_of(request_timeout), retries)
        self.reconnect_policy = reconnect or ReconnectPolicy()
        self.resume_timeout_s = checked_resume_timeout(resume_timeout_s)
        self.adopt_unknown = adopt_unknown
        self.error_policy = errors or ErrorPolicy()
        self.strategy = strategy or LeastPenalty()
        self.send_voice = send_voice
        self.autoplay: AutoplayProvider | AutoplayMode | None = autoplay
        self.max_queue_size = max_queue_size
        self.default_loop = 0
        self.patience_s = patience_s
        self.wall = wall_clock
        self.edge: Edge = edge or AiohttpEdge(
            session=session, connector=connector, proxy=proxy, ssl_context=ssl_context
        )
        self.tasks = Tasks(log)
        self.actions = Lanes(self.tasks, "the player")
        self.dispatcher = Dispatcher(self.tasks)
        self.plugin_events = plugin_events()
        self.failover = Failover(self, failover or FailoverPolicy())
        self.recovery = Recovery(self, voice_recovery or VoiceRecoveryPolicy())
        presence = Presence(self, as_store(store))
        self.recorder = Recorder(self, presence)
        self.keeper = Keeper(self, presence, self.recorder)
        self._presence = presence
        self._inactivity = Inactivity(self, inactivity) if inactivity is not None else None
        self.node_manager = NodeManager(self, regions, connect_back)
        self.player_manager: PlayerManager[PlayerT] = PlayerManager(self, player)
        self.sources = _Sources()
        self._search = Search(self, search or SearchPolicy())
        self._inbox = VoiceInbox(self.user_id)
        self._unconnected: list[Node] = []
        self._embedded: list[EmbeddedNode] = []
        self._is_closed = False

    @property
    def _session(self) -> Any:
        """The aiohttp session in use, under the name that Lavalink.py's users touch; the public twin is `session=`."""
        return getattr(self.edge, "session", None)

    # Life

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def start(self) -> None:
        """Connect the nodes that were added before an event loop ran. The first call of a coroutine does it too."""
        nodes, self._unconnected = self._unconnected, []
        for node in nodes:
            self.tasks.spawn(self._connect(node), f"connect-{node.name}")

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def is_running(self) -> bool:
        """Whether the caller is inside an event loop."""
        return is_loop_running()

    @property
    def scope(self) -> str:
        """Under which name this client keeps things in a store."""
        return f"{self.user_id}:{self.name}"

    @property
    def session_scope(self) -> str:
        """The same for sessions: the processes of a cluster share their players, and each has a session of its own."""
        return f"{self.scope}:{min(self.shard_ids, default=0)}"

    def now(self) -> float:
        """Seconds of the running loop's clock, which is the monotonic one."""
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return time.monotonic()

    async def close(self) -> None:
        """Close all connections, write the store, stop the embedded nodes and every task. May be called twice.

        Players go on playing on their nodes for the resume timeout, so that the next process can take them over.
        """
        if self._is_closed:
            return
        await self.recorder.flush()
        self._is_closed = True
        self.failover.close()
        if self._inactivity is not None:
            self._inactivity.close()
        for node in list(self.node_manager.nodes):
            await node.destroy()
        for embedded in self._embedded:
            await embedded.close()
        self.keeper.stop()
        await self.recorder.close()
        await self.dispatcher.drained()
        await self._presence.close()
        for player in list(self.player_manager.players.values()):
            player._release()
        await self.tasks.close()
        await self.edge.close()

    def connect_soon(self, node: Node) -> None:
        """Connect a node now, or as soon as an event loop runs."""
        if is_loop_running():
            self.tasks.spawn(self._connect(node), f"connect-{node.name}")
        else:
            self._unconnected.append(node)

    async def _connect(self, node: Node) -> None:
        if node.session_id is None:
            node.use_session(await self.keeper.stored_session(node))
        if not self._is_closed:
            await node.connect()

    def spawn_if_running(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Do `work` in the background; outside an event loop, or after `close`, not at all."""
        if is_loop_running() and not self._is_closed:
            self.tasks.spawn(work, name)
        else:
            work.close()

    # Nodes

    @property
    def nodes(self) -> list[Node]:
        """All nodes."""
        return self.node_manager.nodes

    @property
    def players(self) -> dict[int, PlayerT]:
        """All players, by guild id."""
        return self.player_manager.players

    def set_request_tracebacks(self, enabled: bool) -> None:
        """Ask all nodes for stack traces with every request."""
        self.request_tracebacks = enabled
        for node in self.nodes:
            node.set_request_tracebacks(enabled)

    def add_node(
        self,
        host: str,
        port: int,
        password: str,
        region: str,
        name: str | None = None,
        ssl: bool = False,
        session_id: str | None = None,
        connect: bool = True,
        tags: Mapping[str, Any] | None = None,
    ) -> Node:
        """Add a node; see `NodeManager.add_node`."""
        return self.node_manager.add_node(host, port, password, region, name, ssl, session_id, connect, tags)

    def add_node_uri(self, uri: str, *, connect: bool = True, tags: Mapping[str, Any] | None = None) -> Node:
        """Add a node by `lavalink://:password@host:port/prefix?region=eu&name=main&ssl=1`."""
        return self.node_manager.add_node_uri(uri, connect=connect, tags=tags)

    async def start_embedded_node(
        self,
        *,
        config: str | os.PathLike[str] | None = None,
        local_files: bool = False,
        name: str = "embedded",
        region: str = "embedded",
    ) -> Node:
        """Start a node as a child process and add it; returns when it is ready to play.

        It listens on a port of its own on this machine only, with a random password, and reads no `application.yml`
        unless `config` names one. `local_files` lets it play files. If it dies it is started again and its players are
        restored; it ends with the client. Raises `EmbeddedNodeError` when it does not come up.
        """
        embedded = await start_embedded(self, config=config, local_files=local_files, name=name, region=region)
        self._embedded.append(embedded)
        return embedded.node

    async def remove_node(self, node: Node, players: str = "migrate") -> None:
        """Remove a node and wait for it. `players` says what happens to its players: `migrate`, `destroy` or `keep`.

        `keep` leaves them on the node that is gone, where they play on for the resume timeout. Raises ValueError for a
        node that is not ours, and `ClientError` if players could not be moved; then the node is still here.
        """
        if node not in self.nodes:
            raise BadValue(f"{node.name} is not a node of this client")
        if players == "destroy":
            for guild_id in list(node.roster):
                await self.player_manager.destroy_because(guild_id, "node_removed")
        elif players == "migrate":
            was_draining, node.is_draining = node.is_draining, True
            try:
                await self.failover.drain(node, None)
            except BaseException:
                node.is_draining = was_draining  # it stays, and must take players again
                raise
        elif players == "keep":
            node.keeps_players = True
        else:
            raise BadValue(f"players must be migrate, destroy or keep, not {players!r}")
        self.node_manager.discard(node)
        await node.destroy()

    async def restore(self, snapshot: PlayerSnapshot, node: Node | None = None) -> Any:
        """Make a player of a snapshot and let it go on where it was, on `node` or the best one.

        Raises ValueError if the guild has a player already, and what the node raises; then there is no player.
        """
        if snapshot.guild_id in self.players:
            raise BadValue(f"guild {snapshot.guild_id} has a player already")
        player = self.player_manager.create(snapshot.guild_id, node=node)
        try:
            if isinstance(player, MovingPlayer):
                apply_snapshot(player, snapshot, self.wall(), plays_on=False)
            await revive(player)
        except BaseException:
            self.player_manager.remove(snapshot.guild_id)
            raise
        await self.keeper.settled(player)
        return player

    # Tracks

    def register_source(self, source: Source) -> None:
        """Add a source of the bot's own; sources are asked in the order in which they were added. Raises TypeError."""
        if not isinstance(source, Source):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise BadType(f"a source inherits from Source; {source!r} does not")
        self.sources.add(source)

    def get_source(self, source_name: str) -> Source | None:
        """A registered source by its name."""
        return next((source for source in self.sources if source.name == source_name), None)

    async def get_local_tracks(self, query: str) -> LoadResult:
        """Ask the registered sources; an empty result if none knows the query. What a source raises is raised here."""
        for source in list(self.sources):
            found = await source.load_item(self, query)
            if found is not None:
                return found
        return LoadResult.empty()

    async def get_tracks(self, query: str, node: Node | None = None, check_local: bool = False) -> LoadResult:
        """What `query` finds: a URL, or a search such as `ytsearch:words`.

        `node` is asked, or any ready one. With `check_local` the registered sources come first and the first result
        wins; a source that raises gives a result of type `ERROR`.
        """
        if check_local:
            for source in list(self.sources):
                try:
                    found = await source.load_item(self, query)
                except Exception as error:
                    log.exception("Source %s raised while it looked for %r", source.name, query)
                    words = "Something went wrong when looking up the track"
                    return LoadResult.from_error(LoadResultError.create(words, Severity.FAULT, repr(error)))
                if found is not None:
                    return found
        return await (node or self._any_node()).get_tracks(query)

    async def search(
        self,
        text: str,
        *,
        source: SearchSource | str = SearchSource.YOUTUBE,
        fallback: Sequence[SearchSource | str] = (),
        node: Node | None = None,
    ) -> LoadResult:
        """What words or a URL find: in `source`, then in each of `fallback` until one finds something.

        Results are kept for a while (`SearchPolicy`); the same question at the same time is asked once; a node that
        fails is replaced by the next. Raises ValueError for nothing and for links that the policy excludes.
        """
        return await self._search.find(text, source, fallback, node)

    async def decode_track(self, track: str, node: Node | None = None) -> AudioTrack:
        """Decode a base64 text on a node."""
        return await (node or self._any_node()).decode_track(track)

    async def decode_tracks(self, tracks: Sequence[str], node: Node | None = None) -> list[AudioTrack]:
        """Decode base64 texts on a node."""
        return await (node or self._any_node()).decode_tracks(tracks)

    def _any_node(self) -> Node:
        """A random ready node, else a random one at all. Raises `ClientError`."""
        self.start()
        nodes = self.node_manager.ready_nodes or self.node_manager.available_nodes or self.node_manager.nodes
        if not nodes:
            raise self.node_manager.nothing_available()
        return random.choice(nodes)

    # Voice

    def note_listeners(self, player: BasePlayer) -> None:
        """The number of a player's listeners changed."""
        if self._inactivity is not None and self.is_running:
            self._inactivity.look(player)

    async def voice_update_handler(self, data: Mapping[str, Any] | None) -> None:
        """Take a raw gateway payload (`{"t": …, "d": {…}}`) of any Discord library; all but the two voice ones are
        ignored.

        Ids may be numbers or texts. What comes before the player is created waits for it, 30 s long. Returns when the
        node has been told; never raises: an error becomes a `PlayerErrorEvent`.
        """
        found = self._inbox.read(data)
        if found is None:
            return
        if self._unconnected:
            self.start()
        guild_id, kind, message = found
        player = self.players.get(guild_id)
        if player is None:
            self._inbox.keep(guild_id, kind, message, self.now())
        else:
            await self._give_voice(player, kind, message)

    def feed_voice(self, player: BasePlayer) -> None:
        """Give a new player the voice messages that came before it."""
        messages = self._inbox.take(player.guild_id, self.now())

        async def feed() -> None:
            for kind, message in messages:
                await self._give_voice(player, kind, message)

        if messages:
            self.spawn_if_running(feed(), f"voice-{player.guild_id}")

    async def _give_voice(self, player: BasePlayer, kind: str, message: Mapping[str, Any]) -> None:
        try:
            if kind == SERVER:
                await player._voice_server_update(message)
            else:
                await player._voice_state_update(message)
        except Exception as error:
            log.exception("A voice message of guild %d could not be handled", player.guild_id)
            self.publish(PlayerErrorEvent(player, error))

    def __repr__(self) -> str:
        return f"<Client user_id={self.user_id} nodes={len(self.nodes)} players={len(self.players)}>"


class _Sources(dict[Source, None]):
    """The registered sources: a set that keeps the order in which they came."""

    def add(self, source: Source) -> None:
        self.setdefault(source)

    def discard(self, source: Source) -> None:
        self.pop(source, None)

    def remove(self, source: Source) -> None:
        del self[source]
