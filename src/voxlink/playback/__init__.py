"""A player: from an identifier to frames on a voice connection, with its state and events as protocol values."""
