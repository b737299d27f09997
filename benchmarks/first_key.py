"""Measure the time from starting the interactive prompt to the first key shown, against `python -c pass`."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from functools import partial

from benchmarks.measure import INVOKEAI, PYTHON, Row, in_turn, own_environment, temporary_home

BAR = 20.0
PROMPT, KEY = b"1>", b"k"  # a letter that occurs in nothing else that the prompt prints when it starts
TIMEOUT_S = 60


def bare_ms(home: str) -> float:
    """Return the wall-clock milliseconds of a Python process that does nothing."""
    began = time.perf_counter()
    subprocess.run([PYTHON, "-c", "pass"], env=own_environment(home), check=True)
    return 1000 * (time.perf_counter() - began)


def first_key_ms(home: str, *, warm_up: bool) -> float:
    """Start the prompt, press a key immediately, and return the milliseconds until the prompt shows it."""
    keys, program = pty.openpty()
    environment = own_environment(home) | {"TERM": "xterm-256color", "INVOKEAI_WARM_UP": "yes" if warm_up else "no"}
    environment.pop("NO_COLOR")
    began = time.perf_counter()
    running = subprocess.Popen(INVOKEAI, stdin=program, stdout=program, stderr=program, env=environment, cwd=home)
    os.close(program)
    try:
        os.write(keys, KEY)
        _read_until_shown(keys)
        return 1000 * (time.perf_counter() - began)
    finally:
        running.kill()
        running.wait()
        os.close(keys)


def _read_until_shown(keys: int) -> None:
    """Read the terminal's output until the key appears after the prompt, not where the terminal itself echoes it."""
    shown, end = b"", time.perf_counter() + TIMEOUT_S
    while KEY not in shown.partition(PROMPT)[2]:
        if not select.select([keys], [], [], max(end - time.perf_counter(), 0))[0]:
            raise TimeoutError(f"no key was shown: {shown!r}")
        shown += os.read(keys, 65536)


def rows() -> Iterator[Row]:
    """Measure the prompt alone, and while torch and the model are loaded in the background."""
    with temporary_home() as home:
        ways = [partial(bare_ms, home), *(partial(first_key_ms, home, warm_up=each) for each in (False, True))]
        bare, alone, loading = in_turn(ways, runs=9)
        yield Row("time to the first key, nothing else loaded", alone, bare, BAR, unit="ms")
        yield Row("time to the first key, torch loading in background", loading, bare, BAR, unit="ms")
