"""The transmitter's process: a plain loop around `desk`. Started by `process`, with the word for its end of the pipe.

It never runs an event loop and never logs; what it has to say goes through the pipe, a crash to stderr.
"""

from __future__ import annotations

import array
import gc
import os
import select
import signal
import socket
import sys
import time
from collections import deque

from voxlink._util.framing import Splitter
from voxlink._util.piped_child import HAS_UNIX_SOCKETS, pipe_of_parent
from voxlink.errors import InvalidPipeMessage
from voxlink.voice.transmitter.core import SLOT_S
from voxlink.voice.transmitter.desk import Desk
from voxlink.voice.transmitter.pipe import (
    MAX_MESSAGE_BYTES,
    PIPE_VERSION,
    CloseStream,
    Hello,
    OpenStream,
    QueueFrames,
    ToEngine,
    add,
    parse_to_transmitter,
)
from voxlink.voice.transmitter.shared_socket import from_share

RECEIVE_BYTES = 1 << 17
READ_EVERY_S = 0.002
"""How often the pipe is looked at while streams are sending."""
READS_AT_ONCE = 8
READ_AHEAD_S = 0.001
"""The pipe is looked at so long before a deadline, so that what it holds makes no packet late."""
REPORT_EVERY_S = SLOT_S / 4
ANCILLARY_BYTES = socket.CMSG_SPACE(64 * 4) if HAS_UNIX_SOCKETS else 0
IDLE_REPORT_S = 1.0
MAX_UNSENT_BYTES = 4 << 20
"""An engine that leaves so many bytes of reports unread is gone or hangs; the transmitter ends then."""
REALTIME_PRIORITY = 10
REALTIME_LIMIT_US = 200_000
"""RLIMIT_RTTIME: a loop that runs so long without sleeping is broken and must not take the machine with it."""
NICENESS = -10
HIGH_PRIORITY_CLASS = 0x80
"""Of Windows."""
REALTIME = "realtime"
"""The second argument, if real-time scheduling is to be asked for."""
BUSY_LIMIT_S = 0.1
"""An overloaded loop rests for a moment after so long, well below `REALTIME_LIMIT_US`."""


class EngineGone(Exception):
    """The other end of the pipe is closed: time to leave."""


