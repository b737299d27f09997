"""A help page that is longer than the terminal is shown in a pager."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from invokeai_cli.environment import Environment
from invokeai_cli.render.pager import paged, pager

LONG = "\n".join(f"line {number}" for number in range(40))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Environment]:
    """Yield the environment of a process on a terminal with 24 rows and a pager that copies its input to a file."""
    controller, end = pty.openpty()
    program = f"import sys; open({str(tmp_path / 'shown')!r}, 'w').write(sys.stdin.read())"
    variables = {**os.environ, "TERM": "xterm", "PAGER": f'{sys.executable} -c "{program}"'}
    with os.fdopen(end) as stream:
        yield Environment(stream, stream, stream, variables, str(tmp_path), rows=lambda: 24, owns_process=True)
    os.close(controller)


def test_output_longer_than_the_screen_is_paged(terminal: Environment, tmp_path: Path) -> None:
    assert paged(terminal, LONG)
    assert (tmp_path / "shown").read_text() == LONG + "\n"


def test_output_that_fits_the_screen_is_not_paged(terminal: Environment, tmp_path: Path) -> None:
    assert not paged(terminal, "\n".join(LONG.splitlines()[:23]))
    assert not (tmp_path / "shown").exists()


def test_nothing_is_paged_without_a_terminal_or_without_a_pager(terminal: Environment) -> None:
    with open(os.devnull) as nowhere:
        assert not paged(replace(terminal, stdout=nowhere), LONG)
    assert not paged(replace(terminal, owns_process=False), LONG)
    for name in ("", "cat", "no-such-program-here"):
        assert not paged(replace(terminal, variables={**terminal.variables, "PAGER": name}), LONG)


@pytest.mark.parametrize(
    ("variables", "command"),
    [
        ({"PAGER": "more -d"}, ["more", "-d"]),
        ({"PAGER": "cat"}, None),
        ({"TERM": "dumb"}, None),
        ({"PATH": "/nowhere"}, None),
    ],
)
def test_the_pager_is_read_from_the_environment_variable_and_defaults_to_less(
    terminal: Environment, variables: dict[str, str], command: list[str] | None
) -> None:
    assert pager(replace(terminal, variables={"TERM": "xterm", **variables})) == command
