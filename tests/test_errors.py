"""Errors say whose fault it is."""

import pytest

from voxlink import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_names_a_fault(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, errors.VoxlinkError)
    assert error.fault in {"caller", "remote", "environment", "ours"}


def test_a_missing_extra_says_what_to_install() -> None:
    error = errors.MissingExtra("the node", "node")
    assert str(error) == 'the node needs more packages: pip install "voxlink[node]"'
    assert isinstance(error, ImportError)
