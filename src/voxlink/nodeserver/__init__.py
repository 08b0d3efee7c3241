"""The Lavalink v4 server behind `voxlink node`: routes, sessions, sockets and configuration over `playback`."""

from voxlink._util.extras import explained

try:
    from voxlink.nodeserver.config import NodeConfig, find_config, load_config
    from voxlink.nodeserver.server import NodeServer
    from voxlink.nodeserver.timings import Timings
except ModuleNotFoundError as error:
    raise explained(error, "voxlink.nodeserver") from error

__all__ = ["NodeConfig", "NodeServer", "Timings", "find_config", "load_config"]
