"""The schemas of graphs for programs: a component for each type of node, its outputs and the references it uses.

An OpenAPI document contains them as components; `json_schema` is one JSON schema for a whole graph document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from invocations.spec import InvocationSpec

from .field_schema import Schema, input_schema, output_schema, reference_schema

COMPONENTS: Final = "#/components/schemas/"
_ENDS = ("source", "output", "target", "input")
_KINDS = ("image", "mask", "latents", "conditioning", "model")
_OWN = frozenset({"Any"})  # the node of a type named `any` would have the name of the union of all nodes


def component_schemas(specs: Iterable[InvocationSpec], prefix: str = COMPONENTS) -> dict[str, Schema]:
    """Return the schemas of all node types by component name, with `AnyNode`, `Graph`, `Edge` and the references.

    specs: the metadata of the nodes; recipes are left out, because graphs contain their nodes. prefix: where the
    components are in the document, as used by `$ref`.
    """
    nodes = [spec for spec in specs if not spec.is_recipe]
    names = component_names(nodes)
    found: dict[str, Schema] = {}
    for spec in nodes:
        name = names[spec.type]
        found[f"{name}Node"] = _node(spec, f"{name}Node", prefix)
        found[f"{name}Output"] = _output(spec, f"{name}Output", prefix)
    found["AnyNode"] = _any_node({spec.type: f"{prefix}{names[spec.type]}Node" for spec in nodes})
    found["Edge"] = _edge()
    found["Graph"] = _graph(prefix)
    for kind in _KINDS:
        found[f"{_camel(kind)}Ref"] = {"title": f"{_camel(kind)}Ref", **reference_schema(kind)}
    return found


def component_names(specs: Iterable[InvocationSpec]) -> dict[str, str]:
    """Return the name of each type's components without `Node` or `Output`, such as `LoadImage` for `load-image`.

    Types that only differ in dashes get numbers; built-in types come first, so no plug-in can rename their components.
    """
    taken = set(_OWN)
    found: dict[str, str] = {}
    for spec in sorted(specs, key=lambda spec: (spec.origin != "built in", spec.type)):
        name = first = _camel(spec.type)
        number = 2
        while name in taken:
            name, number = f"{first}_{number}", number + 1
        taken.add(name)
        found[spec.type] = name
    return found


def json_schema(specs: Iterable[InvocationSpec]) -> Schema:
    """Return the JSON schema of graph documents whose nodes are invocations of the given types."""
    components = component_schemas(specs, "#/$defs/")
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **components.pop("Graph")}
    return {**document, "$defs": components}


def _node(spec: InvocationSpec, name: str, prefix: str) -> Schema:
    def reference(kind: str) -> Schema:
        return _reference(kind, prefix)

    properties = {field.name: input_schema(field, reference) for field in spec.inputs if field.given != "linked"}
    linked = [field.name for field in spec.inputs if field.given == "linked"]
    schema: Schema = {
        "title": name,
        "description": spec.summary,
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "type": {"type": "string", "const": spec.type},
            "inputs": {"type": "object", "properties": properties, "additionalProperties": False},
        },
        "required": ["id", "type"],
    }
    return {**schema, **_about(spec), **({"x-linked": linked} if linked else {})}


def _about(spec: InvocationSpec) -> dict[str, Any]:
    return {
        "x-title": spec.title,
        "x-category": spec.category,
        "x-tags": list(spec.tags),
        "x-version": spec.version,
        "x-origin": re.split(r"[/\\]", spec.origin)[-1],  # the name of a user's file, without its folder
        "x-examples": list(spec.examples),
        "x-role": spec.role,
    }


def _output(spec: InvocationSpec, name: str, prefix: str) -> Schema:
    def reference(kind: str) -> Schema:
        return _reference(kind, prefix)

    return {
        "title": name,
        "description": f"Results of a `{spec.type}` node",
        "type": "object",
        "properties": {field.name: output_schema(field, reference) for field in spec.outputs},
        "required": [field.name for field in spec.outputs],
        "additionalProperties": False,
    }


def _reference(kind: str, prefix: str) -> Schema:
    """Return the schema of a link to references of one kind; a mask is an image, too."""
    if kind not in _KINDS:
        return reference_schema(kind)
    kinds = ("image", "mask") if kind == "image" else (kind,)
    found = [{"$ref": f"{prefix}{_camel(each)}Ref"} for each in kinds]
    return found[0] if len(found) == 1 else {"anyOf": found}


def _any_node(mapping: dict[str, str]) -> Schema:
    return {
        "title": "AnyNode",
        "description": "A node of any type",
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def _edge() -> Schema:
    texts = {
        "source": "id of the node that the value comes from",
        "output": "output of that node",
        "target": "id of the node that the value goes to",
        "input": "input of that node",
    }
    return {
        "title": "Edge",
        "description": "A link from an output to an input",
        "type": "object",
        "properties": {name: {"type": "string", "description": texts[name]} for name in _ENDS},
        "required": list(_ENDS),
    }


def _graph(prefix: str) -> Schema:
    return {
        "title": "Graph",
        "description": "Nodes by id, and the edges between them",
        "type": "object",
        "properties": {
            "nodes": {"type": "object", "additionalProperties": {"$ref": f"{prefix}AnyNode"}},
            "edges": {"type": "array", "items": {"$ref": f"{prefix}Edge"}},
        },
        "required": ["nodes"],
    }


def _camel(type_: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in type_.split("-"))
