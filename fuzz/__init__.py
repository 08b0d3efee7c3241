"""Coverage-guided fuzzing with atheris: `make fuzz`, or `python -m fuzz --help`."""
