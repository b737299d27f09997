"""Change one important line of code at a time and run the tests of that code, which must fail.

    python -m tests.house.mutants          all rows of `mutant_rows.py`, two at a time
    python -m tests.house.mutants --rows 3 17

A row whose line is not found exactly once is an error: the line has been changed, so the row must be updated.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.house.mutant_rows import MISSED, ROWS, Row

ROOT: Final = Path(__file__).parents[2]
COPIED: Final = ("core", "docs", "invocations", "invokeai_cli", "invokeai_web", "tests", "workflows", "pyproject.toml")
PARALLEL: Final = 2
TIMEOUT_S: Final = 240  # time limit for a row; a fault that makes the tests hang counts as detected


def wrong_rows() -> list[str]:
    """Return the rows whose line is not found exactly once, or whose tests do not exist."""
    found = []
    for number, row in enumerate(ROWS):
        count = (ROOT / row.file).read_text("utf-8").count(row.line) if (ROOT / row.file).exists() else 0
        if count != 1:
            found.append(f"row {number}: {row.file} has the line {count} times: {row.line!r}")
        found += [f"row {number}: there is no {test}" for test in row.tests.split() if not (ROOT / test).exists()]
    return found


def copies(folder: Path, count: int) -> SimpleQueue[Path]:
    """Return a queue with copies of the program and its tests, from which each thread takes one."""
    queue: SimpleQueue[Path] = SimpleQueue()
    for number in range(count):
        copy = folder / str(number)
        copy.mkdir()
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, copy / name)
        queue.put(copy)
    return queue


def is_caught(row: Row, copy: Path) -> bool:
    """Change the line in a copy and run its tests; return True if they fail."""
    path = copy / row.file
    before = path.read_text("utf-8")
    path.write_text(before.replace(row.line, row.instead), "utf-8")
    try:
        return tests_fail(row.tests.split(), copy)
    finally:
        path.write_text(before, "utf-8")


def tests_fail(tests: Sequence[str], copy: Path) -> bool:
    """Return True if tests fail in a copy. Raises: ValueError, if they cannot be run at all."""
    words = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    variables = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(words, cwd=copy, env=variables, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return True  # the changed code never finishes
    if done.returncode > 2:  # a signal means that the fault has killed the tests themselves
        raise ValueError(f"pytest ended with {done.returncode}: {done.stdout[-2000:]}")
    return done.returncode != 0


def main(words: Sequence[str] | None = None) -> int:
    """Run the rows, print which faults the tests missed, and return 1 if they missed more than `MISSED`."""
    parser = argparse.ArgumentParser(description="Change important lines one at a time; the tests must fail.")
    parser.add_argument("--rows", nargs="*", type=int, help="numbers of rows (default: all)")
    asked = parser.parse_args(words)
    if wrong := wrong_rows():
        print("\n".join(wrong))
        return 2
    numbers = range(len(ROWS)) if asked.rows is None else asked.rows
    missed = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PARALLEL) as pool:
        free = copies(Path(folder), PARALLEL)

        def one(number: int) -> bool:
            copy = free.get()
            try:
                return is_caught(ROWS[number], copy)
            finally:
                free.put(copy)

        for number, caught in zip(numbers, pool.map(one, numbers), strict=True):
            row = ROWS[number]
            print(f"{'caught' if caught else 'MISSED'}  {number:2}  {row.about}  ({row.file})", flush=True)
            missed += [] if caught else [number]
    print(f"{len(numbers) - len(missed)} of {len(numbers)} caught; missed: {missed or 'none'}")
    return 1 if len(missed) > MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
