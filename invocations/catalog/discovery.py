"""Looks for invocations and imports them: the program's own, installed plug-ins, the user's files."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from invocations import nodes
from invocations.errors import DeclarationError
from invocations.invocation import Invocation
from invocations.spec import InvocationSpec

from .describe import describe
from .plugins import GROUP, Guests, Problem, import_file, module_name
from .recipes import describe_recipe, stages_of
from .rules import check_spec, forget

RECIPES = Path(__file__).parents[1] / "recipes"


def built_in_specs() -> list[InvocationSpec]:
    """Import every node and read every recipe of the program. Raises: DeclarationError, also on a clash."""
    found: dict[str, InvocationSpec] = {}
    for info in sorted(pkgutil.iter_modules(nodes.__path__), key=lambda info: info.name):
        for spec in specs_of(importlib.import_module(f"{nodes.__name__}.{info.name}")):
            add(found, spec)
    recipes = [(file, read_recipe(file)) for file in sorted(RECIPES.glob("*.toml"))]
    for _, result in recipe_specs(recipes, found, "built in"):
        if isinstance(result, DeclarationError):
            raise result
        add(found, result)
    return list(found.values())


def classes_of(module: ModuleType) -> list[type[Invocation]]:
    """Return the invocations that a module, or a package with its inner modules, declares, in order."""
    inside = (module.__name__, f"{module.__name__}.")
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Invocation)
        and "declaration" in vars(value)
        and (value.__module__ == inside[0] or value.__module__.startswith(inside[1]))
    ]


def specs_of(module: ModuleType) -> list[InvocationSpec]:
    """Describe the invocations that a module declares."""
    return [describe(cls) for cls in classes_of(module)]


def add(found: dict[str, InvocationSpec], spec: InvocationSpec) -> None:
    """Add a spec, or refuse it because its type is taken. Raises: DeclarationError."""
    if spec.type in found:
        raise DeclarationError(_place(spec), f"the type `{spec.type}` is taken by {_place(found[spec.type])}")
    found[spec.type] = spec


def _place(spec: InvocationSpec) -> str:
    if spec.module and spec.origin == "built in":
        return f"{spec.module}.{spec.class_name}"
    return f"recipe `{spec.type}`" if spec.origin == "built in" else spec.origin


def read_recipe(file: Path) -> dict[str, Any]:
    """Read a recipe file. Raises: DeclarationError, OSError."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError(file.name, f"is not TOML: {error}") from error


def recipe_specs(
    recipes: Iterable[tuple[Path, dict[str, Any]]], specs: Mapping[str, InvocationSpec], origin: str = ""
) -> list[tuple[Path, InvocationSpec | DeclarationError]]:
    """Describe recipes, those that others are made of first; what is refused comes as its error."""
    waiting, made = dict(recipes), dict[str, InvocationSpec]()
    results: list[tuple[Path, InvocationSpec | DeclarationError]] = []
    while waiting:
        names = {data.get("type") for data in waiting.values()}
        ready = [file for file, data in waiting.items() if not names & _commands(data)]
        for file in ready or list(waiting):  # none is ready: they are made of each other, which their own words refuse
            try:
                spec = describe_recipe(waiting.pop(file), {**specs, **made}, origin or str(file))
                check_spec(spec, f"recipe `{spec.type}`")
            except DeclarationError as error:
                results.append((file, error))
            else:
                made.setdefault(spec.type, spec)
                results.append((file, spec))
    return results


def _commands(data: Mapping[str, Any]) -> set[str]:
    pipeline = data.get("pipeline")
    return {stage.command for stage in stages_of(pipeline)} if isinstance(pipeline, str) else set()


def read_guests(
    guests: Guests, specs: Mapping[str, InvocationSpec], check_example: Callable[[str], str | None] | None
) -> list[Path]:
    """Look at every guest and fill in `guests`; return the files of installed plug-ins, to be watched.

    `specs` are all types, the guests' among them as soon as they are found. Whatever a guest does is its own problem.
    """
    reading = _Reading(guests, specs)
    watched = reading.plug_ins()
    files = guests.files()
    for file in files:
        if file.suffix == ".py":
            reading.module(partial(_import_afresh, file), str(file), origin=str(file))
    reading.recipes([file for file in files if file.suffix == ".toml"])
    if check_example is not None:
        reading.check_examples(check_example)
    return watched


