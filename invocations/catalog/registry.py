"""The registry of invocations. The metadata of built-in types comes from a stored snapshot, that of plug-ins from a
cache; classes are imported on first use.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from invocations.errors import PluginBroken
from invocations.spec import InvocationSpec

from .roles import Indexed
from .snapshot import Specs, built_in

if TYPE_CHECKING:
    from types import ModuleType

    from invocations.model import Invocation

    from .modules import PluginProblem
    from .plugins import Folder, Plugins

__all__ = ["Registry", "open_registry"]


class Registry(Indexed):
    """A mapping from types to metadata; plug-ins are only read for a type that is not built in, or for all types."""

    def __init__(self, nodes_dirs: Sequence[Folder] = (), cache_dir: Folder | None = None) -> None:
        self._built_in: Specs = built_in()
        self._found: dict[str, InvocationSpec] = {}
        self._nodes_dirs = nodes_dirs
        self._cache_dir = cache_dir
        self._plugins: Plugins | None = None

    def specs(self) -> Mapping[str, InvocationSpec]:
        """Return the metadata of all types, unpacked on first access."""
        return self

    def spec(self, name: str) -> InvocationSpec | None:
        """Return the metadata of a type, or None."""
        return self.get(name)

    def load(self, name: str) -> type[Invocation]:
        """Import only the module of a node and return its class.

        Raises: KeyError, for a recipe or an unknown type; PluginBroken, if a plug-in's module raises.
        """
        spec = self[name]
        if spec.is_recipe:
            raise KeyError(name)
        module = importlib.import_module(spec.module) if name in self._built_in else _import(spec)
        found: type[Invocation] = operator.attrgetter(spec.class_name)(module)
        return found

    @property
    def roles(self) -> Mapping[str, str]:
        """The type of each unique role; all are built in."""
        return self._built_in.roles

    def problems(self) -> tuple[PluginProblem, ...]:
        """Return the plug-ins that were left out, and why."""
        return self.plugins.problems

    @property
    def foreign(self) -> Collection[str]:
        """The types that are not built in."""
        return self.plugins.specs.keys()

    @property
    def foreign_facts(self) -> tuple[str, ...]:
        """The names of the facts that plug-in nodes declare; file-name templates may use them."""
        return tuple(dict.fromkeys(name for spec in self.plugins.specs.values() for name in spec.facts))

    @property
    def plugins(self) -> Plugins:
        """The plug-ins, read on first use."""
        if self._plugins is None:
            from .plugins import Plugins

            self._plugins = Plugins(self._nodes_dirs, self._cache_dir)
            self._plugins.read(self._built_in)
        return self._plugins

    def refresh(self) -> None:
        """Forget the plug-ins, so that they are read again on the next use; files may have been added or removed."""
        for name in [name for name in self._found if name not in self._built_in]:
            del self._found[name]
        self._plugins = None

    def refresh_if_changed(self) -> None:
        """Forget the plug-ins if files in the user's folders were added, removed or changed since they were read."""
        if self._plugins is not None and self._plugins.is_stale:
            self.refresh()

    def with_recipes(self, recipes: Mapping[str, InvocationSpec | None]) -> Indexed:
        """Return a catalog in which these recipes are added or, if their metadata is None, removed."""
        return _Changed(self, recipes)

    def __getitem__(self, key: str) -> InvocationSpec:
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._built_in[key] if key in self._built_in else self.plugins.specs[key]
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._found or key in self._built_in or key in self.plugins.specs

    def __iter__(self) -> Iterator[str]:
        yield from self._built_in
        yield from self.plugins.specs

    def __bool__(self) -> bool:
        return True  # without this method, `bool` would call `len`, which reads the plug-ins

    def __len__(self) -> int:
        return len(self._built_in) + len(self.plugins.specs)


class _Changed(Indexed):
    """A catalog as it will be when a later line of a script runs, after earlier lines have saved or removed recipes."""

    def __init__(self, catalog: Registry, recipes: Mapping[str, InvocationSpec | None]) -> None:
        self._catalog = catalog
        self._added = {name: spec for name, spec in recipes.items() if spec is not None}
        self._removed = frozenset(name for name, spec in recipes.items() if spec is None)

    @property
    def roles(self) -> Mapping[str, str]:
        return self._catalog.roles

    def __getitem__(self, key: str) -> InvocationSpec:
        if key in self._removed:
            raise KeyError(key)
        return self._added[key] if key in self._added else self._catalog[key]

    def __contains__(self, key: object) -> bool:
        return key in self._added or (key not in self._removed and key in self._catalog)

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self._catalog if name not in self._removed and name not in self._added)
        yield from self._added

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _import(spec: InvocationSpec) -> ModuleType:
    from .modules import import_plugin, is_exit_signal

    try:
        return import_plugin(spec)
    except (Exception, SystemExit) as error:
        if is_exit_signal(error):
            raise
        raise PluginBroken(f"`{spec.type}` of {spec.origin} cannot be imported: {error}") from error


def open_registry(
    nodes_dirs: Sequence[Folder] = (),
    cache_dir: Folder | None = None,
) -> Registry:
    """Return the registry of the built-in types, installed plug-ins and the nodes in the user's folders."""
    return Registry(nodes_dirs, cache_dir)
