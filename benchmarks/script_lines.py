"""A script of 1000 one-node lines in one session: what its last lines cost against its tenth and those around it."""

from __future__ import annotations

import io
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Row, temporary_home, timed
from invocations.language.source import Source
from invokeai_cli.environment import Environment
from invokeai_cli.loop import run_statement
from invokeai_cli.options import CommandLine
from invokeai_cli.shell import Shell

LINES = 1000
BAR = 1.1
AROUND_TEN, LAST = slice(5, 55), slice(LINES - 50, LINES)


def rows() -> Iterator[Row]:
    """Run the script with the SQLite store and compare the medians of fifty lines."""
    with temporary_home() as home:
        variables = {"INVOKEAI_HOME": home, "NO_COLOR": "1"}
        out = io.StringIO()
        environment = Environment(io.StringIO(), out, io.StringIO(), variables, home)
        shell = Shell(environment, CommandLine(format="quiet"))
        name = str(Path(home, "thousand.inv"))
        took = [
            timed(lambda at=at: run_statement(shell, Source(name, f"add {at} 1", at)))  # type: ignore[misc]
            for at in range(1, LINES + 1)
        ]
        shell.close()
        if len(out.getvalue().splitlines()) != LINES:
            raise RuntimeError("not every line gave its result")
        early, late = statistics.median(took[AROUND_TEN]), statistics.median(took[LAST])
        yield Row(f"line {LINES} against line 10", late, early, BAR)
