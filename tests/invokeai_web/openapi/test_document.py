"""The OpenAPI document follows the rules that generators of clients need, also with plug-ins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from invokeai_web.api_app import create_app, routed_app
from invokeai_web.committed_document import FILE, as_text, committed_document
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_web.addresses import all_routes
from tests.invokeai_web.conftest import BASE_URL, TOKEN

PLUGIN = '''
"""A node of a user."""

from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput, edited


@invocation(
    "treble", title="Treble", category="color", version="1.0.0", tags=("x",), examples=("t2i a fox | treble",)
)
class Treble(Invocation):
    """Return an image as it is."""

    image: ImageRef = input_field(primary=True, description="image")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        return edited(context, self.image, lambda image: image)
'''


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return the document of all routes with the built-in nodes."""
    return committed_document()


def everything(data: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each mapping in a document with its place."""
    if isinstance(data, dict):
        yield place, data
        for key, value in data.items():
            yield from everything(value, f"{place}/{key}")
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from everything(value, f"{place}/{number}")


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    for place, data in everything(document):
        target = data.get("$ref")
        if isinstance(target, str):
            found: Any = document
            for part in target.removeprefix("#/").split("/"):
                found = found[part]
            assert found, place


def test_the_title_of_a_component_is_its_name_and_nothing_else_has_a_title(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("title") == name
        titles = [place for place, data in everything(schema) if isinstance(data.get("title"), str) and place]
        assert [place for place in titles if not place.endswith(("/properties", "/default", "/x-ui"))] == []


def test_no_default_is_null_and_every_choice_of_strings_has_the_type_string(document: dict[str, Any]) -> None:
    for place, data in everything(document):
        if not place.endswith("/properties"):
            assert not ("default" in data and data["default"] is None), place
            assert "enum" not in data or data.get("type") == "string", place
            assert "x-component" not in data, place


def test_every_route_is_in_the_document_by_the_name_of_its_function(document: dict[str, Any]) -> None:
    listed = {
        (method.upper(), path): operation["operationId"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    routes = {
        (method, route.path.replace(":path}", "}")): route.name
        for route in all_routes(routed_app())
        if route.path.startswith("/api/")
        for method in route.methods
    }
    assert listed == routes
    assert len(set(listed.values())) == len(listed)


def test_every_operation_has_a_summary_a_description_and_the_shared_problems(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for operation in item.values():
            assert operation["description"], path
            assert operation["responses"]["401"] == {"$ref": "#/components/responses/Problem401"}, path
            assert ("security" in operation) == path.endswith(("/health", "/auth/cookie")), path


async def ask(server: Server, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(server))
    headers["Authorization"] = f"Bearer {TOKEN}"
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as client:
        return await client.get(path)


async def test_a_new_node_of_the_user_changes_the_document_without_a_restart(
    server: Server, isolated_home: Path
) -> None:
    nodes = isolated_home / "config" / "nodes"
    transport = httpx.ASGITransport(create_app(server))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as client:
        before = await client.get("/api/v1/openapi.json")
        assert "TrebleNode" not in before.json()["components"]["schemas"]
        same = await client.get("/api/v1/openapi.json", headers={"If-None-Match": before.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        nodes.mkdir(parents=True, exist_ok=True)
        (nodes / "treble.py").write_text(PLUGIN)
        after = await client.get("/api/v1/openapi.json", headers={"If-None-Match": before.headers["etag"]})
        assert after.status_code == 200
        schemas = after.json()["components"]["schemas"]
        assert schemas["TrebleNode"]["x-origin"] == "treble.py"
        assert "#/components/schemas/TrebleNode" in schemas["AnyNode"]["discriminator"]["mapping"].values()
        assert str(isolated_home) not in after.text


async def test_a_server_without_plugins_has_the_committed_document(isolated_home: Path, tmp_path: Path) -> None:
    server = Server.open(ServeOptions(in_process=True), folder=tmp_path, token=TOKEN)
    try:
        assert (await ask(server, "/api/v1/openapi.json")).json() == committed_document()
    finally:
        server.close()


def test_the_committed_document_is_the_one_that_the_routes_and_nodes_make(document: dict[str, Any]) -> None:
    assert FILE.read_text("utf-8") == as_text(document), "run `make openapi`"