def _import_afresh(file: Path) -> ModuleType:
    forget(module_name(file))
    sys.modules.pop(module_name(file), None)
    return import_file(file)


class _Reading:
    """The guests found so far and the problems with the rest."""

    def __init__(self, guests: Guests, specs: Mapping[str, InvocationSpec]) -> None:
        self.guests, self.specs = guests, specs
        self.found: dict[str, InvocationSpec] = {}
        self.places: dict[str, tuple[str, int | None]] = {}
        guests.specs, guests.problems = self.found, ()

    def plug_ins(self) -> list[Path]:
        """Import the modules that installed distributions name, and return their files."""
        from importlib.metadata import entry_points

        watched = []
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            origin = entry.dist.name if entry.dist else entry.name
            module = self.module(entry.load, f"{origin} (entry point `{entry.name}`)", origin=origin)
            watched += [Path(file) for file in (getattr(module, "__file__", None),) if file]
        return watched

    def module(self, load: Callable[[], ModuleType], file: str, *, origin: str) -> ModuleType | None:
        """Import a module and admit what it declares."""
        try:
            with contextlib.redirect_stdout(sys.stderr):  # standard output carries only results
                module = load()
                if not isinstance(module, ModuleType):
                    raise DeclarationError(file, "an entry point of nodes names a module")
                classes = [(cls, replace(describe(cls), origin=origin)) for cls in classes_of(module)]
        except (Exception, SystemExit) as error:
            self.refuse(file, *_why(error, file))
            return None
        for cls, spec in classes:
            self.admit(spec, file, _line_of(cls))
        return module

    def recipes(self, files: list[Path]) -> None:
        """Read recipe files and admit them."""
        recipes = []
        for file in files:
            try:
                recipes.append((file, read_recipe(file)))
            except (DeclarationError, OSError) as error:
                self.refuse(str(file), *_why(error, str(file)))
        for file, result in recipe_specs(recipes, self.specs):
            if isinstance(result, DeclarationError):
                self.refuse(str(file), None, str(result))
            else:
                self.admit(result, str(file), None)

    def admit(self, spec: InvocationSpec, file: str, line: int | None) -> None:
        """Take a spec in, unless its type is taken."""
        other = self.specs.get(spec.type)
        if other is not None:
            self.refuse(file, line, f"the type `{spec.type}` is taken by {_place(other)}")
            return
        self.found[spec.type], self.places[spec.type] = spec, (file, line)

    def refuse(self, file: str, line: int | None, reason: str) -> None:
        """Note a guest that is left out."""
        self.guests.problems += (Problem(file, line, reason),)

    def check_examples(self, check_example: Callable[[str], str | None]) -> None:
        """Leave out what has an example that is no line of the language, and the recipes made of it."""
        bad = {
            name: f"the example `{example}` of `{name}` is refused: {reason}"
            for name, spec in self.found.items()
            for example in spec.examples
            if (reason := check_example(example)) is not None
        }
        while bad:
            for name, reason in bad.items():
                del self.found[name]
                self.refuse(*self.places[name], reason)
            bad = {
                name: f"its pipeline names `{stage.command}`, which was left out"
                for name, spec in self.found.items()
                for stage in (stages_of(spec.pipeline) if spec.is_recipe else ())
                if stage.command not in self.specs
            }


def _why(error: BaseException, file: str) -> tuple[int | None, str]:
    """Return the line in a guest's file that an error came from, and what it says."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno, f"SyntaxError: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    told = re.search(r"at line (\d+)", str(error)) if isinstance(error, DeclarationError) else None
    line = lines[-1] if lines else int(told[1]) if told else None
    return line, str(error) if isinstance(error, DeclarationError) else f"{type(error).__name__}: {error}"


def _line_of(cls: type) -> int | None:
    try:
        return inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return None
