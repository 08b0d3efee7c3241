"""The process that sends: one loop on a 20 ms grid, for all voice connections of an engine (design.md)."""
