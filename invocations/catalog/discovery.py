"""Find and import invocations: the built-in ones, installed plug-ins and the user's files."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import sys
import traceback
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from invocations import nodes
from invocations.errors import DeclarationError
from invocations.foreign import ForeignData, read_bytes, toml_data
from invocations.language.errors import Refusal
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.model import Invocation
from invocations.spec import InvocationSpec

from .describe import describe
from .modules import GROUP, PluginProblem, import_file, is_exit_signal, module_name
from .recipes import describe_recipe
from .roles import clash
from .rules import check_declaration, check_spec, forget

NODES = nodes.__name__
RECIPES = Path(__file__).parents[1] / "recipes"


class PluginsRead(NamedTuple):
    """The accepted plug-ins, the problems of rejected ones, and the plug-in files to watch for changes."""

    specs: Mapping[str, InvocationSpec]
    problems: tuple[PluginProblem, ...]
    watched: tuple[Path, ...]


def built_in_specs() -> list[InvocationSpec]:
    """Import every built-in node and read every built-in recipe. Raises: DeclarationError, also for duplicates."""
    found: dict[str, InvocationSpec] = {}
    for info in sorted(pkgutil.iter_modules(nodes.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{NODES}.{info.name}")
        for cls in classes_of(module):
            check_declaration(cls)
        for spec in specs_of(module):
            add(found, spec)
    recipes = [(file, read_recipe(file)) for file in sorted(RECIPES.glob("*.toml"))]
    for _, result in recipe_specs(recipes, found, "built in"):
        if isinstance(result, DeclarationError):
            raise result
        add(found, result)
    return list(found.values())


def classes_of(module: ModuleType) -> list[type[Invocation]]:
    """Return the invocations that a module or a package declares, in order."""
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
    """Add a spec. Raises: DeclarationError, if its type or its unique role is taken."""
    if spec.type in found:
        raise DeclarationError(_place(spec), f"the type `{spec.type}` is taken by {_place(found[spec.type])}")
    if wrong := clash(spec, found.values()):
        raise DeclarationError(_place(spec), wrong)
    found[spec.type] = spec


def _place(spec: InvocationSpec) -> str:
    if spec.module and spec.origin == "built in":
        return f"{spec.module}.{spec.class_name}"
    return f"recipe `{spec.type}`" if spec.origin == "built in" else spec.origin


def read_recipe(file: Path) -> dict[str, Any]:
    """Read a recipe file. Raises: DeclarationError, OSError."""
    try:
        return toml_data(read_bytes(file))
    except ForeignData as error:
        raise DeclarationError(file.name, f"it {error}") from error


def recipe_specs(
    recipes: Iterable[tuple[Path, dict[str, Any]]], specs: Mapping[str, InvocationSpec], origin: str = ""
) -> list[tuple[Path, InvocationSpec | DeclarationError]]:
    """Describe recipes, starting with those that other recipes use; a refused recipe is returned with its error."""
    waiting, made = dict(recipes), dict[str, InvocationSpec]()
    results: list[tuple[Path, InvocationSpec | DeclarationError]] = []
    while waiting:
        used = {str(data.get("type")): _commands(data) for data in waiting.values()}
        ready = [file for file, data in waiting.items() if not used.keys() & _commands(data)]
        for file in ready or list(waiting):  # recipes that use each other are never ready, so they are refused
            try:
                data = waiting.pop(file)
                if not ready:
                    _refuse_circle(str(data.get("type")), used)
                spec = describe_recipe(data, {**specs, **made}, origin or str(file))
                check_spec(spec, f"recipe `{spec.type}`")
            except DeclarationError as error:
                results.append((file, error))
            else:
                made.setdefault(spec.type, spec)
                results.append((file, spec))
    return results


def _refuse_circle(name: str, used: Mapping[str, set[str]]) -> None:
    """Refuse a recipe that uses itself, directly or through other recipes. Raises: DeclarationError.

    used: the commands in the pipeline of each recipe
    """
    ways: list[tuple[str, ...]] = [(name,)]
    known = set[str]()
    while ways:
        way = ways.pop(0)
        if name in used[way[-1]]:
            raise DeclarationError(f"recipe `{name}`", f"the recipe uses itself: {' -> '.join((*way, name))}")
        known.add(way[-1])
        ways += [(*way, each) for each in sorted(used[way[-1]] & used.keys() - known)]


def _commands(data: Mapping[str, Any]) -> set[str]:
    """Return the commands of a recipe's pipeline, even if the recipe is malformed."""
    pipeline = data.get("pipeline")
    tree, _ = read(Source(None, pipeline if isinstance(pipeline, str) else ""))
    return {stage.command.text for stage in tree.stages}


