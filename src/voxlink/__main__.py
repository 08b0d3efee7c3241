"""`python -m voxlink` is the `voxlink` command."""

import sys

from voxlink.cli import main

if __name__ == "__main__":
    sys.exit(main())
