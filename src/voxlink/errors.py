"""Every error that Voxlink raises, in one tree; each says whose fault it is.

    VoxlinkError                    anything of ours
    ├── UsageError                  the caller asked for something that cannot be
    │   ├── MissingExtra            a feature needs `pip install "voxlink[...]"`
    │   └── ConfigError             a file or an option holds something that we cannot use
    ├── RemoteError                 the other side sent something that it may not send
    └── EnvironmentFault            the machine or the network refused: a port, a file, a process

Rooms add their own errors below the branch that names the fault.
"""

from __future__ import annotations

from typing import ClassVar, Literal

__all__ = ["ConfigError", "EnvironmentFault", "MissingExtra", "RemoteError", "UsageError", "VoxlinkError"]

Fault = Literal["caller", "remote", "environment", "ours"]


class VoxlinkError(Exception):
    """The base of every error that Voxlink raises on purpose."""

    fault: ClassVar[Fault] = "ours"
    """Whose fault it is: `caller`, `remote`, `environment` or `ours`."""


class UsageError(VoxlinkError):
    """The caller asked for something that cannot be done as asked."""

    fault = "caller"


class MissingExtra(UsageError, ImportError):
    """A feature needs packages that an extra of Voxlink brings.

    `extra` is the extra's name; `feature` says in plain words what needed it.
    """

    def __init__(self, feature: str, extra: str) -> None:
        self.feature = feature
        self.extra = extra
        super().__init__(f'{feature} needs more packages: pip install "voxlink[{extra}]"')


class ConfigError(UsageError, ValueError):
    """A configuration file, environment variable or option holds something that cannot be used."""


class RemoteError(VoxlinkError):
    """The other side (Discord, a node, a file's server) sent something that it may not send."""

    fault = "remote"


class EnvironmentFault(VoxlinkError):
    """The machine or the network refused: a port is taken, a file is missing, a process died."""

    fault = "environment"
