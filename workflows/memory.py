"""What a workspace remembers from line to line: the session, its scope, defaults and variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from invocations.frozen import mutable

from .planning.draft import Adjust
from .planning.scope import OF_MODEL, SET_BY_OPTION, SET_IN_SESSION, IsUsed, Scope, unused
from .planning.variables import Variables

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec

    from .planning.planned_files import PlannedFiles


@mutable
class Memory:
    """What lines are planned with: the session, its scope, defaults and variables.

    base: defaults from settings files
    forced: defaults from `--set`, which override all others
    is_used: whether a later line refers to a name
    files: the files that earlier lines of a script will write, or None if every earlier line has run
    adjust: changes the values of the stages when a script is tried with other values
    recipes: the recipes that earlier lines of a script will have saved or, with None, removed
    """

    base: Mapping[str, str] = field(default_factory=dict)
    forced: Mapping[str, str] = field(default_factory=dict)
    session_id: str | None = None
    scope: Scope = field(default_factory=Scope)
    variables: Variables = field(default_factory=Variables)
    is_used: IsUsed = unused
    files: PlannedFiles | None = None
    adjust: Adjust | None = None
    recipes: dict[str, InvocationSpec | None] = field(default_factory=dict)
    _own: dict[str, str | None] = field(default_factory=dict)  # None marks a default that `unset` has removed
    _merged: dict[str, str] | None = None

    def fork(self) -> Memory:
        """Return an independent copy for planning."""
        return Memory(
            self.base,
            self.forced,
            self.session_id,
            self.scope.fork(),
            self.variables.fork(),
            self.is_used,
            self.files,
            self.adjust,
            dict(self.recipes),
            dict(self._own),
        )

    @property
    def defaults(self) -> Mapping[str, str]:
        """The defaults in effect: a mapping from `steps`, `t2i.steps` or `steps@sd15` to the value as text."""
        if self._merged is None:
            merged = {**self.base, **self._own, **self.forced}
            hidden = tuple([f"{name}{OF_MODEL}" for name in self.forced])  # `--set steps` overrides `steps@sd15`
            self._merged = {
                name: text for name, text in merged.items() if text is not None and not name.startswith(hidden)
            }
        return self._merged

    def set(self, name: str, text: str) -> None:
        """Set the default of an input for the following lines."""
        self._own[name] = text
        self._merged = None

    def unset(self, name: str) -> bool:
        """Remove a default, even one from a settings file; return True if it existed."""
        existed = name in self.defaults
        self._own[name] = None
        self._merged = None
        return existed

    def origin(self, name: str, origins: Mapping[str, str]) -> str:
        """Return where a default comes from: `--set`, `set`, a settings file, or `default`."""
        if name in self.forced:
            return SET_BY_OPTION
        return SET_IN_SESSION if name in self._own else origins.get(f"defaults.{name}", "default")
