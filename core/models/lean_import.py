"""Import parts of diffusers without the dependencies that they pull in but do not need here.

diffusers 0.42 is meant to be imported as a whole: one UNet imports every other network, transformers, SciPy's
statistics and torch's compiler, which takes three times as long as importing torch. Inside `lean_imports`

- a *lazy package* is created without running its `__init__`, which only collects classes that are not needed here; the
  `__init__` runs as soon as any code accesses another name of the package, now or later;
- a *stand-in* replaces a module from which only a decorator or a class to compare with is needed. It is removed when
  the block ends, so later imports get the real module.

What diffusers computes is unchanged; a test compares it with a process that imported diffusers the usual way.
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
    """A package whose `__init__` runs only when a name is used that is not one of its submodules."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not isinstance(self.__loader__, _LazyLoader):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__loader__.fill(self)
        return getattr(self, name)


class _StandInType(type):
    """Metaclass of a class that stands in for another: it has no instances until the real class is imported."""

    def __instancecheck__(cls, instance: object) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        module = sys.modules.get(cls.__module__)
        real = getattr(module, cls.__name__, None)
        return subclass is cls or (real is not None and real is not cls and issubclass(subclass, real))


def _no_op(function: Any = None, *_: Any, **__: Any) -> Any:
    """A decorator without effect, with or without parentheses: torch's compiler is not used here."""
    return (lambda decorated: decorated) if function is None else function


STAND_INS: dict[str, dict[str, Any]] = {
    "torch._dynamo": {"allow_in_graph": _no_op, "disable": _no_op},
    "transformers": {
        "PreTrainedModel": _StandInType("PreTrainedModel", (), {"__module__": "transformers.modeling_utils"}),
        "AutoImageProcessor": _StandInType("AutoImageProcessor", (), {"__module__": "transformers"}),
    },
}

RENAMED_PACKAGES = ("optimum", "flashinfer", "modelopt")
"""Packages that diffusers looks for and whose import name differs from the name of their distribution."""

_lock = threading.RLock()


@contextmanager
def lean_imports() -> Iterator[None]:
    """Inside the block, this thread imports diffusers without unneeded modules; loaded modules stay as they are."""
    with _lock:
        finder = _LeanFinder(threading.get_ident())
        sys.meta_path.insert(0, finder)
        try:
            with _without_package_map():
                yield
        finally:
            sys.meta_path.remove(finder)
            for name in STAND_INS:
                _remove(name)


@contextmanager
def _without_package_map() -> Iterator[None]:
    """Skip diffusers' map of all installed packages, which takes 0.2 s, if no installed package needs it."""
    if "diffusers.utils.import_utils" in sys.modules or any(map(PathFinder.find_spec, RENAMED_PACKAGES)):
        yield
        return
    real = metadata.packages_distributions
    metadata.packages_distributions = dict
    try:
        yield
    finally:
        metadata.packages_distributions = real
        if "diffusers.utils.import_utils" in sys.modules:
            # If diffusers needs the map after all, it builds it then.
            vars(sys.modules["diffusers.utils.import_utils"])["_package_map"] = None


class _LeanFinder(MetaPathFinder):
    def __init__(self, thread: int) -> None:
        self.thread = thread

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if threading.get_ident() != self.thread or name not in LAZY_PACKAGES | STAND_INS.keys():
            return None
        if name in STAND_INS and not isinstance(sys.modules.get("transformers", _StandIn("")), _StandIn):
            return None  # diffusers then imports more of the real transformers, which needs the real module
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
        """Do not run the package's `__init__` yet."""

    def fill(self, module: ModuleType) -> None:
        """Run the package's `__init__`."""
        module.__class__ = ModuleType
        module.__loader__ = self.real
        if module.__spec__ is not None:
            module.__spec__.loader = self.real
        self.real.exec_module(module)


class _StandIn(ModuleType):
    """A stand-in for a module; it exists only inside `lean_imports`."""


class _StandInLoader(Loader):
    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self.names)


def _remove(name: str) -> None:
    """Remove a stand-in from `sys.modules` and from its package."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    package, _, attribute = name.rpartition(".")
    if isinstance(vars(sys.modules.get(package, sys)).get(attribute), _StandIn):
        delattr(sys.modules[package], attribute)
