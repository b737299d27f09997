"""The entry point of `invokeai ...` and `python -m invokeai_cli ...`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

GC_THRESHOLD = 50_000  # new objects between two collections: at the default of 700 they take 15 % of a long line


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit with its status."""
    gc.set_threshold(GC_THRESHOLD)
    try:
        from .environment import real_environment
        from .main import run  # inside the `try`: Ctrl-C may come during the import

        status = run(list(sys.argv[1:] if argv is None else argv), real_environment())
    except KeyboardInterrupt:  # before anything could report it
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
