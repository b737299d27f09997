"""Where a program was started, as plain data: all that settings need to know of the outside world."""

from __future__ import annotations

import os
from collections.abc import Mapping

from invocations.frozen import frozen


@frozen
class Place:
    """Environment variables, working folder and home folder of a process."""

    variables: Mapping[str, str]
    folder: str
    home: str | None = None  # the search for a project file stops here

    def variable(self, name: str) -> str:
        """Return an environment variable, "" if it is not set."""
        return self.variables.get(name, "")


def current_place() -> Place:
    """Return the place of this process."""
    return Place(os.environ, os.getcwd(), os.environ.get("HOME"))
