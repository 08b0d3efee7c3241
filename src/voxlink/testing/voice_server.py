"""Discord's voice server on loopback: TLS websocket and UDP, with a listener's ear and a hand on the plug."""

from __future__ import annotations

import asyncio
import random
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiohttp import web

from voxlink.errors import CallNotSettled, UnknownMember
from voxlink.testing.certificate import LoopbackCertificate
from voxlink.testing.heard import Heard
from voxlink.testing.link_trouble import LinkTrouble
from voxlink.testing.simulated_member import SimulatedMember
from voxlink.testing.udp_socket import UdpSocket
from voxlink.testing.voice_backend import RESUMABLE_CODES, VoiceBackend
from voxlink.testing.voice_gateway import VoiceGateway
from voxlink.testing.voice_member import VoiceMember

if TYPE_CHECKING:
    from voxlink.voice.login import VoiceLogin

__all__ = ["ServerUpdate", "VoiceServer"]

SHUTDOWN_TIMEOUT_S = 2.0
MOVED_OR_KICKED = 4014


@dataclass(frozen=True, slots=True)
class ServerUpdate:
    """What Discord's main gateway would say in VOICE_SERVER_UPDATE (and, when moved, VOICE_STATE_UPDATE)."""

    guild_id: int
    user_id: int
    login: VoiceLogin | None
    """Where to connect now; None for a null endpoint: leave the server and wait for the next update."""


