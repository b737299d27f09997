"""The entry point of `invokeai ...` and `python -m invokeai_cli ...`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

# new objects before each garbage collection; with Python's default of 700, a long line spends 15 % of its time on it
GC_THRESHOLD = 50_000


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit with its status."""
    gc.set_threshold(GC_THRESHOLD)
    try:
        from .environment import real_environment
        from .main import run  # inside the `try`, because Ctrl-C may be pressed during the import

        status = run(list(sys.argv[1:] if argv is None else argv), real_environment())
    except KeyboardInterrupt:  # Ctrl-C came before the program could handle it
        status = 130
    gc.freeze()  # while it exits, Python would search all objects for cycles, which takes a tenth of a short run
    sys.exit(status)


if __name__ == "__main__":
    main()
