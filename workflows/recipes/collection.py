"""The user's own recipes: read a line or an edited file as a recipe, save it, find its file, remove it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from invocations.catalog.rules import TYPE_WORD
from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.source import Source
from invocations.language.tokens import AS
from invocations.language.variables import MARK
from invocations.services.images.names import RESERVED as DEVICES
from invocations.spec import InvocationSpec
from workflows.planning.lookup import Check
from workflows.planning.recipes import body
from workflows.planning.scope import IsFile, no_file
from workflows.planning.unknown_words import unknown_command
from workflows.problems import UsageError

from .file import (
    SUFFIX,
    InvalidRecipe,
    changed,
    check_keys,
    data_in,
    data_of,
    described,
    read_file,
    remove_file,
    text_of,
    write_file,
)
from .line import DERIVED, read_recipe_line
from .shown import line_of

NAMES = "a name consists of lowercase letters, digits and dashes, and begins with a letter: my-poster"
WORDS = frozenset({AS, "sweep"})  # words of the language that are not commands


@frozen
class Recipe:
    """A recipe that can be saved: the path and the text of its file, and its metadata.

    is_saved: whether the file already has this content
    """

    path: str
    text: str
    spec: InvocationSpec
    is_saved: bool = False


@dataclass(slots=True)
class OwnRecipes:
    """The recipes in the user's folder, and the commands that they may use.

    directives: the names of directives; words: other words that may not be names of recipes
    check: checks the models and schedulers that values name
    """

    folder: str
    catalog: Mapping[str, InvocationSpec]
    directives: Collection[str] = ()
    words: Collection[str] = ()
    check: Check | None = None
    is_file: IsFile = field(default=no_file)

    def of_line(self, name: str, line: str, *, summary: str = "", overwrite: bool = False) -> Recipe:
        """Return a line as a recipe, without saving it. Raises: UsageError, Refusal, InvalidRecipe, FileError."""
        self.check_name(name)
        read = read_recipe_line(line, name, self.catalog, self.directives, check=self.check, is_file=self.is_file)
        data = {"type": name, "summary": summary or " ".join(line.split()), "pipeline": read.pipeline}
        path = self.own_file(name) or os.path.join(self.folder, name + SUFFIX)
        recipe = self._recipe(path, {**data, "inputs": dict(read.inputs)})
        if os.path.lexists(path):
            if data_in(read_file(path)) == data_in(recipe.text):
                return replace(recipe, is_saved=True)
            if not overwrite:
                raise taken(name)
        return recipe

    def of_text(self, name: str, text: str) -> Recipe:
        """Return the recipe that an edited file describes, without saving it; read its inputs from the pipeline again.

        Raises: Refusal, UsageError, InvalidRecipe.
        """
        data = data_of(text, name)
        if data.get("type") != name:
            hint = "`recipe save NEW 'LINE'` saves it under another name"
            raise InvalidRecipe(f'`type` must remain "{name}"', hint)
        check_keys(data)
        path, before = self.file_of(name), self._variables(name)
        if MARK not in data["pipeline"] and not before:
            self._check_commands(data["pipeline"])
            return Recipe(path, text, described(data, self.catalog, path))
        own = data.get("inputs", {})
        is_piped = any(row.get("primary") and f"${{{key}}}" not in data["pipeline"] for key, row in own.items())
        line = f"| {data['pipeline']}" if is_piped else data["pipeline"]
        read = read_recipe_line(line, name, self.catalog, self.directives, check=self.check, is_file=self.is_file)
        kept = {key: row for key, row in own.items() if key not in read.inputs and key not in before}
        inputs = {
            key: _merged(row, own.get(key, {})) if key in read.variables else {**row, **own.get(key, {})}
            for key, row in read.inputs.items()
        }
        data |= {"pipeline": read.pipeline, "inputs": {**inputs, **kept}}
        return Recipe(path, changed(text, data), described(data, self.catalog, path))

    def _check_commands(self, pipeline: str) -> None:
        """Refuse a pipeline that cannot be parsed or uses unknown commands. Raises: Refusal."""
        source = Source(None, pipeline)
        unknown = [stage for stage in parse(source).stages if stage.command.text not in self.catalog]
        if unknown:
            raise Refusal([unknown_command(stage, self.catalog, self.directives) for stage in unknown], source)

    def _recipe(self, path: str, data: Mapping[str, Any]) -> Recipe:
        return Recipe(path, text_of(data), described(data, self.catalog, path))

    def _variables(self, name: str) -> set[str]:
        """Return the inputs of a recipe that occur in its saved pipeline."""
        spec = self.catalog.get(name)
        return (
            {each.name for each in spec.inputs if f"${{{each.name}}}" in spec.pipeline} if spec is not None else set()
        )

    def save(self, recipe: Recipe) -> None:
        """Write the file of a recipe. Raises: FileError."""
        if not recipe.is_saved:
            write_file(recipe.path, recipe.text)

    def check_name(self, name: str) -> None:
        """Refuse a name that a user recipe cannot have. Raises: UsageError."""
        if not TYPE_WORD.fullmatch(name):
            raise UsageError(f"`{name}` cannot be the name of a recipe", NAMES)
        if name in self.directives:
            raise UsageError(f"`{name}` is a directive", "choose another name")
        if name in self.words or name in WORDS or DEVICES.fullmatch(name):
            raise UsageError(f"`{name}` is a reserved word", "choose another name")
        spec = self.catalog.get(name)
        if spec is not None and not self.own_file(name):
            origin = "" if spec.origin == "built in" else f" of {spec.origin}"
            raise UsageError(f"there is already a command `{name}`{origin}", "choose another name")

    def own_file(self, name: str) -> str:
        """Return the path of a user recipe's file, even if the recipe is broken; "" if there is no such file."""
        spec = self.catalog.get(name)
        if spec is not None:
            return spec.origin if spec.is_recipe and spec.origin.endswith(SUFFIX) else ""
        path = os.path.join(self.folder, name + SUFFIX)
        return path if TYPE_WORD.fullmatch(name) and os.path.lexists(path) else ""

    def file_of(self, name: str) -> str:
        """Return the path of a user recipe's file. Raises: UsageError, if there is none."""
        path = self.own_file(name)
        if path:
            return path
        spec = self.catalog.get(name)
        if spec is not None and spec.is_recipe:
            origin = "built in" if spec.origin == "built in" else f"part of {spec.origin}"
            raise UsageError(f"`{name}` is {origin} and cannot be changed", f"`recipe show {name}` prints its pipeline")
        raise self.unknown(name)

    def unknown(self, name: str) -> UsageError:
        """Return the error for a name that no recipe has, or whose recipe cannot be loaded."""
        if self.own_file(name):
            return UsageError(f"the recipe `{name}` cannot be loaded", f"`recipe edit {name}` opens its file")
        if name in self.catalog:
            return UsageError(f"`{name}` is not a recipe", "`recipe list` lists the recipes")
        names = [spec.type for spec in self.catalog.values() if spec.is_recipe]
        return UsageError(f"there is no recipe `{name}`", did_you_mean(name, names, "`recipe list` lists the recipes"))

    def users_of(self, name: str) -> list[str]:
        """Return the names of the recipes that use the given recipe."""
        return [
            spec.type
            for spec in self.catalog.values()
            if spec.is_recipe and any(stage.command.text == name for stage in body(spec.pipeline).stages)
        ]

    def remove(self, name: str) -> tuple[str, str]:
        """Remove a user recipe; return the path of its file and its line. Raises: UsageError, FileError."""
        path, spec = self.file_of(name), self.catalog.get(name)
        line = line_of(spec) if spec is not None else str(data_in(read_file(path)).get("pipeline", ""))
        remove_file(path)
        return path, line


def taken(name: str) -> UsageError:
    """Return the error for a new recipe whose name is already taken by another recipe."""
    hint = f"choose another name, or add --overwrite; `recipe show {name}` prints it"
    return UsageError(f"there is already a recipe `{name}`", hint)


def _merged(row: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of an input: entries derived from the line, and the user's own, such as the description."""
    kept = {key: value for key, value in own.items() if key not in DERIVED}
    default = {"default": own["default"]} if "default" in own and "default" not in row else {}
    return {**row, **default, **kept}
