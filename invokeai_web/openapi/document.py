"""Make the OpenAPI document: the routes of an application, and a component for each type of node."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from invocations.graph.schema import COMPONENTS, component_schemas
from invocations.spec import InvocationSpec
from invokeai_web.api_router import problem_responses
from invokeai_web.guard.guard import OPEN
from invokeai_web.problem_details import ProblemDetails

from .components import MARK

DESCRIPTION: Final = """\
Lines, graphs and sessions of invokeai-cli over HTTP. Errors are `application/problem+json` with the codes and hints
of the terminal. Integers above 2^53 - 1, such as seeds, are strings of digits. Lists are read in pages: `next` is the
`cursor` of the next page. A POST that creates something is safe to repeat with the same header `Idempotency-Key`."""
SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "the token that the server prints when it starts"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "invokeai_token_9090",
        "description": "set by `create_cookie`; its name contains the port of the server",
    },
}
_PARTS: Final = ("properties", "$defs", "schemas", "patternProperties")


def make_document(app: FastAPI, specs: Iterable[InvocationSpec]) -> dict[str, Any]:
    """Return the OpenAPI document of an application whose catalog has these nodes."""
    found = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, tags=app.openapi_tags
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = ProblemDetails.model_json_schema(ref_template=COMPONENTS + "{model}")
    schemas |= problem.pop("$defs") | {"ProblemDetails": problem}
    schemas = {name: _plain(schema, name) for name, schema in schemas.items()}
    schemas |= component_schemas(specs)
    found["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "responses": {f"Problem{status}": response for status, response in problem_responses().items()},
        "securitySchemes": SECURITY,
    }
    found["paths"] = {path: _operations(path, item) for path, item in found["paths"].items()}
    found["security"] = [{name: []} for name in SECURITY]
    return found


def _operations(path: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return the operations at an address, with references to the responses that all share."""
    made: dict[str, Any] = _plain(item)
    shared = problem_responses()
    for operation in made.values():
        operation["summary"] = re.split(r"\.\s|\.$|\n\n", operation["description"])[0]
        if path in OPEN:
            operation["security"] = []
        for status, response in operation["responses"].items():
            if status.isdigit() and shared.get(int(status)) == response:
                operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    return made


def _plain(data: Any, name: str = "") -> Any:
    """Return a schema that generators of clients understand.

    A title is the name of the component, because generators name classes by it; `default: null` is left out, because
    they take a field with a default for one that is always there; components made from nodes are referred to.
    name: of the component
    """
    if isinstance(data, list):
        return [_plain(each) for each in data]
    if not isinstance(data, dict):
        return data
    if MARK in data:
        return {"$ref": f"{COMPONENTS}{data[MARK]}"}
    made = {
        key: _named(value) if key in _PARTS else _plain(value)
        for key, value in data.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    if name:
        made = {"title": name, **made}
    if "enum" in made and "type" not in made and all(isinstance(each, str) for each in made["enum"]):
        made["type"] = "string"
    if "const" in made and "type" not in made and isinstance(made["const"], str):
        made["type"] = "string"
    return made


def _named(parts: Any) -> Any:
    """Return schemas by name, any of which may be called `title` or `default`."""
    return {name: _plain(schema) for name, schema in parts.items()} if isinstance(parts, dict) else parts
