"""Recipes, pipelines in the language offered as commands: TOML -> InvocationSpec; knows where stages begin, no more.

The words inside the stages are bound by the planner, which expands a recipe where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from invocations.errors import DeclarationError
from invocations.spec import Exposure, FieldSpec, FieldType, InvocationSpec

PIECE = re.compile(
    r"""
      (?P<comment> ^[^\S\n]*\#[^\n]* | (?<=[\s|])\#(?=[\s|]|$)[^\n]* )
    | (?P<bar> \| )
    | (?P<quoted> (?:--[A-Za-z_][\w-]*=|-[A-Za-z]=?)? (?:"(?:\\.|[^"\\])*"|'[^']*') )
    | (?P<word> (?:\\(?!\s*\n) | [^\s|\\])+ )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
NAME = re.compile(r"[A-Za-z_][\w-]*")
TOP_KEYS = {"type", "title", "summary", "description", "category", "version", "tags", "examples", "pipeline", "inputs"}
INPUT_KEYS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("description", "short", "unit", "given", "completes"), str),
    **dict.fromkeys(("required", "free_text", "primary", "common"), bool),
    **dict.fromkeys(("ge", "gt", "le", "lt"), (int, float)),
    **dict.fromkeys(("position", "multiple_of"), int),
    "to": list,
    "default": object,
}


@dataclass(frozen=True, slots=True)
class RecipeStage:
    """One stage of a recipe: the name its inputs are addressed by, and its command."""

    name: str
    command: str


def stage_names(stages: Sequence[tuple[str, str | None]]) -> tuple[str, ...]:
    """Name stages given as (command, name after `as`): that name, else the command; repeated: `command.2`."""
    names: list[str] = []
    for command, given in stages:
        name, count = given or command, 1
        while name in names:
            count += 1
            name = f"{given or command}.{count}"
        names.append(name)
    return tuple(names)


def stages_of(pipeline: str) -> tuple[RecipeStage, ...]:
    """Return the stages of a pipeline; a bar inside quotes is text."""
    stages: list[list[re.Match[str]]] = [[]]
    for piece in PIECE.finditer(pipeline):
        if piece["bar"]:
            stages.append([])
        elif not piece["comment"]:
            stages[-1].append(piece)
    commands = [pieces[0].group() if pieces else "" for pieces in stages]
    names = stage_names([(command, _given_name(pieces)) for command, pieces in zip(commands, stages, strict=True)])
    return tuple(RecipeStage(name, command) for name, command in zip(names, commands, strict=True))


def _given_name(pieces: Sequence[re.Match[str]]) -> str | None:
    """Return the word after a closing `as`."""
    words = [piece.group() for piece in pieces]
    named = len(words) > 2 and words[-2] == "as" and "--" not in words and NAME.fullmatch(words[-1])
    return words[-1] if named else None


def describe_recipe(data: Mapping[str, Any], specs: Mapping[str, InvocationSpec], origin: str) -> InvocationSpec:
    """Turn a recipe file's data into metadata, with what its stages' own metadata says. Raises: DeclarationError."""
    subject = f"recipe `{data.get('type', '?')}`"
    _check_shape(data, subject)
    inner: dict[str, InvocationSpec] = {}
    for stage in stages_of(data["pipeline"]):
        spec = specs.get(stage.command)
        if spec is None:
            raise DeclarationError(subject, f"its pipeline names `{stage.command}`, which is no invocation")
        inner[stage.name] = spec
    exposures = tuple(_exposure(name, entry, inner, subject) for name, entry in data.get("inputs", {}).items())
    fields = tuple(_field(exposure, data["inputs"][exposure.name], inner) for exposure in exposures)
    last = inner[next(reversed(inner))]
    return InvocationSpec(
        type=data["type"],
        title=data.get("title", data["type"].capitalize()),
        summary=data["summary"],
        category=data.get("category", "recipes"),
        version=data.get("version", "1.0.0"),
        inputs=fields,
        outputs=last.outputs,
        tags=tuple(data.get("tags", ())),
        examples=tuple(data.get("examples", ())),
        description=data.get("description", "").strip(),
        origin=origin,
        pipeline=data["pipeline"].strip(),
        exposures=exposures,
    )


def _check_shape(data: Mapping[str, Any], subject: str) -> None:
    for key in sorted(set(data) - TOP_KEYS):
        raise DeclarationError(subject, f"`{key}` is not a key of a recipe; known are {', '.join(sorted(TOP_KEYS))}")
    for key in ("type", "summary", "pipeline"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise DeclarationError(subject, f"it needs `{key}`, a text")
    for key in ("title", "description", "category", "version"):
        if not isinstance(data.get(key, ""), str):
            raise DeclarationError(subject, f"`{key}` must be a text")
    for key in ("tags", "examples"):
        texts = data.get(key, [])
        if not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
            raise DeclarationError(subject, f"`{key}` must be a list of texts")
    inputs = data.get("inputs", {})
    if not (isinstance(inputs, dict) and all(isinstance(entry, dict) for entry in inputs.values())):
        raise DeclarationError(
            subject, '`inputs` must be a table of tables, such as `prompt = { to = ["prompt.text"] }`'
        )


def _exposure(name: str, entry: Mapping[str, Any], inner: Mapping[str, InvocationSpec], subject: str) -> Exposure:
    for key in sorted(set(entry) - set(INPUT_KEYS)):
        raise DeclarationError(subject, f"input `{name}`: `{key}` is not a key of an input")
    for key, value in entry.items():
        if not isinstance(value, INPUT_KEYS[key]):
            raise DeclarationError(subject, f"input `{name}`: `{key}` cannot be {value!r}")
    to = entry.get("to")
    if not (isinstance(to, list) and to and all(isinstance(target, str) for target in to)):
        raise DeclarationError(subject, f'input `{name}` needs `to`, a list such as ["denoise.steps"]')
    targets = []
    for target in to:
        stage, _, field = target.rpartition(".")
        if stage not in inner:
            raise DeclarationError(subject, f"input `{name}` goes to `{target}`, but stages are {', '.join(inner)}")
        if inner[stage].input(field) is None:
            raise DeclarationError(subject, f"input `{name}` goes to `{target}`, but `{stage}` has no input `{field}`")
        targets.append((stage, field))
    return Exposure(name, tuple(targets))


def _field(exposure: Exposure, entry: Mapping[str, Any], inner: Mapping[str, InvocationSpec]) -> FieldSpec:
    """Take what the first target says of itself, but for its place in the line, and what the recipe says instead."""
    stage, name = exposure.targets[0]
    model = inner[stage].input(name)
    assert model is not None
    field = replace(model, name=exposure.name, primary=False, position=None, free_text=False, short="")
    changes = {key: value for key, value in entry.items() if key != "to"}
    if "default" in changes:
        changes.setdefault("required", False)
    elif changes.get("required"):
        changes["default"] = None
        field = replace(field, type=_without_none(field.type), seed=False)
    return replace(field, **changes)


def _without_none(kind: FieldType) -> FieldType:
    members = tuple(member for member in kind.args if member.base != "none")
    if kind.base != "union" or members == kind.args:
        return kind
    return members[0] if len(members) == 1 else replace(kind, args=members)
