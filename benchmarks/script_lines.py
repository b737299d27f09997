"""Measure the last lines of a script of 1000 one-node lines, in one session, against its first lines."""

from __future__ import annotations

import io
import statistics
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from benchmarks.measure import Row, temporary_home, timed
from invocations.language.source import Source
from invokeai_cli.environment import Environment
from invokeai_cli.loop import run_statement
from invokeai_cli.options import CommandLine
from invokeai_cli.shell import Shell

LINES = 1000
BAR = 1.1
TIMED = 50  # number of lines that are timed: lines 5 to 55 of a short script, and the last lines of the long one
ROUNDS = 5  # number of short scripts; each of their lines is timed in turn with a line of the long script


class Script:
    """A script whose lines run one after another in one session."""

    def __init__(self, home: str) -> None:
        self.out = io.StringIO()
        variables = {"INVOKEAI_HOME": home, "NO_COLOR": "1"}
        environment = Environment(io.StringIO(), self.out, io.StringIO(), variables, home)
        self.shell = Shell(environment, CommandLine(format="quiet"))
        self.name = str(Path(home, "long.inv"))
        self.count = 0

    def line(self) -> None:
        """Run the next line."""
        self.count += 1
        run_statement(self.shell, Source(self.name, f"add {self.count} 1", self.count))

    def close(self) -> None:
        """End the session. Raises: RuntimeError, if a line had no result."""
        self.shell.close()
        if len(self.out.getvalue().splitlines()) != self.count:
            raise RuntimeError("not every line had a result")


def threads_of(script: Script, lines: int) -> int:
    """Return how many threads these lines of a script start."""
    started = 0

    def called(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal started
        started += event == "call" and frame.f_code is threading.Thread.start.__code__

    sys.setprofile(called)
    for _ in range(lines):
        script.line()
    sys.setprofile(None)
    return started


def rows() -> Iterator[Row]:
    """Time late lines in turn with early ones, so that a busy machine slows both, and compare the medians."""
    early: list[float] = []
    late: list[float] = []
    with temporary_home() as home:
        long = Script(home)
        while long.count < LINES - TIMED * ROUNDS // 2:
            long.line()
        for _ in range(ROUNDS):
            with temporary_home() as other:
                short = Script(other)
                while short.count < TIMED // 10:
                    short.line()
                for _ in range(TIMED):
                    early.append(timed(short.line))
                    late.append(timed(long.line))
                short.close()
        threads = threads_of(long, TIMED)
        long.close()
    yield Row(f"new threads started by the last {TIMED} lines, against one per line", threads, TIMED, 0.0, "threads")
    yield Row(f"line {LINES} against line 10", statistics.median(late), statistics.median(early), BAR)
