"""Every command of the table adds itself with a help line and a function."""

import argparse

from voxlink.cli.main import COMMANDS


def test_each_command_adds_a_parser_that_names_its_function() -> None:
    for add_command in COMMANDS:
        parser = argparse.ArgumentParser()
        choices = parser.add_subparsers()
        add_command(choices)
        (added,) = choices.choices.values()
        assert added.description
        assert callable(added.get_default("command"))
