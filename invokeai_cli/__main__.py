"""The way in: `invokeai ...` and `python -m invokeai_cli ...`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

GC_THRESHOLD = 50_000  # new objects between two collections: at the default of 700 they take 15 % of a long line


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Do what the words say and leave with the exit status."""
    gc.set_threshold(GC_THRESHOLD)
    try:
        from .environment import real_environment
        from .main import run  # inside: Ctrl-C may come while it is imported

        status = run(list(sys.argv[1:] if argv is None else argv), real_environment())
    except KeyboardInterrupt:  # before there was anyone to word it
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
