"""A Discord voice server and a Lavalink node on loopback, so that a music bot can be tested without Discord."""
