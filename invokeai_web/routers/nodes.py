"""Routes about nodes and recipes: their inputs and outputs, schemas, and plug-ins that were left out."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response

from invocations.graph.exact_integers import with_strings
from invocations.graph.schema import json_schema
from invocations.language.did_you_mean import did_you_mean
from invocations.spec import InvocationSpec
from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.entity_tags import not_modified
from invokeai_web.node_answers import LeftOutPlugins, NodeInfo, NodeList
from invokeai_web.problem_details import ApiProblem
from workflows.manual.node_data import node_data, nodes_data
from workflows.manual.search import by_category, commands_with

router = ApiRouter("nodes", prefix="/nodes")
Words = Annotated[str, Query(max_length=200, description="words that name, summary or tags contain")]


@router.get("", response_model=NodeList)
def list_nodes(
    request: Request,
    server: ServerDependency,
    words: Words = "",
    takes: Annotated[str, Query(max_length=40, description="type of a result that is piped in, such as `image`")] = "",
) -> Response:
    """List the commands, or those that contain all words or take a type of result."""
    digest = server.nodes_digest()
    tag = f'"{digest}"'
    known = not_modified(request, tag)
    if known is not None:
        return known
    catalog = server.catalog
    specs = [
        spec
        for group in by_category(commands_with(words.lower().split(), catalog)).values()
        for spec in group
        if not takes or _takes(spec, takes)
    ]
    return _answer({"digest": digest, **_plain(nodes_data(specs, catalog))}, tag)


@router.get("/schema", response_model=dict[str, Any])
def get_nodes_schema(request: Request, server: ServerDependency) -> Response:
    """Return the JSON schema of graphs."""
    tag = f'"{server.nodes_digest()}"'
    return not_modified(request, tag) or _answer(json_schema(server.catalog.values()), tag)


@router.get("/problems", response_model=LeftOutPlugins)
def list_node_problems(server: ServerDependency) -> Response:
    """List the plug-ins that were left out, and why."""
    server.nodes_digest()
    rows = [
        {"file": _file(each.file), "line": each.line, "reason": server.without_paths(each.reason)}
        for each in server.catalog.problems()
    ]
    return JSONResponse({"problems": rows})


@router.get("/{type}", response_model=NodeInfo)
def get_node(type: str, request: Request, server: ServerDependency) -> Response:  # noqa: A002 - the name in the path
    """Return everything that is known about a command."""
    tag = f'"{server.nodes_digest()}"'
    spec = server.catalog.get(type)
    if spec is None:
        hint = did_you_mean(type, server.catalog, "`GET /nodes` lists all")
        raise ApiProblem(404, "unknown_type", f"there is no node `{type[:80]}`", hint)
    return not_modified(request, tag) or _answer(_plain(node_data(spec, server.catalog)), tag)


def _takes(spec: InvocationSpec, kind: str) -> bool:
    field = spec.primary_input
    return field is not None and kind in {part.strip() for part in re.split(r"[|,\[\]]", str(field.type))}


def _answer(data: dict[str, Any], tag: str) -> JSONResponse:
    return JSONResponse(with_strings(data), headers={"ETag": tag, "Cache-Control": "no-cache"})


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of one or several commands, whose origin is the name of a file without its folder."""
    if "nodes" in data:
        return {**data, "nodes": [_plain(each) for each in data["nodes"]]}
    return {**data, "origin": _file(data["origin"])}


def _file(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]
