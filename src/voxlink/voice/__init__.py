"""Discord voice: Opus frames go in, encrypted packets leave on the 20 ms grid, whatever else the process does."""
