"""One thin adapter for each bot library; each imports only its own library, and only when it is used."""
