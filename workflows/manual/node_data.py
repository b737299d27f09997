"""The commands as data for programs and agents (`nodes/1`): every input with its type, range, default and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from invocations.graph.linking import members
from invocations.services.models.family_notes import defaults_of, notes_on
from invocations.spec import FieldSpec, InvocationSpec, OutputSpec
from invocations.values import to_json
from workflows.synonyms.table import names_of
from workflows.values.constraints import default_text, range_text

from .command import usage
from .common_options import COMMON_OPTIONS

LIMITS = ("ge", "gt", "le", "lt", "multiple_of")
FLAGS = ("required", "primary", "free_text", "seed", "by_model", "common")
Data = dict[str, Any]


def nodes_data(specs: Iterable[InvocationSpec], catalog: Mapping[str, InvocationSpec]) -> Data:
    """Return the data of `nodes --json`: the given commands, and the options that every command takes."""
    options = [{"usage": usage, "description": text} for usage, text in COMMON_OPTIONS]
    return {"nodes": [node_data(spec, catalog) for spec in specs], "common_options": options}


def node_data(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> Data:
    """Return everything that is known about a command; a recipe also has the inputs of its stages."""
    return {
        "type": spec.type,
        "title": spec.title,
        "category": spec.category,
        "summary": spec.summary,
        "description": " ".join(spec.description.split()),
        "origin": spec.origin,
        "version": spec.version,
        "tags": list(spec.tags),
        "other_names": list(names_of(spec.type, "commands")),
        "usage": list(usage(spec)),
        "examples": list(spec.examples),
        "pipeline": spec.pipeline,
        "inputs": [input_data(field) for field in (*spec.inputs, *_inner_inputs(spec, catalog))],
        "outputs": [_output_data(field) for field in spec.outputs],
    }


def input_data(field: FieldSpec) -> Data:
    """Return everything that is known about an input; limits, texts and notes that it lacks are left out."""
    found: Data = {
        "name": field.name,
        "option": f"--{field.name.replace('_', '-')}",
        "type": str(field.type),
        "description": field.description,
        "given": field.given,
        **{name: getattr(field, name) for name in FLAGS},
        "default": None if field.required else to_json(field.default),
        "default_text": default_text(field),
        "range": {name: limit for name in LIMITS if (limit := getattr(field, name)) is not None},
        "range_text": range_text(field),
        "choices": [choice for member in members(field.type) for choice in member.choices],
        "position": field.position,
        "short": f"-{field.short}" if field.short else "",
        "unit": field.unit,
        "completes": field.completes,
        "family_defaults": defaults_of(field),
        "family_notes": [note.to_json() for note in notes_on(field)],
        "other_names": list(names_of(field.name, "inputs")),
    }
    return {name: value for name, value in found.items() if name in _ALWAYS or value not in ("", None, [], {})}


_ALWAYS = frozenset({"name", "option", "type", "description", "given", *FLAGS, "default"})


def _output_data(field: OutputSpec) -> Data:
    return {
        "name": field.name,
        "type": str(field.type),
        "description": field.description,
        "primary": field.primary,
    }


def _inner_inputs(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> tuple[FieldSpec, ...]:
    if not spec.is_recipe:
        return ()
    from workflows.planning.inner_options import inner_inputs  # imported here: it parses the recipe

    return inner_inputs(spec, catalog)
