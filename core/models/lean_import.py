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
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
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
    """Inside the block, diffusers is imported without unneeded modules; loaded modules stay as they are.

    The packages and the stand-ins are placed in `sys.modules` beforehand: a finder would be called for every import.
    """
    with _lock:
        lazy = _place_lazy_packages()
        _place_stand_ins()
        try:
            with _without_package_map():
                yield
        finally:
            for name in STAND_INS:
                _remove(name)
            for name in lazy:
                _bind(name)


def _place_lazy_packages() -> list[str]:
    """Create the lazy packages that are installed and not yet imported; return their names."""
    names = [name for name in LAZY_PACKAGES if name not in sys.modules]
    for name in names:
        spec = _found(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _LazyLoader(spec.loader)
            sys.modules[name] = module_from_spec(spec)
    return [name for name in names if name in sys.modules]


def _found(name: str) -> ModuleSpec | None:
    """Return where a module lies, without importing the packages that contain it."""
    package = name.rpartition(".")[0]
    if not package:
        return PathFinder.find_spec(name)
    parent = _found(package)
    return None if parent is None else PathFinder.find_spec(name, parent.submodule_search_locations)


def _place_stand_ins() -> None:
    """Create the stand-ins, unless transformers was imported: diffusers then imports more of it, which needs all."""
    if "transformers" not in sys.modules:
        for name, members in STAND_INS.items():
            if name not in sys.modules:
                sys.modules[name] = stand_in = _StandIn(name)
                stand_in.__spec__, stand_in.__path__ = ModuleSpec(name, None, is_package=True), []
                vars(stand_in).update(members)


def _bind(name: str) -> None:
    """Make a lazy package an attribute of its parent, as an import does, or remove it if the parent is not imported."""
    package, _, attribute = name.rpartition(".")
    if package and package not in sys.modules:
        del sys.modules[name]
    elif package and attribute not in vars(sys.modules[package]):
        setattr(sys.modules[package], attribute, sys.modules[name])


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


def _remove(name: str) -> None:
    """Remove a stand-in from `sys.modules` and from its package."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    package, _, attribute = name.rpartition(".")
    if isinstance(vars(sys.modules.get(package, sys)).get(attribute), _StandIn):
        delattr(sys.modules[package], attribute)
