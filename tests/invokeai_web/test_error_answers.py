"""Every error is answered with problem details that have the terminal's codes, hints and spans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import Body, FastAPI

from invocations.errors import SessionMissing, StoreFailed, UnknownField
from invokeai_web.api_app import create_api
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from tests.invokeai_web.conftest import BASE_URL

Raise = Callable[[], Any]


def failing(server: Server, work: Raise) -> FastAPI:
    """Return the API with one more route, which does this work."""
    app = create_api(server)
    app.add_api_route("/work", lambda: work())
    return app


async def ask(app: FastAPI, method: str = "GET", path: str = "/work", **how: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        return await client.request(method, path, **how)


def raising(error: Exception) -> Raise:
    def work() -> None:
        raise error

    return work


async def test_a_refused_line_lists_all_errors_with_their_spans(server: Server) -> None:
    answer = await ask(failing(server, lambda: server.workspace.plan("t2l a fox | blur --radios 3")))
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (answer.status_code, found["status"], found["type"]) == (422, 422, f"/problems/{found['code']}")
    assert [error["span"] for error in found["errors"]] == [[0, 3], [17, 25]]
    assert (found["code"], found["detail"], found["hint"], found["span"]) == tuple(
        found["errors"][0][key] for key in ("code", "message", "hint", "span")
    )


async def test_an_error_about_a_graph_names_its_node_and_its_field(server: Server) -> None:
    error = UnknownField("`blur` has no input `x`", node="1", field="x", hint="its inputs are `radius`")
    found = (await ask(failing(server, raising(error)))).json()
    assert found == {
        "type": "/problems/unknown_field", "title": "Unknown field", "status": 422,
        "detail": "`blur` has no input `x`", "code": "unknown_field", "hint": "its inputs are `radius`",
        "node": "1", "field": "x",
        "errors": [{"code": "unknown_field", "message": "`blur` has no input `x`",
                    "hint": "its inputs are `radius`", "node": "1", "field": "x"}],
    }  # fmt: skip


STATUSES = {
    "a missing session": (SessionMissing("s", "there is no session `s`"), 404, "session_missing"),
    "a store that fails": (StoreFailed("/x", "full"), 503, "store_failed"),
    "a refusal of the server": (ApiProblem(409, "key_in_use", "it is still running"), 409, "key_in_use"),
    "an error of the system": (OSError(28, "No space left on device", "/x/y"), 503, "system_error"),
}


@pytest.mark.parametrize(("error", "status", "code"), STATUSES.values(), ids=STATUSES.keys())
async def test_the_status_of_an_error_follows_from_its_code(
    server: Server, error: Exception, status: int, code: str
) -> None:
    answer = await ask(failing(server, raising(error)))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_message_contains_no_folder_of_this_machine(server: Server) -> None:
    data = server.workspace.settings.folders.data
    found = await ask(failing(server, raising(StoreFailed(f"{data}/sessions.sqlite3", "disk I/O error"))))
    assert data not in found.text
    assert found.json()["detail"].startswith("the sessions in `<data>/sessions.sqlite3` cannot be")


async def test_an_unexpected_error_is_answered_without_its_text(server: Server) -> None:
    answer = await ask(failing(server, raising(RuntimeError("a secret"))))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["detail"] == "the server failed to answer the request"
    assert answer.json()["hint"] == "the log of the server contains the traceback"
    assert "secret" not in answer.text


async def test_an_address_without_a_route_and_a_wrong_method_are_problems_too(server: Server) -> None:
    app = create_api(server)
    missing, wrong = await ask(app, path="/api/v1/nothing"), await ask(app, "DELETE", "/api/v1/about")
    assert (missing.status_code, missing.json()["detail"]) == (404, "there is nothing at this address")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "GET")
    assert wrong.json()["detail"] == "this address does not support the method DELETE"


async def test_a_body_that_is_no_json_is_malformed_and_one_of_other_types_is_refused(server: Server) -> None:
    app = create_api(server)

    @app.post("/numbers")
    def numbers(values: list[int] = Body(embed=True)) -> None: ...  # noqa: B008 - FastAPI's way to declare it

    headers = {"Content-Type": "application/json"}
    malformed = (await ask(app, "POST", "/numbers", content=b"{", headers=headers)).json()
    assert (malformed["status"], malformed["code"]) == (400, "malformed_json")
    refused = (await ask(app, "POST", "/numbers", json={"values": [1, "x"]})).json()
    assert (refused["status"], refused["code"], refused["field"]) == (422, "invalid_request", "values.1")
    assert refused["detail"].startswith("the body: `values.1`: Input should be a valid integer")
