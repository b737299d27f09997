"""`python -m benchmarks [NAME ...] [--keep]`: run the named benchmarks, by default all.

Run it with the Python of an environment where the wheel is installed, as `make bench` does: the import hook of an
editable install doubles the start-up time of bare Python, which makes every ratio look better.
"""

from __future__ import annotations

import importlib
import json
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from benchmarks.measure import Row

NAMES = (
    "startup", "calls", "long_line", "first_key", "completion", "first_step", "cached", "engine", "script_lines",
    "resume", "journal", "denoising", "batches", "further_images", "graphs", "long_store", "large_images", "sweeps",
    "large_model", "single_file", "jobs", "warm_engine", "line_editor", "sockets", "serving",
)  # fmt: skip
HISTORY = Path(__file__).with_name("history.jsonl")


def main(words: list[str]) -> int:
    """Run each named benchmark; return 1 if any ratio exceeds its limit. `--keep` adds the figures to the history."""
    names = [word for word in words if word != "--keep"]
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"unknown benchmark {', '.join(unknown)}; choose from {', '.join(NAMES)}", file=sys.stderr)
        return 2
    if is_editable():
        print("warning: the program is an editable install, which makes start-up ratios look better; use `make bench`")
    missed = 0
    for name in names or NAMES:
        print(f"\n# {name}", flush=True)
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print(row, flush=True)
            missed += not row.reached
            if "--keep" in words:
                keep(name, row)
    return 1 if missed else 0


def is_editable() -> bool:
    """Return True if the program to measure is an editable install or not installed at all."""
    try:
        origin = distribution("invokeai-cli").read_text("direct_url.json")
    except PackageNotFoundError:
        return True
    return bool(origin and json.loads(origin).get("dir_info", {}).get("editable"))


def keep(name: str, row: Row) -> None:
    """Add a figure to the history: commit, machine, what was measured, ratio and limit."""
    commit = subprocess.run(("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=False)
    entry = {
        "commit": commit.stdout.strip(), "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "benchmark": name, "what": row.what, "figure": round(row.figure, 3), "reference": round(row.reference, 3),
        "ratio": round(row.ratio, 3), "bar": row.bar, "unit": row.unit,
    }  # fmt: skip
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
