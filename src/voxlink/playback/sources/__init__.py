"""Where tracks come from: each source turns an identifier into tracks and a track into an open medium."""
