"""Count how many calls to our own functions a line makes, from the command line to the saved file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import PYTHON, Row, own_environment, temporary_home

MAX_CALLS = 9000  # before the code was divided into floors, the number of calls was 15,337
LINE = "t2i a fox --steps 2 | blur 3 | save f.png"
COUNT = """
import sys, threading
import core, invocations, invokeai_cli, workflows
from pathlib import Path
folders = tuple(str(Path(package.__file__).parent) for package in (core, invocations, invokeai_cli, workflows))
calls = 0
def count(frame, event, argument):
    global calls
    if event == "call" and frame.f_code.co_filename.startswith(folders):
        calls += 1
threading.setprofile(count)
sys.setprofile(count)
from invokeai_cli.__main__ import main
try:
    main([sys.argv[1]])
except SystemExit:
    pass
sys.setprofile(None)
Path(sys.argv[2]).write_text(str(calls))
"""


def rows() -> Iterator[Row]:
    """Count the calls that one line makes in a new home folder."""
    with temporary_home() as home:
        count = Path(home, "count")
        subprocess.run(
            (PYTHON, "-c", COUNT, LINE, str(count)), env=own_environment(home), cwd=home, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        yield Row(f"calls to our own functions by `{LINE}`", float(count.read_text()), MAX_CALLS, 1.0, "calls")
