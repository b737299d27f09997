"""The API only grows: no release removes or narrows what an earlier one offers. No release has an API yet.

At a release, copy `invokeai_web/openapi.json` to `tests/material/openapi-VERSION.json`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from invokeai_web.committed_document import committed_document
from invokeai_web.openapi.narrowing import narrowed

RELEASED = sorted((Path(__file__).parents[2] / "material").glob("openapi-*.json"))
Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    return committed_document()


def test_the_document_offers_everything_that_released_ones_offer(document: Document) -> None:
    found = {path.name: narrowed(json.loads(path.read_text("utf-8")), document) for path in RELEASED}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def schemas(document: Document) -> Any:
    return document["components"]["schemas"]


def remove_route(document: Document) -> None:
    del document["paths"]["/api/v1/line/check"]


def rename_operation(document: Document) -> None:
    document["paths"]["/api/v1/about"]["get"]["operationId"] = "tell"


def remove_parameter(document: Document) -> None:
    listed = document["paths"]["/api/v1/nodes"]["get"]["parameters"]
    listed[:] = [each for each in listed if each["name"] != "takes"]


def demand_parameter(document: Document) -> None:
    listed = document["paths"]["/api/v1/nodes"]["get"]["parameters"]
    listed.append({"in": "query", "name": "new", "required": True, "schema": {"type": "string"}})


def remove_schema(document: Document) -> None:
    del schemas(document)["BlurNode"]


def remove_input(document: Document) -> None:
    del schemas(document)["BlurNode"]["properties"]["inputs"]["properties"]["radius"]


def tighten_input(document: Document) -> None:
    schemas(document)["BlurNode"]["properties"]["inputs"]["properties"]["radius"]["maximum"] = 1


def demand_input(document: Document) -> None:
    schemas(document)["TypedWord"]["required"].append("session")


def remove_answer(document: Document) -> None:
    del schemas(document)["About"]["properties"]["version"]


def leave_out_answer(document: Document) -> None:
    schemas(document)["About"]["required"].remove("version")


NARROWED: dict[str, tuple[Callable[[Document], None], str]] = {
    "a route": (remove_route, "POST /api/v1/line/check was removed"),
    "a name": (rename_operation, "GET /api/v1/about is now called tell"),
    "a parameter": (remove_parameter, "GET /api/v1/nodes: the parameter takes was removed"),
    "a new parameter that is required": (demand_parameter, "GET /api/v1/nodes: the parameter new is required now"),
    "a schema": (remove_schema, "the schema BlurNode was removed"),
    "an input": (remove_input, "BlurNode.inputs: the field radius was removed"),
    "a limit": (tighten_input, "BlurNode.inputs.radius has a tighter maximum"),
    "a field that is required": (demand_input, "TypedWord: the field session is required now"),
    "a field of an answer": (remove_answer, "About: the field version was removed"),
    "a field that may be missing": (leave_out_answer, "About: the field version may be missing now"),
}


@pytest.mark.parametrize(("change", "message"), NARROWED.values(), ids=NARROWED.keys())
def test_what_is_removed_or_narrowed_is_found(
    document: Document, change: Callable[[Document], None], message: str
) -> None:
    changed = copy.deepcopy(document)
    change(changed)
    assert message in narrowed(document, changed)


def test_what_is_added_narrows_nothing(document: Document) -> None:
    grown = copy.deepcopy(document)
    grown["paths"]["/api/v1/new"] = {"get": {"operationId": "new", "responses": {}}}
    schemas(grown)["About"]["properties"]["added"] = {"type": "string"}
    schemas(grown)["About"]["required"].append("added")
    schemas(grown)["BlurNode"]["properties"]["inputs"]["properties"]["added"] = {"type": "number"}
    assert narrowed(document, grown) == narrowed(document, document) == []
