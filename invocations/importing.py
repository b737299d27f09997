"""Find out which of the large libraries is being imported, which takes seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

LIBRARIES: Final = ("transformers", "diffusers", "torch")  # a library comes before those that it imports itself
LAST: Final = "diffusers"  # once it is imported, the others are too, or are not needed
POLL_S: Final = 0.2


def library_being_imported() -> str:
    """Return the name of the slow library that is being imported, or "" if there is none."""
    specs = ((name, getattr(sys.modules.get(name), "__spec__", None)) for name in LIBRARIES)
    return next((name for name, spec in specs if getattr(spec, "_initializing", False)), "")


def watch_imports(report: Callable[[str], None], wait: Callable[[float], None] = time.sleep) -> None:
    """Report the library that is being imported each time it changes, and "" once there is none.

    wait: lets some seconds pass between two looks
    """
    latest, is_over = "", False
    while not is_over:
        library = library_being_imported()
        if library != latest:
            report(library)
        latest, is_over = library, LAST in sys.modules and not library
        wait(POLL_S)
