"""Names in the last line whatever this machine left out; on Linux x86-64 that is nothing."""

from __future__ import annotations

import pytest

_left_out: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note each skipped test and why."""
    if report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _left_out[report.nodeid] = why.removeprefix("Skipped: ")


def pytest_unconfigure() -> None:
    """Say it after everything else."""
    if _left_out:
        print("left out on this machine: " + "; ".join(f"{test} ({why})" for test, why in _left_out.items()))
