"""A recipe file: its data as TOML, written atomically, and the errors in an edited text with their place."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from invocations.catalog.recipes import check_shape, describe_recipe
from invocations.catalog.rules import check_spec
from invocations.errors import DeclarationError
from invocations.foreign import ForeignData, read_text, toml_data
from invocations.language.errors import LanguageError, Refusal
from invocations.language.source import Source, Span
from invocations.spec import InvocationSpec
from workflows.problems import ApplicationError, FileError
from workflows.settings.folders import written_atomically

SUFFIX = ".toml"
AT = re.compile(r"\(at line (\d+), column (\d+)\)")
LITERAL = re.compile(r"[^'\x00-\x1f\x7f]*")  # what a TOML string in single quotes can hold


HINT = "docs/how-to/recipe.md describes the keys of a recipe file"


class InvalidRecipe(ApplicationError):
    """The data of a recipe breaks a rule."""

    code = "invalid_recipe"


def check_keys(data: Mapping[str, Any]) -> None:
    """Refuse recipe data with invalid keys. Raises: InvalidRecipe."""
    try:
        check_shape(data, f"recipe `{data.get('type', '?')}`")
    except DeclarationError as error:
        raise InvalidRecipe(str(error), HINT) from error


def described(data: Mapping[str, Any], catalog: Mapping[str, InvocationSpec], origin: str) -> InvocationSpec:
    """Return the metadata of a recipe. Raises: InvalidRecipe."""
    others = {name: spec for name, spec in catalog.items() if name != data.get("type")}
    try:
        spec = describe_recipe(data, others, origin)
        check_spec(spec, f"recipe `{spec.type}`")
    except DeclarationError as error:
        raise InvalidRecipe(str(error), HINT) from error
    return spec


def text_of(data: Mapping[str, Any]) -> str:
    """Return the data of a recipe as TOML."""
    import tomlkit  # takes 20 ms, so it is imported only when a file is written

    document = tomlkit.document()
    for key, value in data.items():
        if key != "inputs":
            literal = isinstance(value, str) and _is_literal(value)
            document.add(key, tomlkit.string(value, literal=True) if literal else tomlkit.item(value))
    inputs = tomlkit.table()
    for name, row in data.get("inputs", {}).items():
        inputs.add(name, tomlkit.inline_table())
        inputs[name].update(row)
    if data.get("inputs"):
        document.add(tomlkit.nl())
        document.add("inputs", inputs)
    return tomlkit.dumps(document)


def _is_literal(value: str) -> bool:
    """Whether a string is easier to read in single quotes."""
    return '"' in value and bool(LITERAL.fullmatch(value))


def changed(text: str, data: Mapping[str, Any]) -> str:
    """Return the text of a recipe file with its pipeline and inputs replaced; comments are kept."""
    import tomlkit

    document = tomlkit.parse(text)
    if document.unwrap() == data:
        return text
    document["pipeline"] = tomlkit.string(data["pipeline"], literal=_is_literal(data["pipeline"]))
    made = tomlkit.parse(text_of(data))
    if "inputs" in document:
        document["inputs"] = made["inputs"]
        return tomlkit.dumps(document)
    return tomlkit.dumps(document).rstrip("\n") + "\n\n" + text_of({"inputs": data["inputs"]}).lstrip("\n")


def data_in(text: str) -> dict[str, Any]:
    """Return the data in a recipe file, or {} if it is not TOML."""
    try:
        return toml_data(text)
    except ForeignData:
        return {}


def data_of(text: str, name: str) -> dict[str, Any]:
    """Return the data in an edited recipe file. Raises: Refusal, which points at the place in the file."""
    try:
        return toml_data(text)
    except ForeignData as error:
        found = AT.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        at = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
        at = min(at, len(text))
        message = AT.sub("", f"the file {error}").strip()
        raise Refusal([LanguageError("bad_toml", message, Span(at, at + 1))], Source(name + SUFFIX, text)) from error


def read_file(path: str) -> str:
    """Return the text of a recipe file. Raises: FileError."""
    try:
        return read_text(path)
    except ForeignData as error:
        raise FileError(f"`{path}` {error}", None) from error
    except OSError as error:
        raise FileError(f"`{path}` cannot be read: {error.strerror}", None) from error


def write_file(path: str, text: str) -> None:
    """Write a recipe file atomically. Raises: FileError."""
    try:
        with written_atomically(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a power cut leaves the old file or the new one
    except OSError as error:
        raise FileError(f"`{path}` cannot be written: {error.strerror}", None) from error


def remove_file(path: str) -> None:
    """Remove a recipe file. Raises: FileError."""
    try:
        os.unlink(path)
    except OSError as error:
        raise FileError(f"`{path}` cannot be removed: {error.strerror}", None) from error
