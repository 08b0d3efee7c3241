"""A stand-in for `voxlink node`: a fake node in a process of its own, with the embedded node's manners."""

import asyncio
import os
import sys

from voxlink.protocol import ReadyLine
from voxlink.testing import FakeNode


async def main() -> None:
    password = sys.stdin.readline().strip()
    print("a line before, with the password", password, flush=True)
    print("something on stderr", file=sys.stderr, flush=True)
    async with FakeNode(password=password) as fake:
        print(ReadyLine(fake.host, fake.port).text(), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
os._exit(0)
