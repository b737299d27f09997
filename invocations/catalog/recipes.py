"""Derive the InvocationSpec of a recipe (a pipeline that is used as a command) from its TOML file.

The arguments inside the pipeline are bound later, when the planner expands the recipe. An input whose `${name}` is only
a part of a string in the pipeline has no targets, but the key `part_of`; the planner inserts its value there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from invocations.errors import DeclarationError
from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.source import Source
from invocations.language.stage_keys import stage_keys
from invocations.language.tree import Stage
from invocations.language.variables import declared
from invocations.spec import RENAMED_CATEGORIES, Exposure, FieldSpec, FieldType, InvocationSpec

TOP_KEYS = {
    "type", "title", "summary", "description", "category", "version", "tags", "examples", "pipeline", "inputs",
    "optional",
}  # fmt: skip
INPUT_KEYS: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("description", "short", "unit", "given", "completes", "part_of"), str),
    **dict.fromkeys(("required", "free_text", "primary", "common"), bool),
    **dict.fromkeys(("ge", "gt", "le", "lt"), (int, float)),
    **dict.fromkeys(("position", "multiple_of"), int),
    "to": list,
    "default": object,
}


def describe_recipe(data: Mapping[str, Any], specs: Mapping[str, InvocationSpec], origin: str) -> InvocationSpec:
    """Convert a recipe file's data to metadata; whatever it omits comes from its stages. Raises: DeclarationError."""
    subject = f"recipe `{data.get('type', '?')}`"
    check_shape(data, subject)
    stages = read_pipeline(data["pipeline"], subject)
    inner = _commands(stages, specs, subject)
    exposures = tuple(_exposure(name, entry, inner, subject) for name, entry in data.get("inputs", {}).items())
    fields = tuple(_field(exposure.name, data["inputs"][exposure.name], inner) for exposure in exposures)
    for field in fields:
        if not field.required and field.default is None and not _may_be_unset(field, data, inner):
            raise DeclarationError(subject, f"input `{field.name}` is not required, so it needs a default")
        if "part_of" in data["inputs"][field.name] and field.name not in _parts(data["pipeline"]):
            raise DeclarationError(
                subject, f"input `{field.name}` has `part_of`, but `${{{field.name}}}` is not in the pipeline"
            )
    last = inner[next(reversed(inner))]
    return InvocationSpec(
        type=data["type"],
        title=data.get("title", data["type"].capitalize()),
        summary=data["summary"],
        category=RENAMED_CATEGORIES.get(data.get("category", ""), data.get("category", "recipes")),
        version=data.get("version", "1.0.0"),
        inputs=fields,
        outputs=last.outputs,
        tags=tuple(data.get("tags", ())),
        examples=tuple(data.get("examples", ())),
        description=data.get("description", "").strip(),
        origin=origin,
        pipeline=_without(stages, data, subject),
        exposures=exposures,
        with_optional=data["pipeline"].strip() if data.get("optional") else "",
        optional=tuple(data.get("optional", ())),
    )


def read_pipeline(pipeline: str, subject: str) -> tuple[Stage, ...]:
    """Return the stages of a recipe's pipeline. Raises: DeclarationError."""
    try:
        tree = parse(Source(None, pipeline))
    except Refusal as refusal:
        raise DeclarationError(subject, f"the pipeline is invalid: {refusal}") from refusal
    if tree.continues or not tree.stages:
        raise DeclarationError(subject, "the pipeline must start with a command")
    return tree.stages


def _commands(
    stages: tuple[Stage, ...], specs: Mapping[str, InvocationSpec], subject: str
) -> dict[str, InvocationSpec]:
    """Return the metadata of each stage's command, keyed by stage."""
    for stage in stages:
        if stage.command.text not in specs:
            raise DeclarationError(subject, f"the pipeline uses `{stage.command.text}`, which is not a command")
    return dict(zip(stage_keys(stages), (specs[stage.command.text] for stage in stages), strict=True))


