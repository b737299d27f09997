"""The JSON schema of inputs, outputs and the values of their types, with what a form or a program needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from invocations import values
from invocations.spec import FieldSpec, FieldType, OutputSpec

from .exact_integers import MAX_SAFE_INTEGER, SIGNED, UNSIGNED, is_exact, with_strings

Schema = dict[str, Any]
Reference = Callable[[str], Schema]

_PLAIN = {"bool": "boolean", "int": "integer", "float": "number", "str": "string", "none": "null", "json": "object"}
_FLAGS = ("primary", "free_text", "seed", "by_model")
_HIDDEN = frozenset({"path", "parts"})  # fields of references with the files of this machine
_FIELDS: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer", "minimum": 0},
    "float | None": {"type": "number"},
    "str | None": {"type": "string"},
    "int | None": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": SIGNED}]},
}


def input_schema(field: FieldSpec, reference: Reference) -> Schema:
    """Return the schema of an input; `reference` returns the schema of the references of one kind."""
    if is_exact(field):
        schema = _exact(field)
    else:
        schema = _with_limits(type_schema(field.type, reference), field)
    schema = {**schema, "description": field.description}
    if not field.required and field.default is not None:
        default = values.to_json(field.default)
        schema["default"] = str(default) if is_exact(field) else with_strings(default)
    return {**schema, "x-ui": ui(field)}


def output_schema(field: OutputSpec, reference: Reference) -> Schema:
    """Return the schema of an output."""
    schema = {**_large(type_schema(field.type, reference)), "description": field.description}
    return {**schema, "x-ui": {"primary": True}} if field.primary else schema


def type_schema(kind: FieldType, reference: Reference) -> Schema:
    """Return the schema of a type's values."""
    if kind.base == "list":
        return {"type": "array", "items": type_schema(kind.args[0], reference)}
    if kind.base == "union":
        if {arg.base for arg in kind.args} == {"int", "float"}:  # large integers are strings
            return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": SIGNED}]}
        return {"anyOf": [type_schema(arg, reference) for arg in kind.args]}
    if kind.base == "enum":
        return {"type": "string", "enum": list(kind.choices)}
    if kind.base == "ref":
        return reference(kind.kind)
    if kind.base == "color":
        return {"type": "string", "format": "color"}
    return {"type": _PLAIN[kind.base]} if kind.base in _PLAIN else {}


def reference_schema(kind: str) -> Schema:
    """Return the schema of the references of one kind, without the files of this machine."""
    cls = values.KINDS.get(kind, values.Ref)
    properties: Schema = {"kind": {"type": "string", "const": kind}}
    for field in fields(cls):
        if field.name not in _HIDDEN:
            properties[field.name] = dict(_FIELDS[str(field.type)])
    return {"type": "object", "properties": properties, "required": ["kind", "name"]}


def ui(field: FieldSpec) -> Schema:
    """Return how a form shows an input and what the pipeline language calls it; what is not usual is left out."""
    found: Schema = {"widget": widget(field), "linkable": field.given != "written", "common": field.common}
    found |= {name: True for name in _FLAGS if getattr(field, name)}
    found |= {name: value for name in ("position", "short", "unit", "completes") if (value := getattr(field, name))}
    if field.required:
        found["required"] = True
    return found


def widget(field: FieldSpec) -> str:
    """Return the kind of control that suits an input."""
    kind = main_type(field.type)
    if field.seed:
        return "seed"
    if field.completes in ("model", "scheduler"):
        return field.completes
    if kind.base == "ref":
        return kind.kind if kind.kind in ("image", "mask", "model") else "link"
    if kind.base in ("int", "float"):
        return "number" if field.ge is None or field.le is None else "slider"
    if kind.base == "str":
        return "text area" if field.free_text else "text"
    return {"bool": "switch", "enum": "choice", "color": "color", "list": "list"}.get(kind.base, "json")


def main_type(kind: FieldType) -> FieldType:
    """Return the type that decides how a value is entered: of a union, the most general member."""
    if kind.base != "union":
        return kind
    order = ("str", "float", "int", "list")
    members = [arg for arg in kind.args if arg.base != "none"]
    return min(members, key=lambda arg: order.index(arg.base) if arg.base in order else len(order), default=kind)


def limits(field: FieldSpec) -> Schema:
    """Return the limits of a number, in the words of JSON schema."""
    found = {
        "minimum": field.ge,
        "exclusiveMinimum": field.gt,
        "maximum": field.le,
        "exclusiveMaximum": field.lt,
        "multipleOf": field.multiple_of,
    }
    return {key: limit for key, limit in found.items() if limit is not None}


def _exact(field: FieldSpec) -> Schema:
    negative = field.ge is None or field.ge < 0
    text: Schema = {"type": "string", "pattern": SIGNED if negative else UNSIGNED}
    return {"anyOf": [text, {"type": "null"}]} if field.type.optional else text


def _with_limits(schema: Schema, field: FieldSpec) -> Schema:
    """Return a schema with the limits of an input at its numbers; an integer without a limit ends at 2^53 - 1."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_with_limits(each, field) for each in schema["anyOf"]]}
    if schema.get("type") == "array":
        return {**schema, "items": _with_limits(schema["items"], field)}
    if schema.get("type") == "integer":
        return {**schema, "maximum": MAX_SAFE_INTEGER, **limits(field)}
    return {**schema, **limits(field)} if schema.get("type") == "number" else schema


def _large(schema: Schema) -> Schema:
    """Return the schema of an output whose integers have no limit, so that large ones are strings."""
    if schema.get("type") == "integer":
        return {"anyOf": [schema, {"type": "string", "pattern": SIGNED}]}
    if schema.get("type") == "array":
        return {**schema, "items": _large(schema["items"])}
    return schema
