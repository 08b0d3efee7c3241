"""The Lavalink client: Lavalink.py's API, and players that are not lost."""
