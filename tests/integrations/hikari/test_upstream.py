"""hikari's own unit tests of its voice component, run against ours; and our promises on both versions of hikari.

The tests come from hikari's source distributions, which pip unpacks into an environment each.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.peers import ROOT, Peer, peer

VERSIONS = ["2.6.0", "2.7.0"]
PREDICATES = "tests a private function that makes predicates for `wait_for`; ours has no such function"
WAITS = (
    "answers through a mocked `event_manager.wait_for` with predicates from private functions; ours listens before it "
    "asks, so no answer ever comes (test_component.py holds what is sent, returned and raised)"
)
IDENTITY = (
    "calls the private close hook with a connection that is not the registered one and expects the registered one to "
    "go: the fault of integrations with a late `on_close` (test_component.py holds the opposite)"
)
NOT_OURS = {
    "test__init_state_update_predicate_matches": PREDICATES,
    "test__init_state_update_predicate_ignores": PREDICATES,
    "test__init_server_update_predicate_matches": PREDICATES,
    "test__init_server_update_predicate_ignores": PREDICATES,
    "test_connect_to[True]": WAITS,
    "test_connect_to[False]": WAITS,
    "test_connect_to_falls_back_to_rest_to_get_own_user": WAITS,
    "test_connect_to_handles_failed_connection_initialise": WAITS,
    "test__on_connection_close[True]": IDENTITY,
    "test__on_connection_close[False]": IDENTITY,
}
"""hikari's tests that ours cannot or must not pass, with the reason."""

FILE = "tests/hikari/impl/test_voice.py"
CLASS = f"{FILE}::TestVoiceComponentImpl::"
TOOLS = ["pytest", "pytest-asyncio", "hypothesis", "mock", "async-timeout"]


def hikari(version: str) -> Peer:
    requirement = f"hikari=={version}"
    return peer(f"hikari-{version}", requirement, *TOOLS, sdist=requirement)


@pytest.mark.peer
@pytest.mark.parametrize("version", VERSIONS)
def test_hikaris_own_tests_pass_against_our_component(version: str) -> None:
    env = hikari(version)
    (source,) = (env.folder / "sdist").iterdir()
    options = ["-m", "pytest", "-p", "support.hikari_swap", "-p", "no:cacheprovider", "-c", "/dev/null"]
    options += ["--rootdir", str(source), "-v", FILE]
    options += [f"--deselect={CLASS}{name}" for name in NOT_OURS]
    code = f"import sys, runpy; sys.path.insert(0, {str(ROOT / 'tests')!r}); sys.argv[1:] = {options[2:]!r}; "
    code += "runpy.run_module('pytest', run_name='__main__')"
    done = env.run("-c", code, cwd=source, timeout_s=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    passed = set(re.findall(re.escape(CLASS) + r"(\S+) PASSED", done.stdout))
    assert passed | set(NOT_OURS) == names_in(source / FILE), "every test passes or stands above with its reason"
    assert not passed & set(NOT_OURS)


def names_in(file: Path) -> set[str]:
    """The test ids of hikari's file; its parametrized tests have one parameter that is True or False."""
    names: set[str] = set()
    text = file.read_text(encoding="utf-8")
    for decorators, name in re.findall(r"((?:    @[^\n]+\n)*)    (?:async )?def (test_\w+)", text):
        names |= {f"{name}[True]", f"{name}[False]"} if "parametrize" in decorators else {name}
    return names


@pytest.mark.peer
def test_the_promises_of_our_component_hold_on_the_older_hikari_too() -> None:
    """The newer one is in our own environment, where the same files run."""
    env = hikari(VERSIONS[0])
    files = [f"tests/integrations/hikari/{name}.py" for name in ("test_component", "test_join")]
    done = env.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *files, timeout_s=240)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