class Pipe:
    """The child's end of the socket pair; never blocks."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._splitter = Splitter(MAX_MESSAGE_BYTES)
        self._buffer = bytearray(RECEIVE_BYTES)
        self._view = memoryview(self._buffer)
        self._unsent = bytearray()
        self._has_descriptors = HAS_UNIX_SOCKETS and sock.family == socket.AF_UNIX
        self._sockets: deque[socket.socket] = deque()
        self.may_hold_more = False
        """Whether the last read filled the buffer, or was cut short by the system behind a socket."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._sock.fileno()

    def read(self) -> list[memoryview]:
        """Return the messages that have arrived, to be parsed before the next read.

        Raises `EngineGone` at the end of the stream.
        """
        self.may_hold_more = False
        try:
            size = self._receive() if self._has_descriptors else self._sock.recv_into(self._buffer)
        except BlockingIOError:
            return []
        except OSError:
            raise EngineGone from None
        if not size:
            raise EngineGone
        self.may_hold_more |= size == RECEIVE_BYTES
        return self._splitter.feed(self._view[:size])

    def _receive(self) -> int:
        """Read bytes, and the sockets that travel beside them."""
        size, ancillary, _, _ = self._sock.recvmsg_into([self._buffer], ANCILLARY_BYTES)
        self.may_hold_more = bool(ancillary)
        for _, kind, payload in ancillary:
            if kind == socket.SCM_RIGHTS:
                numbers = array.array("i", payload[: len(payload) // 4 * 4])
                self._sockets.extend(socket.socket(fileno=number) for number in numbers)
        return size

    def socket_of(self, message: OpenStream) -> socket.socket:
        """Return the socket that came with a message, in it or beside it; those beside arrive in the same order."""
        if message.shared:
            return from_share(message.shared)
        if not self._sockets:
            raise InvalidPipeMessage("OpenStream without a socket")
        return self._sockets.popleft()

    def write(self, message: ToEngine) -> None:
        """Send a message, or as much as fits now. Raises `EngineGone`."""
        add(self._unsent, message)
        self.flush()

    def flush(self) -> None:
        """Send what is left over from earlier."""
        try:
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > MAX_UNSENT_BYTES:
                raise EngineGone from None
        except OSError:
            raise EngineGone from None


def main() -> None:
    """Serve one engine until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the engine, which then closes the pipe
    pipe = Pipe(pipe_of_parent(sys.argv[1]))
    pipe.write(Hello(PIPE_VERSION, raise_priority(realtime=sys.argv[2] == REALTIME)))
    gc.collect()
    gc.freeze()
    gc.disable()  # nothing here makes reference cycles, and a collection would be a late packet
    try:
        serve(pipe)
    except EngineGone:
        return


def serve(pipe: Pipe) -> None:
    """Run the grid. Raises `EngineGone` when the pipe ends."""
    clock = time.perf_counter
    desk = Desk(clock())
    sockets: dict[int, socket.socket] = {}
    rested_at = read_at = report_at = alive_at = clock()
    while True:
        due = desk.pacer.next_due()
        rested_at = rest(pipe, due and due - READ_AHEAD_S, rested_at)
        now = clock()
        if due is None or now >= read_at:
            read_at = now + READ_EVERY_S
            read_all(desk, pipe, sockets)
            due = desk.pacer.next_due()
            now = clock()
        if due is not None and 0 < due - now <= READ_AHEAD_S:
            time.sleep(due - now)
            rested_at = now = clock()
        while (due := desk.pacer.next_due()) is not None and due <= now:
            desk.run_due(now)
            now = clock()
        if now >= report_at:
            report_at = max(report_at + REPORT_EVERY_S, now)
            report = desk.report(now)
            if report.sent or report.states or now >= alive_at:
                alive_at = now + IDLE_REPORT_S
                pipe.write(report)


def rest(pipe: Pipe, due: float | None, rested_at: float) -> float:
    """Sleep until the next deadline, without one until a message comes; return when the loop last rested."""
    now = time.perf_counter()
    if due is None:
        select.select([pipe], [], [], IDLE_REPORT_S)
    elif due > now:
        time.sleep(due - now)
    elif now - rested_at > BUSY_LIMIT_S:
        time.sleep(0.001)
    else:
        return rested_at
    return now


def read_all(desk: Desk, pipe: Pipe, sockets: dict[int, socket.socket]) -> None:
    """Obey what has come, up to a limit, so that a flood of messages does not hold up packets."""
    for _ in range(READS_AT_ONCE):
        for body in pipe.read():
            obey(desk, pipe, sockets, body, time.perf_counter())
        if not pipe.may_hold_more:
            return


def obey(desk: Desk, pipe: Pipe, sockets: dict[int, socket.socket], body: memoryview, now: float) -> None:
    """Apply one message; sockets are opened and closed here."""
    message = parse_to_transmitter(body)
    match message:
        case QueueFrames():  # nearly all messages are these
            desk.apply(message)
        case Hello(version=version):
            if version != PIPE_VERSION:
                raise InvalidPipeMessage(f"the engine speaks version {version} of the pipe, this is {PIPE_VERSION}")
        case OpenStream():
            sock = sockets[message.stream] = pipe.socket_of(message)
            desk.open(message, sock.send, now)
        case CloseStream(stream=stream):
            desk.apply(message)
            if stream in sockets:
                sockets.pop(stream).close()
        case _:
            answer = desk.apply(message)
            if answer is not None:
                pipe.write(desk.report(now))
                pipe.write(answer)


def raise_priority(*, realtime: bool) -> str:
    """Ask for real-time scheduling, else for a better niceness; return which it is, in words for a human."""
    if sys.platform == "linux" and realtime:
        import resource

        try:
            resource.setrlimit(resource.RLIMIT_RTTIME, (REALTIME_LIMIT_US, REALTIME_LIMIT_US))
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME_PRIORITY))
        except (OSError, ValueError):
            pass
        else:
            return f"real-time (SCHED_RR {REALTIME_PRIORITY})"
    if sys.platform != "win32":
        try:
            return f"nice {os.nice(NICENESS)}"
        except OSError:
            return f"normal (nice {os.nice(0)}; neither SCHED_RR nor a negative niceness is allowed)"
    import ctypes

    kernel = ctypes.windll.kernel32
    if kernel.SetPriorityClass(kernel.GetCurrentProcess(), HIGH_PRIORITY_CLASS):
        return "high priority class"
    return "normal priority class (the high one is not allowed)"


if __name__ == "__main__":
    main()
