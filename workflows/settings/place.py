"""Where a program was started, as plain data: everything that settings need from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from invocations.frozen import frozen


@frozen
class Place:
    """A process's environment variables, working folder and home folder."""

    variables: Mapping[str, str]
    folder: str
    home: str | None = None  # the search for a project file stops here

    def variable(self, name: str) -> str:
        """Return an environment variable, "" if it is not set."""
        return self.variables.get(name, "")


def current_place() -> Place:
    """Return the place where this process was started."""
    return Place(os.environ, os.getcwd(), os.environ.get("HOME"))
