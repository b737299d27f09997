"""Import parts of diffusers without what they drag along and never use here.

diffusers 0.42 is made to be imported whole: one UNet brings every other network, transformers, SciPy's statistics and
the compiler of torch, three times the cost of torch itself. Inside `lean_imports`

- a *hollow* package is made without its `__init__`, which only gathers classes that are not wanted; it fills itself
  with the real thing as soon as someone asks it for a name, now or later;
- a *stand-in* answers for a module of which only a decorator or a class to compare with is wanted. It is gone when
  the block ends, so that whoever imports that module later gets the real one.

What diffusers computes is untouched; a test compares it with a process that imported diffusers the usual way.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

LAZY_PACKAGES = frozenset(
    {
        "diffusers.hooks",
        "diffusers.models.autoencoders",
        "diffusers.models.transformers",
        "diffusers.models.unets",
        "requests",
        "scipy.integrate",
        "scipy.stats",
    }
)


class LazyPackage(ModuleType):
    """A package whose `__init__` has not run yet; its submodules can be imported, anything else fills it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not isinstance(self.__loader__, _LazyLoader):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__loader__.fill(self)
        return getattr(self, name)


class _Elsewhere(type):
    """The type of a class that stands for another, of which there are no instances while it is not imported."""

    def __instancecheck__(cls, instance: object) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        module = sys.modules.get(cls.__module__)
        real = getattr(module, cls.__name__, None)
        return subclass is cls or (real is not None and real is not cls and issubclass(subclass, real))


def _as_it_is(function: Any = None, *_: Any, **__: Any) -> Any:
    """Decorate nothing, with or without parentheses: what torch's compiler is told matters to compiled code only."""
    return (lambda decorated: decorated) if function is None else function


STAND_INS: dict[str, dict[str, Any]] = {
    "torch._dynamo": {"allow_in_graph": _as_it_is, "disable": _as_it_is},
    "transformers": {
        "PreTrainedModel": _Elsewhere("PreTrainedModel", (), {"__module__": "transformers.modeling_utils"}),
        "AutoImageProcessor": _Elsewhere("AutoImageProcessor", (), {"__module__": "transformers"}),
    },
}

NAMED_OTHERWISE = ("optimum", "flashinfer", "modelopt")
"""The packages that diffusers looks for under a name that is not their distribution's."""

_lock = threading.RLock()


@contextmanager
def lean_imports() -> Iterator[None]:
    """Let imports of this thread be lean; modules that are loaded already stay as they are."""
    with _lock:
        finder = _LeanFinder(threading.get_ident())
        sys.meta_path.insert(0, finder)
        try:
            with _no_map_of_packages():
                yield
        finally:
            sys.meta_path.remove(finder)
            for name in STAND_INS:
                _dismiss(name)


@contextmanager
def _no_map_of_packages() -> Iterator[None]:
    """Spare diffusers its map of all installed files, a fifth of a second, where nothing it looks up in it is here."""
    if "diffusers.utils.import_utils" in sys.modules or any(map(PathFinder.find_spec, NAMED_OTHERWISE)):
        yield
        return
    real = metadata.packages_distributions
    metadata.packages_distributions = dict
    try:
        yield
    finally:
        metadata.packages_distributions = real
        if "diffusers.utils.import_utils" in sys.modules:
            # Should it ever be asked for one of them again, it makes the map then.
            vars(sys.modules["diffusers.utils.import_utils"])["_package_map"] = None


class _LeanFinder(MetaPathFinder):
    def __init__(self, thread: int) -> None:
        self.thread = thread

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if threading.get_ident() != self.thread or name not in LAZY_PACKAGES | STAND_INS.keys():
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        if name in LAZY_PACKAGES:
            spec.loader = _LazyLoader(spec.loader)
        else:
            spec = ModuleSpec(name, _StandInLoader(STAND_INS[name]), is_package=True)
        return spec


class _LazyLoader(Loader):
    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return LazyPackage(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module hollow."""

    def fill(self, module: ModuleType) -> None:
        """Run the package's own `__init__` in it."""
        module.__class__ = ModuleType
        module.__loader__ = self.real
        if module.__spec__ is not None:
            module.__spec__.loader = self.real
        self.real.exec_module(module)


class _StandIn(ModuleType):
    """A module that answers only while imports are lean."""


class _StandInLoader(Loader):
    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self.names)


def _dismiss(name: str) -> None:
    """Forget a stand-in, in `sys.modules` and as an attribute of its package."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    package, _, attribute = name.rpartition(".")
    if isinstance(vars(sys.modules.get(package, sys)).get(attribute), _StandIn):
        delattr(sys.modules[package], attribute)
