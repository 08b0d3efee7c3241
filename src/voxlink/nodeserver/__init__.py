"""The Lavalink v4 server behind `voxlink node`: routes, sessions, sockets and configuration over `playback`."""

from voxlink.nodeserver.config import NodeConfig, find_config, load_config
from voxlink.nodeserver.server import NodeServer
from voxlink.nodeserver.timings import Timings

__all__ = ["NodeConfig", "NodeServer", "Timings", "find_config", "load_config"]
