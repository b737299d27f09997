"""The place where a program was started, as plain data: all that settings need to know about the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from invocations.frozen import frozen


@frozen
class Place:
    """A process's environment variables, working folder and home folder."""

    variables: Mapping[str, str]
    folder: str
    home: str | None = None  # the search for a project's settings file stops in this folder

    def variable(self, name: str) -> str:
        """Return the value of an environment variable, or "" if it is not set."""
        return self.variables.get(name, "")


def current_place() -> Place:
    """Return the place where this process was started."""
    return Place(os.environ, os.getcwd(), os.environ.get("HOME"))
