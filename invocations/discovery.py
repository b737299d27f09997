"""Where invocations come from: the nodes and recipes folders of the program. Imports nodes; nobody at start-up does."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from invocations import nodes
from invocations.describe import describe
from invocations.errors import DeclarationError
from invocations.invocation import Invocation
from invocations.spec import InvocationSpec

RECIPES = Path(__file__).parent / "recipes"


def built_in_specs() -> list[InvocationSpec]:
    """Import every node and read every recipe of the program. Raises: DeclarationError, also on a clash."""
    found: dict[str, InvocationSpec] = {}
    for info in sorted(pkgutil.iter_modules(nodes.__path__), key=lambda info: info.name):
        for spec in specs_of(importlib.import_module(f"{nodes.__name__}.{info.name}")):
            add(found, spec)
    return list(found.values())


def specs_of(module: ModuleType) -> list[InvocationSpec]:
    """Describe the invocations that a module declares, in the order it declares them."""
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Invocation) and value.__module__ == module.__name__
    ]
    return [describe(cls) for cls in classes if "declaration" in vars(cls)]


def add(found: dict[str, InvocationSpec], spec: InvocationSpec) -> None:
    """Add a spec, or refuse it because its type is taken. Raises: DeclarationError."""
    other = found.get(spec.type)
    if other is not None:
        raise DeclarationError(
            spec.type, f"is declared by {other.module or other.origin} and {spec.module or spec.origin}"
        )
    found[spec.type] = spec
