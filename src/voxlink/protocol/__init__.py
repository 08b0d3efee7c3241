"""The Lavalink v4 words: any input gives a value or an error that names the place, and nothing here does I/O."""
