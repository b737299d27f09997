"""Routes about the nodes and recipes of the catalog."""

from __future__ import annotations

import os
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from invocations.graph.linking import members
from invocations.graph.schema import json_schema
from invocations.language.did_you_mean import did_you_mean
from invocations.spec import InvocationSpec
from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.etags import etag_of, tagged
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from workflows.manual.node_data import node_data, nodes_data
from workflows.manual.search import commands_with
from workflows.problems import UsageError

router = ApiRouter("nodes", prefix="/nodes")
Words = Annotated[str, Query(max_length=200, description="words that the name, title, summary or tags contain")]
Takes = Annotated[str, Query(max_length=60, description="type that is piped in, such as `image`, `mask` or `latents`")]
Type = Annotated[str, Path(max_length=100, description="type of a node or recipe")]


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class InputDescription(_Open):
    """An input; limits, texts and notes that it lacks are left out."""

    name: str
    option: str = Field(description="the input in a line")
    type: str
    description: str
    given: str = Field(description="written, linked or either")
    required: bool
    default: Any = None


class OutputDescription(_Open):
    """An output."""

    name: str
    type: str
    description: str
    primary: bool = Field(description="whether `|` passes it on")


class NodeDescription(_Open):
    """A node or a recipe (`nodes/1`)."""

    type: str
    title: str
    category: str
    summary: str
    description: str
    origin: str = Field(description="`built in`, the name of a plug-in, or the name of a file")
    version: str
    tags: list[str]
    usage: list[str]
    examples: list[str]
    pipeline: str = Field(description="the line of a recipe; empty for a node")
    inputs: list[InputDescription]
    outputs: list[OutputDescription]


class OptionDescription(BaseModel):
    """An option that every command takes."""

    usage: str
    description: str


class NodeList(BaseModel):
    """The nodes and recipes that match a search."""

    digest: str = Field(description="changes with the catalog")
    nodes: list[NodeDescription]
    common_options: list[OptionDescription]
    hint: str | None = Field(description="what to search for instead, if nothing matches")


class PluginFault(BaseModel):
    """A plug-in or a file that was left out of the catalog."""

    file: str
    line: int | None
    reason: str


class PluginFaults(BaseModel):
    """The plug-ins and files that were left out of the catalog."""

    problems: list[PluginFault]


@router.get("", response_model=NodeList)
def list_nodes(request: Request, server: ServerDependency, words: Words = "", takes: Takes = "") -> Response:
    """List nodes and recipes, with their inputs and outputs. The answer has an ETag, which changes with the catalog."""
    digest = server.catalog_digest()
    specs, hint = _matching(server, words.lower().split())
    specs = [spec for spec in specs if not takes or _takes(spec, takes)]
    data = nodes_data(specs, server.catalog)
    nodes = [_public(each) for each in data["nodes"]]
    found = {"digest": digest, "nodes": nodes, "common_options": data["common_options"], "hint": hint}
    return tagged(request, etag_of(digest, words, takes), found)


@router.get("/schema", response_model=dict[str, Any])
def get_graph_schema(request: Request, server: ServerDependency) -> Response:
    """Return the JSON schema of graphs, with a definition for each node."""
    digest = server.catalog_digest()
    return tagged(request, etag_of(digest, "schema"), json_schema(server.catalog.values()))


@router.get("/problems", response_model=PluginFaults)
def list_node_problems(request: Request, server: ServerDependency) -> Response:
    """List the plug-ins and files of nodes that could not be loaded, and why."""
    digest = server.catalog_digest()
    problems = [
        {"file": _name(each.file), "line": each.line, "reason": server.without_paths(each.reason)}
        for each in server.catalog.problems()
    ]
    return tagged(request, etag_of(digest, "problems"), {"problems": problems})


@router.get("/{type}", response_model=NodeDescription)
def get_node(request: Request, type: Type, server: ServerDependency) -> Response:  # noqa: A002 - its name in the path
    """Return everything that is known about a node or a recipe."""
    digest = server.catalog_digest()
    spec = server.catalog.get(type)
    if spec is None:
        raise ApiProblem(404, "node_missing", f"there is no node `{type}`", did_you_mean(type, server.catalog))
    return tagged(request, etag_of(digest, type), _public(node_data(spec, server.catalog)))


def _matching(server: Server, words: list[str]) -> tuple[list[InvocationSpec], str | None]:
    try:
        return commands_with(words, server.catalog), None
    except UsageError as error:
        return [], error.hint


def _takes(spec: InvocationSpec, kind: str) -> bool:
    """Return True if a result of this kind can be piped into the command."""
    field = spec.primary_input
    if field is None:
        return False
    accepted = [each for member in members(field.type) for each in (member, *member.args)]
    return any(kind in (each.kind, each.base) for each in accepted)


def _public(data: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a node without the folder of the file that defines it."""
    return {**data, "origin": _name(data["origin"])}


def _name(path: str) -> str:
    return os.path.basename(path.replace("\\", "/").rstrip("/")) or path
