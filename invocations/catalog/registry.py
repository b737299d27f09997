"""What invocations there are: the built-in ones from the snapshot, guests from theirs; a class only when it runs."""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from invocations.errors import PluginBroken
from invocations.spec import InvocationSpec

from .snapshot import Specs, built_in

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from invocations.invocation import Invocation

    from .plugins import Guests, Problem

__all__ = ["Registry", "open_registry"]


class Registry(Mapping[str, InvocationSpec]):
    """Types and their metadata. Guests are looked at only when a type is not built in or all are asked for."""

    def __init__(
        self,
        nodes_dirs: Sequence[Path] = (),
        cache_dir: Path | None = None,
        check_example: Callable[[str], str | None] | None = None,
    ) -> None:
        self._built_in: Specs = built_in()
        self._nodes_dirs = nodes_dirs
        self._cache_dir = cache_dir
        self._check_example = check_example
        self._guests: Guests | None = None

    def specs(self) -> Mapping[str, InvocationSpec]:
        """Return the metadata of all types; nothing is unpacked before it is asked for."""
        return self

    def spec(self, name: str) -> InvocationSpec | None:
        """Return the metadata of a type, or None."""
        return self.get(name)

    def load(self, name: str) -> type[Invocation]:
        """Import the one module of a node and return its class.

        Raises: KeyError, for a recipe or an unknown type; PluginBroken, if a guest's module raises.
        """
        spec = self[name]
        if spec.is_recipe:
            raise KeyError(name)
        module = importlib.import_module(spec.module) if name in self._built_in else _import(spec)
        found: type[Invocation] = operator.attrgetter(spec.class_name)(module)
        return found

    def problems(self) -> tuple[Problem, ...]:
        """Return the guests that were left out, and why."""
        return self.guests.problems

    @property
    def guests(self) -> Guests:
        """Return what comes from outside; read when it is first asked for."""
        if self._guests is None:
            from .plugins import Guests

            self._guests = Guests(self._nodes_dirs, self._cache_dir)  # seen by `check_example` while it is filled
            self._guests.read(self, self._check_example)
        return self._guests

    def __getitem__(self, key: str) -> InvocationSpec:
        if key in self._built_in:
            return self._built_in[key]
        return self.guests.specs[key]

    def __contains__(self, key: object) -> bool:
        return key in self._built_in or key in self.guests.specs

    def __iter__(self) -> Iterator[str]:
        yield from self._built_in
        yield from self.guests.specs

    def __bool__(self) -> bool:
        return True  # without counting, which would read the guests

    def __len__(self) -> int:
        return len(self._built_in) + len(self.guests.specs)


def _import(spec: InvocationSpec) -> ModuleType:
    from .plugins import import_guest

    try:
        return import_guest(spec)
    except (Exception, SystemExit) as error:
        raise PluginBroken(f"`{spec.type}` of {spec.origin} cannot be imported: {error}") from error


def open_registry(
    nodes_dirs: Sequence[Path] = (),
    cache_dir: Path | None = None,
    check_example: Callable[[str], str | None] | None = None,
) -> Registry:
    """Return the registry of the built-in types, installed plug-ins and the nodes in the user's folders.

    `check_example` says what is wrong with an example, or None; it may ask the registry, which then knows the guests.
    """
    return Registry(nodes_dirs, cache_dir, check_example)