def read_plugins(files: Sequence[Path], built_in: Mapping[str, InvocationSpec]) -> PluginsRead:
    """Import installed plug-ins and the user's files; if one of them fails, the others are still imported."""
    reading = _PluginReader(built_in)
    watched = reading.installed()
    for file in files:
        if file.suffix == ".py":
            reading.module(partial(_reimport, file), str(file), origin=str(file))
    reading.recipes([file for file in files if file.suffix == ".toml"])
    reading.check_examples()
    return PluginsRead(reading.found, tuple(reading.problems), tuple(watched))


def _reimport(file: Path) -> ModuleType:
    forget(module_name(file))
    sys.modules.pop(module_name(file), None)
    return import_file(file)


class _PluginReader:
    """Collects the plug-ins accepted so far, and the problems of rejected ones."""

    def __init__(self, built_in: Mapping[str, InvocationSpec]) -> None:
        self.found: dict[str, InvocationSpec] = {}
        self.specs = ChainMap(self.found, dict(built_in))
        self.places: dict[str, tuple[str, int | None]] = {}
        self.problems: list[PluginProblem] = []

    def installed(self) -> list[Path]:
        """Import the modules in the entry points of installed distributions, and return their files."""
        from importlib.metadata import entry_points

        watched = []
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            origin = entry.dist.name if entry.dist else entry.name
            module = self.module(entry.load, f"{origin} (entry point `{entry.name}`)", origin=origin)
            watched += [Path(file) for file in (getattr(module, "__file__", None),) if file]
        return watched

    def module(self, load: Callable[[], ModuleType], file: str, *, origin: str) -> ModuleType | None:
        """Import a module and add the invocations that it declares."""
        try:
            with contextlib.redirect_stdout(sys.stderr):  # standard output is reserved for results
                module = load()
                if not isinstance(module, ModuleType):
                    raise DeclarationError(file, "an entry point for nodes must name a module")
                classes = [(cls, replace(describe(cls), origin=origin)) for cls in classes_of(module)]
        except (Exception, SystemExit) as error:
            if is_exit_signal(error):
                raise
            self.refuse(file, *_why(error, file))
            return None
        for cls, spec in classes:
            self.admit(spec, file, _line_of(cls))
        return module

    def recipes(self, files: list[Path]) -> None:
        """Read recipe files and add their recipes."""
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
        """Add a plug-in, unless its type or its unique role is taken."""
        other = self.specs.get(spec.type)
        if other is not None:
            self.refuse(file, line, f"the type `{spec.type}` is taken by {_place(other)}")
            return
        if wrong := clash(spec, self.specs.values()):
            self.refuse(file, line, wrong)
            return
        self.found[spec.type], self.places[spec.type] = spec, (file, line)

    def refuse(self, file: str, line: int | None, reason: str) -> None:
        """Record why a plug-in is left out."""
        self.problems.append(PluginProblem(file, line, reason))

    def check_examples(self) -> None:
        """Leave out plug-ins with an example that cannot be parsed, and recipes that use such plug-ins."""
        bad = {
            name: f"the example `{example}` of `{name}` is refused: {reason}"
            for name, spec in self.found.items()
            for example in spec.examples
            if (reason := _refusal_of(example)) is not None
        }
        while bad:
            for name, reason in bad.items():
                del self.found[name]
                self.refuse(*self.places[name], reason)
            bad = {
                name: f"the pipeline uses `{command}`, which was not loaded"
                for name, spec in self.found.items()
                for command in _commands({"pipeline": spec.pipeline})
                if command not in self.specs
            }


def _refusal_of(example: str) -> str | None:
    source = Source(None, example)
    _, errors = read(source)
    return str(Refusal(errors, source)) if errors else None


def _why(error: BaseException, file: str) -> tuple[int | None, str]:
    """Return the line of a plug-in's file where an error occurred, and the error's message."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno, f"SyntaxError: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    stated = re.search(r"at line (\d+)", str(error)) if isinstance(error, DeclarationError) else None
    line = lines[-1] if lines else int(stated[1]) if stated else None
    return line, str(error) if isinstance(error, DeclarationError) else f"{type(error).__name__}: {error}"


def _line_of(cls: type) -> int | None:
    try:
        return inspect.getsourcelines(cls)[1]
    except (OSError, TypeError):
        return None
