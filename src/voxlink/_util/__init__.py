"""Small tools without an opinion about sound or Discord: backoff, task ownership, byte readers, wrap-around numbers."""
