"""discord.py's sender: N `AudioPlayer` threads with DAVE in one process. Prints one line of JSON."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

import discord  # noqa: E402
from discord.player import AudioPlayer  # noqa: E402

from benchmarks.voice_parts.group import active_group  # noqa: E402
from benchmarks.voice_parts.sink import KEY  # noqa: E402

FRAME = b"\xfc" + bytes(range(159))


class Endless(discord.AudioSource):
    def read(self) -> bytes:
        return FRAME

    def is_opus(self) -> bool:
        return True


class Connection:
    """The part of a voice connection's state that sending uses."""

    def __init__(self, sock: socket.socket, dave: Any) -> None:
        self.send_packet = sock.send
        self.dave_session = dave
        self.can_encrypt = True


class Client(discord.VoiceClient):
    """A voice client that is connected, without a gateway."""

    def __init__(self, ssrc: int, connection: Connection) -> None:
        self._connection: Any = connection
        self._ssrc = ssrc
        self.sequence = self.timestamp = self._incr_nonce = 0

    ssrc = property(lambda self: self._ssrc)  # type: ignore[assignment]
    mode = property(lambda self: "aead_xchacha20_poly1305_rtpsize")  # type: ignore[assignment]
    secret_key = property(lambda self: list(KEY))  # type: ignore[assignment]

    def is_connected(self) -> bool:
        return True


class Player(AudioPlayer):
    def _speak(self, speaking: Any) -> None:
        """There is no gateway to tell."""


def cpu_s() -> float:
    """All threads' time on a processor."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def main() -> None:
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    _, member = active_group()
    players: list[Player] = []
    for number in range(count):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect(("127.0.0.1", port))
        client = Client(number + 1, Connection(sock, member._session))
        players.append(Player(Endless(), client))
    for player in players:
        player.start()
        time.sleep(0.02 / count)
    time.sleep(1)
    loops, cpu = sum(player.loops for player in players), cpu_s()
    time.sleep(seconds - 2)
    packets = max(1, sum(player.loops for player in players) - loops)
    print(json.dumps({"process_us": (cpu_s() - cpu) / packets * 1e6}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
