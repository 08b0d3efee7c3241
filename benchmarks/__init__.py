"""Measurements in the reader's units. `python -m benchmarks` runs all of them, names as arguments some of them."""
