"""A child for the tests of `piped_child`: says hello on stdout, answers each line in capitals until the pipe ends."""

from __future__ import annotations

import sys

from voxlink._util.piped_child import pipe_of_parent

if __name__ == "__main__":
    print("hello, " + " ".join(sys.argv[2:]), flush=True)
    with pipe_of_parent(sys.argv[1]) as pipe:
        while data := pipe.recv(1000):
            pipe.sendall(data.upper())
