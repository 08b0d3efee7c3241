"""The transmitter's process by itself, spoken to over its pipe."""

from __future__ import annotations

import select
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from voxlink._util.framing import Splitter
from voxlink.voice.encryption import AES256_GCM, cipher_for
from voxlink.voice.transmitter.child import raise_priority
from voxlink.voice.transmitter.pipe import (
    MAX_MESSAGE_BYTES,
    PIPE_VERSION,
    CloseStream,
    Hello,
    OpenStream,
    PauseStream,
    QueueFrames,
    Replaced,
    ReplaceFrames,
    Report,
    ToEngine,
    pack,
    parse_to_engine,
)  # fmt: skip

KEY = bytes(range(32))
DEADLINE_S = 20


class Child:
    def __init__(self) -> None:
        self.pipe, theirs = socket.socketpair()
        self.pipe.settimeout(DEADLINE_S)
        command = [sys.executable, "-P", "-m", "voxlink.voice.transmitter.child", f"fd:{theirs.fileno()}", "normal"]
        self.process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stderr=subprocess.PIPE)
        theirs.close()
        self.splitter = Splitter(MAX_MESSAGE_BYTES)
        self.read: list[ToEngine] = []

    def wait_for(self, kind: type) -> ToEngine:
        while True:
            for index, message in enumerate(self.read):
                if isinstance(message, kind):
                    del self.read[: index + 1]
                    return message
            data = self.pipe.recv(65_536)
            assert data, "the child left"
            self.read += [parse_to_engine(body) for body in self.splitter.feed(data)]

    def open_stream(self, sock: socket.socket) -> None:
        message = OpenStream(1, AES256_GCM, KEY, 7, 0, 0, 0.0, 0, 65_536, -1, 0, paused=False)
        socket.send_fds(self.pipe, [pack(message)], [sock.fileno()])


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child.pipe.close()
    assert child.process.wait(DEADLINE_S) is not None
    assert child.process.stderr is not None
    child.process.stderr.close()


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(DEADLINE_S)
        yield ear


def test_it_greets_sends_reports_and_leaves_with_its_engine(child: Child, ear: socket.socket) -> None:
    hello = child.wait_for(Hello)
    assert isinstance(hello, Hello)
    assert hello.version == PIPE_VERSION
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.connect(ear.getsockname())
        child.pipe.sendall(pack(Hello(PIPE_VERSION)))
        child.open_stream(mouth)
    child.pipe.sendall(pack(QueueFrames(1, 0, 0, [b"one", b"two", b"three"])))
    cipher = cipher_for(AES256_GCM, KEY)
    assert [cipher.open(ear.recv(2000), 12) for _ in range(3)] == [b"one", b"two", b"three"]
    report = child.wait_for(Report)
    while not (isinstance(report, Report) and report.states and report.states[0].last_sent == 2):
        report = child.wait_for(Report)
    child.pipe.sendall(pack(ReplaceFrames(1, 1, 0, [b"late"])))
    assert child.wait_for(Replaced) == Replaced(1, 1, applied=False, last_sent=2)
    child.pipe.sendall(pack(PauseStream(1, paused=True)) + pack(CloseStream(1)))
    child.pipe.close()
    assert child.process.wait(DEADLINE_S) == 0


def test_it_ends_with_a_reason_when_the_engine_makes_no_sense(child: Child) -> None:
    child.wait_for(Hello)
    child.pipe.sendall(pack(Hello(PIPE_VERSION + 1)))
    assert child.process.wait(DEADLINE_S) != 0
    assert child.process.stderr is not None
    assert "version" in child.process.stderr.read().decode().splitlines()[-1]


def test_it_says_that_it_lives_when_nothing_moves(child: Child) -> None:
    child.wait_for(Hello)
    assert select.select([child.pipe], [], [], DEADLINE_S)[0]
    report = child.wait_for(Report)
    assert isinstance(report, Report)
    assert report.states == []


def test_priority_is_told_in_words() -> None:
    code = "from voxlink.voice.transmitter.child import raise_priority; print(raise_priority(realtime=False))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith(("nice", "normal"))
    assert raise_priority.__doc__
