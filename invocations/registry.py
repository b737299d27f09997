"""What invocations there are: the built-in ones from the snapshot, guests from theirs; a class only when it runs."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.snapshot import Specs, built_in
from invocations.spec import InvocationSpec

if TYPE_CHECKING:
    from invocations.guests import Guests, Problem
    from invocations.invocation import Invocation

CheckExample = Callable[[str], "str | None"]


class Registry(Mapping[str, InvocationSpec]):
    """Types and their metadata. Guests are looked at only when a type is not built in or all are asked for."""

    def __init__(self, guests: Callable[[Registry], Guests] | None = None) -> None:
        self._built_in: Specs = built_in()
        self._open_guests = guests

    def specs(self) -> Mapping[str, InvocationSpec]:
        """Return the metadata of all types; nothing is unpacked before it is asked for."""
        return self

    def spec(self, type: str) -> InvocationSpec | None:  # noqa: A002 - the word of the design
        """Return the metadata of a type, or None."""
        return self.get(type)

    def load(self, type: str) -> type[Invocation]:  # noqa: A002 - the word of the design
        """Import the one module of a node and return its class. Raises: KeyError, for a recipe or an unknown type."""
        spec = self[type]
        if not spec.module:
            raise KeyError(type)
        if type in self._built_in:
            module = importlib.import_module(spec.module)
        else:
            module = self._guests.import_module(spec)
        found: type[Invocation] = operator.attrgetter(spec.class_name)(module)
        return found

    def problems(self) -> tuple[Problem, ...]:
        """Return the guests that were left out, and why."""
        return self._guests.problems

    @cached_property
    def _guests(self) -> Guests:
        from invocations.guests import Guests

        return self._open_guests(self) if self._open_guests else Guests()

    def __getitem__(self, key: str) -> InvocationSpec:
        if key in self._built_in:
            return self._built_in[key]
        return self._guests.specs[key]

    def __contains__(self, key: object) -> bool:
        return key in self._built_in or key in self._guests.specs

    def __iter__(self) -> Iterator[str]:
        yield from self._built_in
        yield from self._guests.specs

    def __len__(self) -> int:
        return len(self._built_in) + len(self._guests.specs)


def open_registry(
    nodes_dirs: Sequence[Path] = (), cache_dir: Path | None = None, check_example: CheckExample | None = None
) -> Registry:
    """Return the registry of the built-in types, installed plug-ins and the nodes in the user's folders."""

    def guests(registry: Registry) -> Guests:
        from invocations.guests import read_guests

        return read_guests(tuple(nodes_dirs), cache_dir, check_example, registry)

    return Registry(guests)