def check_shape(data: Mapping[str, Any], subject: str) -> None:
    """Refuse unknown keys, missing keys and values of the wrong type. Raises: DeclarationError."""
    for key in sorted(set(data) - TOP_KEYS):
        raise DeclarationError(subject, f"`{key}` is not a key of a recipe; the keys are {', '.join(sorted(TOP_KEYS))}")
    for key in ("type", "summary", "pipeline"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise DeclarationError(subject, f"`{key}` is missing or not a string")
    for key in ("title", "description", "category", "version"):
        if not isinstance(data.get(key, ""), str):
            raise DeclarationError(subject, f"`{key}` must be a string")
    for key in ("tags", "examples", "optional"):
        texts = data.get(key, [])
        if not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
            raise DeclarationError(subject, f"`{key}` must be a list of strings")
    inputs = data.get("inputs", {})
    if not (isinstance(inputs, dict) and all(isinstance(entry, dict) for entry in inputs.values())):
        raise DeclarationError(
            subject, '`inputs` must be a table of tables, such as `prompt = { to = ["prompt.text"] }`'
        )


def _may_be_unset(field: FieldSpec, data: Mapping[str, Any], inner: Mapping[str, InvocationSpec]) -> bool:
    """Return True if an input may be omitted: each target is not required, or belongs to an optional stage."""
    ends = map(_split, data["inputs"][field.name].get("to", ()))
    targets = [inner[stage].input(name) for stage, name in ends if stage not in data.get("optional", ())]
    return not any(target is not None and target.required for target in targets)


def _without(stages: tuple[Stage, ...], data: Mapping[str, Any], subject: str) -> str:
    """Return the pipeline of a recipe without its optional stages. Raises: DeclarationError."""
    optional: list[str] = data.get("optional", [])
    keys = stage_keys(stages)
    for key in optional:
        if key not in keys:
            raise DeclarationError(subject, f"`{key}` is optional, but the stages are {', '.join(keys)}")
    if not optional:
        return str(data["pipeline"].strip())
    kept = [stage for key, stage in zip(keys, stages, strict=True) if key not in optional]
    if stage_keys(kept) != tuple([key for key in keys if key not in optional]):
        raise DeclarationError(subject, "the optional stages change the names of the others; name them with `as`")
    return " | ".join([data["pipeline"][stage.span.start : stage.span.end] for stage in kept])


def _exposure(name: str, entry: Mapping[str, Any], inner: Mapping[str, InvocationSpec], subject: str) -> Exposure:
    for key in sorted(set(entry) - set(INPUT_KEYS)):
        raise DeclarationError(subject, f"input `{name}`: `{key}` is not a key of an input")
    for key, value in entry.items():
        if not isinstance(value, INPUT_KEYS[key]):
            raise DeclarationError(subject, f"input `{name}`: `{key}` cannot be {value!r}")
    to = entry.get("to", [] if "part_of" in entry else None)
    if not (isinstance(to, list) and (to or "part_of" in entry) and all(isinstance(target, str) for target in to)):
        raise DeclarationError(subject, f'input `{name}` needs `to`, a list such as ["denoise.steps"]')
    for target in (*to, *([entry["part_of"]] if "part_of" in entry else [])):
        stage, _, field = target.rpartition(".")
        if stage not in inner:
            raise DeclarationError(subject, f"input `{name}` goes to `{target}`, but the stages are {', '.join(inner)}")
        if inner[stage].input(field) is None:
            raise DeclarationError(subject, f"input `{name}` goes to `{target}`, but `{stage}` has no input `{field}`")
    return Exposure(name, tuple(map(_split, to)))


def _split(target: str) -> tuple[str, str]:
    """Return the stage and the input in a target such as `denoise.steps`."""
    stage, _, field = target.rpartition(".")
    return stage, field


def _parts(pipeline: str) -> set[str]:
    """Return the names of the inputs whose value is inserted into the pipeline."""
    return {use.name.replace("-", "_") for use in declared(pipeline)}


def _field(own: str, entry: Mapping[str, Any], inner: Mapping[str, InvocationSpec]) -> FieldSpec:
    """Return the metadata of a recipe's input: that of the first stage input it sets, with the recipe's changes."""
    stage, name = _split(next(iter(entry.get("to", ())), "") or entry["part_of"])
    model = inner[stage].input(name)
    assert model is not None
    field = replace(model, name=own, primary=False, position=None, free_text=False, short="", precheck="")
    if not entry.get("to"):
        field = FieldSpec(own, FieldType("str"), f"inserted into `{name}` of `{stage}`")
    changes = {key: value for key, value in entry.items() if key not in ("to", "part_of")}
    if "default" in changes:
        changes.setdefault("required", False)
        field = replace(field, seed=False, by_model=False)
    elif changes.get("required"):
        changes["default"] = None
        field = replace(field, type=_without_none(field.type), seed=False)
    return replace(field, **changes)


def _without_none(kind: FieldType) -> FieldType:
    members = tuple(member for member in kind.args if member.base != "none")
    if kind.base != "union" or members == kind.args:
        return kind
    return members[0] if len(members) == 1 else replace(kind, args=members)