class VoiceServer:
    """A simulated Discord voice server on 127.0.0.1, for any voice client.

    Use it as `async with VoiceServer() as server`. Give a client the login that `admit` returns, let it trust
    `certificate`, and read what was heard of it from `listener`. Several members of one channel hear each other.

    Args:
        dave_version: Highest version of end-to-end encryption: 1, or 0 as in stage channels. A call speaks the
            highest that all its members can.
        requires_dave: Close a client that cannot encrypt with 4017, as Discord does outside of stage channels.
        heartbeat_interval_ms: What Hello orders; Discord says 13,750.
        open_every: Open 1 packet in so many; headers, nonces and times are checked on all. For benchmarks.
        first_sequence: Number of the first numbered message; near 65,535 shows how a client takes the wrap.
        resume_window_s: How long a disconnected session can be resumed.

    """

    def __init__(
        self,
        *,
        dave_version: int = 0,
        requires_dave: bool = False,
        heartbeat_interval_ms: int = 13_750,
        open_every: int = 1,
        first_sequence: int = 0,
        resume_window_s: float = 60.0,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="voxlink-voice-server-")
        self._certificate = LoopbackCertificate(Path(self._folder.name))
        self._udp = UdpSocket(self._datagram)
        self._backend = VoiceBackend(
            self._udp.send,
            dave_version=dave_version,
            requires_dave=requires_dave,
            heartbeat_interval_ms=heartbeat_interval_ms,
            open_every=open_every,
            first_sequence=first_sequence,
            resume_window_s=resume_window_s,
        )
        self.on_server_update: Callable[[ServerUpdate], None] | None = None
        """Called when a member is moved or its endpoint is null: a test's stand-in for the main gateway."""
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen on ephemeral ports of 127.0.0.1."""
        application = web.Application()
        application.router.add_get("/", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._certificate.server_context()).start()
        self._port = int(self._runner.addresses[0][1])
        self._udp.start()
        self._backend.media_port = self._udp.port

    async def close(self) -> None:
        """Cut all connections and stop listening; nothing is left running. Harmless when repeated."""
        self._backend.stop()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()
        self._udp.close()
        self._folder.cleanup()

    # Doors for clients

    @property
    def endpoint(self) -> str:
        """What VOICE_SERVER_UPDATE calls endpoint: `127.0.0.1:PORT`."""
        return f"127.0.0.1:{self._port}"

    @property
    def certificate(self) -> Path:
        """PEM file of the authority that a client has to trust; it is deleted by `close`."""
        return self._certificate.authority

    def ssl_context(self) -> ssl.SSLContext:
        """TLS settings for a client in this process."""
        return self._certificate.client_context()

    def admit(self, guild_id: int, user_id: int, channel_id: int, *, session_id: str | None = None) -> VoiceLogin:
        """Make a voice session, as Discord does when a bot joins or moves; return what its voice client needs.

        `session_id` keeps the id of a session at another server, as Discord does when a region changes.
        """
        from voxlink.voice.login import VoiceLogin

        member = self._backend.admit(guild_id, user_id, channel_id, session_id=session_id)
        return VoiceLogin(
            guild_id=guild_id,
            user_id=user_id,
            channel_id=channel_id,
            session_id=member.session_id,
            token=member.token,
            endpoint=self.endpoint,
        )

    def seat(self, guild_id: int, user_id: int, channel_id: int) -> SimulatedMember:
        """Put a person into a channel who hears and speaks, end-to-end encryption included, without any client."""
        return self._backend.seat(guild_id, user_id, channel_id)

    # What was heard

    def listener(self, guild_id: int, user_id: int) -> Heard:
        """Return what is heard of a user in a guild, over all of the user's sessions; asked for at any time."""
        return self._backend.heard(guild_id, user_id)

    def resumes(self, guild_id: int, user_id: int) -> int:
        """Return how often a member's newest session was resumed.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        return self._member(guild_id, user_id).resumes

    @property
    def strays(self) -> int:
        """Packets that belong to no session, for example of a sender that goes on after its session ended."""
        return self._backend.strays

    @property
    def kernel_drops(self) -> int:
        """Datagrams that the kernel dropped because this process was too busy to read them (Linux)."""
        return self._udp.kernel_drops

    # A hand on the plug

    async def close_session(self, guild_id: int, user_id: int, code: int, *, keeps_session: bool | None = None) -> None:
        """Close a member's websocket with a close code.

        `keeps_session` says whether it may resume afterwards; left out, codes below 4000, 4009, 4013 and 4015 keep it.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        if keeps_session is None:
            keeps_session = code < 4000 or code in RESUMABLE_CODES
        self._backend.close(self._member(guild_id, user_id), code, keeps_session=keeps_session)

    async def drop(self, guild_id: int, user_id: int) -> None:
        """Cut a member's TCP connection without a word; its session can be resumed.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        member = self._member(guild_id, user_id)
        if member.link is not None:
            member.link.abort()

    def announce_null_endpoint(self, guild_id: int, user_id: int) -> None:
        """Tell `on_server_update` that the member's voice server is gone and no other is known yet."""
        if self.on_server_update is not None:
            self.on_server_update(ServerUpdate(guild_id, user_id, None))

    async def move(
        self, guild_id: int, user_id: int, *, channel_id: int | None = None, to: VoiceServer | None = None
    ) -> VoiceLogin:
        """Move a member to another channel, another server or both; return its new login.

        `on_server_update` is told first; then the old session is closed with 4014 and cannot be resumed.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        member = self._member(guild_id, user_id)
        login = (to or self).admit(guild_id, user_id, member.channel_id if channel_id is None else channel_id)
        if self.on_server_update is not None:
            self.on_server_update(ServerUpdate(guild_id, user_id, login))
        self._backend.close(member, MOVED_OR_KICKED, keeps_session=False)
        return login

    def withhold_heartbeat_acks(self, *, withhold: bool = True) -> None:
        """Stop answering heartbeats, as a half-open connection does."""
        self._backend.withholds_heartbeat_acks = withhold

    def lose_discoveries(self, count: int) -> None:
        """Leave the next `count` IP discovery requests unanswered."""
        self._backend.discoveries_to_lose = count

    def stall(self, guild_id: int, user_id: int, *, stalled: bool = True) -> None:
        """Neither read from a member's websocket nor write to it, while it stays open.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        link = self._member(guild_id, user_id).link
        if link is not None:
            link.stall(stalled=stalled)

    def delay_messages(self, guild_id: int, user_id: int, op: int, delay_s: float) -> None:
        """Deliver an opcode late to one member, and everything after it behind it; 0 ends that.

        With op 29 this is the member that learns of each commit later than the others.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        self._member(guild_id, user_id).delays_s[op] = delay_s

    def send_garbage(self, guild_id: int, user_id: int, op: int, *, seed: int = 0) -> None:
        """Send a member a binary message (op 25, 27, 29 or 30) whose body means nothing.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        chance = random.Random(seed)
        self._member(guild_id, user_id).send_binary(op, chance.randbytes(chance.randint(0, 200)))

    def trouble_uplink(self, guild_id: int, user_id: int, trouble: LinkTrouble | None) -> None:
        """Make the way from a member to the others a bad one; `listener` still hears everything.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        self._member(guild_id, user_id).uplink_trouble = trouble

    def trouble_downlink(self, guild_id: int, user_id: int, trouble: LinkTrouble | None) -> None:
        """Make the way from the server to a member a bad one.

        Raises:
            UnknownMember: The user has not identified in that guild.

        """
        self._member(guild_id, user_id).downlink_trouble = trouble

    def downgrade(self, channel_id: int) -> None:
        """Take a call down to no end-to-end encryption, as for a member that cannot encrypt."""
        call = self._backend.call(channel_id)
        call.carry(call.dave.downgrade(asyncio.get_running_loop().time()))

    def upgrade(self, channel_id: int) -> None:
        """Take a call up to its highest version of end-to-end encryption, with a new group."""
        call = self._backend.call(channel_id)
        call.carry(call.dave.upgrade())

    def force_transition_timeouts(self, channel_id: int, *, force: bool = True) -> None:
        """Be deaf to op 23 in a channel: op 22 comes after two seconds only."""
        self._backend.call(channel_id).dave.ignores_ready = force

    async def wait_settled(self, channel_id: int, timeout_s: float) -> None:
        """Wait until a channel's members share one group, and no proposal and no transition is under way.

        Raises:
            CallNotSettled: `timeout_s` seconds passed before that.

        """
        call = self._backend.call(channel_id)
        try:
            async with asyncio.timeout(timeout_s):
                await call.wait_settled()
        except TimeoutError:
            raise CallNotSettled(channel_id, timeout_s) from None

    def report_reception(self) -> None:
        """Send every member an RTCP receiver report about what arrived of it."""
        self._backend.report_reception()

    def _member(self, guild_id: int, user_id: int) -> VoiceMember:
        member = self._backend.newest(guild_id, user_id)
        if member is None:
            raise UnknownMember(guild_id, user_id)
        return member

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await VoiceGateway(request, self._backend).serve()

    def _datagram(self, data: bytes, address: tuple[str, int], arrived_at: float) -> None:
        self._backend.datagram(data, address, arrived_at)
