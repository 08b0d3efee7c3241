"""Sockets that travel as bytes, as they must on Windows; here a Unix socket stands for what Windows does by itself."""

from __future__ import annotations

import socket
import threading
from itertools import count
from pathlib import Path

import pytest

from voxlink.errors import InvalidPipeMessage
from voxlink.voice.encryption import AES256_GCM, cipher_for
from voxlink.voice.transmitter import process
from voxlink.voice.transmitter.pipe import OpenStream, QueueFrames, Report, pack
from voxlink.voice.transmitter.process import ChildProcess
from voxlink.voice.transmitter.shared_socket import from_share

KEY = bytes(range(32))
DEADLINE_S = 20.0


@pytest.fixture
def system_that_shares(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    numbers = count()

    def share(sock: socket.socket, _pid: int) -> bytes:
        path = str(tmp_path / str(next(numbers)))
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.bind(path)
        door.listen(1)
        door.settimeout(DEADLINE_S)
        copy = sock.dup()

        def hand_over() -> None:
            with door, copy, door.accept()[0] as taker:
                socket.send_fds(taker, [b"x"], [copy.fileno()])

        threading.Thread(target=hand_over, daemon=True).start()
        return path.encode()

    monkeypatch.setattr(socket.socket, "share", share, raising=False)
    monkeypatch.setattr(process, "MODULE", "sharing_child")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.mark.usefixtures("system_that_shares")
async def test_a_transmitter_on_a_loopback_pipe_sends_through_a_shared_socket() -> None:
    child = await ChildProcess.start(realtime=False, loopback=True)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(DEADLINE_S)
        mouth.connect(ear.getsockname())
        opening = OpenStream(1, AES256_GCM, KEY, 7, 0, 0, 0.0, 0, 65_536, -1, 0, paused=False)
        await child.send_stream(opening, mouth)
        child.send(pack(QueueFrames(1, 0, 0, [b"one", b"two"])))
        cipher = cipher_for(AES256_GCM, KEY)
        assert [cipher.open(ear.recv(2000), 12) for _ in range(2)] == [b"one", b"two"]
    reports: list[int] = []

    def note(message: object) -> None:
        if isinstance(message, Report):
            reports.extend(state.last_sent for state in message.states)
            if 1 in reports:
                child.kill()

    assert await child.read(note)
    await child.stop()
    assert reports[-1] == 1


def test_bytes_that_are_no_socket_are_refused_by_name() -> None:
    with pytest.raises(InvalidPipeMessage, match="without a usable socket"):
        from_share(b"nonsense")
