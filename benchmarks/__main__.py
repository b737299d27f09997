"""`python -m benchmarks [NAME ...]`: run the claims, all of them unless named."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "startup", "first_key", "completion", "first_step", "again", "engine", "script_lines", "resume", "journal",
    "denoising",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Run each named benchmark; the exit status is 1 when a bar is missed."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    missed = 0
    for name in names or NAMES:
        print(f"\n# {name}")
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            print(row)
            missed += not row.reached
    return 1 if missed else 0


sys.exit(main(sys.argv[1:]))
