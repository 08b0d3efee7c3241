"""The Lavalink v4 server behind `voxlink node`: routes, sessions, sockets and configuration over `playback`."""
