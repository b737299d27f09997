"""The files that the earlier lines of a script will have written by the time a line runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from invocations.catalog.roles import first_argument

if TYPE_CHECKING:
    from invocations.graph.graph import Node
    from invocations.spec import InvocationSpec

ANY = "*"  # what may replace a field of a template


@dataclass(slots=True)
class PlannedFiles:
    """The paths that planned lines write, each with the place of its line, and the patterns of templates.

    may_exist: whether files that already exist cause no error, because an earlier run may have written them
    """

    paths: dict[str, str] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    may_exist: bool = False

    def add(self, path: str, place: str) -> None:
        """Add a path that a line writes; a template has `*` where its fields are."""
        if ANY in path:
            self.patterns.append(path)
        else:
            self.paths[path] = place

    def add_all(
        self,
        nodes: Iterable[Node],
        catalog: Mapping[str, InvocationSpec],
        pattern: Callable[[str, str], str],
        place: str,
    ) -> None:
        """Add the files that the nodes of a line write; `pattern` returns the path of a target and a format, or ""."""
        for node in nodes:
            spec = catalog[node.type]
            if "saves" in spec.roles:
                written = node.inputs.get(first_argument(spec), "")
                path = pattern(written, str(node.inputs.get("format") or "")) if isinstance(written, str) else ""
                if path:
                    self.add(path, place)

    def may_match(self, path: str) -> bool:
        """Return True if a planned file may have this path, or match this pattern."""
        path = os.path.realpath(path)
        if path in self.paths or any(fnmatchcase(path, pattern) for pattern in self.patterns):
            return True
        return any(char in path for char in "*?[") and (
            bool(self.patterns) or any(fnmatchcase(planned, path) for planned in self.paths)
        )
