"""Nodes and recipes that come from outside: installed plug-ins and the user's nodes folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

from invocations.spec import InvocationSpec


@dataclass(frozen=True, slots=True)
class Problem:
    """A guest that was left out: where it is and why."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Guests:
    """What was found outside."""

    specs: Mapping[str, InvocationSpec] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def import_module(self, spec: InvocationSpec) -> ModuleType:
        """Import the module that a guest is in."""
        raise KeyError(spec.type)


def read_guests(*_: object) -> Guests:
    """Return no guests."""
    return Guests()
