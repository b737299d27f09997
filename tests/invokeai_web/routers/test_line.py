"""The routes for editors of lines; what they answer is what the terminal's prompt shows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from invokeai_web.line_answers import LONGEST_LINE, CheckedText, LineChoices
from invokeai_web.server import Server
from workflows.completion.checker import LineChecker
from workflows.decompile.flatten import ExposedInputs
from workflows.editing.check import check_text
from workflows.editing.choices import choices_at

pytestmark = pytest.mark.anyio
LINE = "/api/v1/line"
TEXTS = [
    "",
    "t2i a red fox --steps 20 as fox | blur 2 | blend @fox",
    "t2i a fox --seed 18446744073709551615",
    "t2i a fox --steps 10,20 --scheduler dd",
    "t2i a fox --stesp 20 | blurr 2",
    "sweep seed=1..4 | t2i a fox",
    "t2i a fox | bl",
    't2i "a',
    "add 1 2\nmul 3 4",
    "🦊 | @",
]


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> Any:
    answer = await client.post(f"{LINE}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_a_check_and_a_completion_are_those_of_the_prompt(
    client: httpx.AsyncClient, server: Server, text: str
) -> None:
    checker = LineChecker(server.workspace, folder="", entries=lambda folder: ())
    checked = await post(client, "check", text=text, cursor=len(text))
    assert checked == check_text(checker, text, len(text), ExposedInputs(server.catalog))
    completed = await post(client, "complete", text=text, cursor=len(text))
    assert completed["choices"] == choices_at(checker, text, len(text))
    CheckedText.model_validate(checked, strict=True, extra="forbid")
    LineChoices.model_validate(completed, strict=True, extra="forbid")


async def test_a_line_of_a_session_can_use_its_results(client: httpx.AsyncClient, server: Server) -> None:
    session = server.invoker.create().id
    with server.workspace_of(session) as workspace:
        workspace.run("add 1 2 as sum")
    found = await post(client, "check", text="mul @sum 3", session=session)
    assert (found["errors"], found["forms"][0]["stage"]) == ([], 2)
    assert (await post(client, "check", text="mul @sum 3"))["errors"][0]["code"] == "unknown_reference"
    choices = (await post(client, "complete", text="mul @", cursor=5, session=session))["choices"]
    assert [each["text"] for each in choices] == ["@sum", "@1"]


async def test_a_line_of_an_unknown_session_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{LINE}/check", json={"text": "add 1 2", "session": "2026-01-01-000000-0000"})
    assert (answer.status_code, answer.json()["code"]) == (404, "session_missing")


async def test_an_explanation_says_what_is_cached(client: httpx.AsyncClient, server: Server) -> None:
    session = server.invoker.create().id
    with server.workspace_of(session) as workspace:
        workspace.run("add 1 2")
    found = await post(client, "explain", text="add 1 2 | mul 3", session=session)
    assert [(each["node"], each["reused"]) for each in found["forecast"]] == [("2", True), ("3", False)]
    assert found["explanation"]["format"] == "plan/1"
    assert found["explanation"]["line"] == "add 1 2 | mul 3"


async def test_a_wrong_line_is_refused_with_the_places_of_its_errors(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{LINE}/explain", json={"text": "t2i a --stesp 4 | blurr 2"})
    assert answer.status_code == 422
    found = answer.json()
    assert [(each["code"], each["span"]) for each in found["errors"]] == [
        ("unknown_option", [6, 13]),
        ("unknown_command", [18, 23]),
    ]


async def test_stages_are_changed_one_after_the_other(client: httpx.AsyncClient) -> None:
    edits = [
        {"do": "add", "command": "blur", "after": 1, "inputs": {"radius": "2"}},
        {"do": "add", "command": "blend", "after": 2},
        {"do": "link", "stage": 3, "input": "other", "source": 1},
        {"do": "name", "stage": 2, "name": "soft"},
        {"do": "remove", "stage": 2},
        {"do": "move", "stage": 2, "after": 2},
    ]
    found = await post(client, "edit", text="t2i a fox", edits=edits[:4])
    assert found == {"text": "t2i a fox | blur 2 as soft | blend"}
    answer = await client.post(f"{LINE}/edit", json={"text": "t2i a fox", "edits": edits})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")


async def test_what_no_line_says_is_a_conflict(client: httpx.AsyncClient) -> None:
    edit = {"do": "link", "stage": 1, "input": "image", "source": 2}
    answer = await client.post(f"{LINE}/edit", json={"text": "blur 2 | flip", "edits": [edit]})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_expressible")


NODES = {
    "x": {"id": "x", "type": "add", "inputs": {"a": 1, "b": 2}},
    "y": {"id": "y", "type": "mul", "inputs": {"b": 3}},
}
EDGES = [{"source": "x", "output": "value", "target": "y", "input": "a"}]


async def test_a_graph_is_written_as_a_line(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{LINE}/from-graph", json={"nodes": NODES, "edges": EDGES})
    assert (answer.status_code, answer.json()) == (200, {"text": "add 1 2 | mul 3"})


async def test_a_seed_in_a_graph_is_a_string(client: httpx.AsyncClient) -> None:
    nodes = {
        "m": {"id": "m", "type": "model", "inputs": {}},
        "n": {"id": "n", "type": "noise", "inputs": {"seed": "18446744073709551615"}},
    }
    edges = [{"source": "m", "output": "model", "target": "n", "input": "model"}]
    answer = await client.post(f"{LINE}/from-graph", json={"nodes": nodes, "edges": edges})
    assert answer.json() == {"text": "model | noise --seed 18446744073709551615"}


async def test_a_graph_with_too_many_nodes_is_refused(client: httpx.AsyncClient) -> None:
    nodes = {str(at): {"id": str(at), "type": "add", "inputs": {"a": 1, "b": 2}} for at in range(2001)}
    answer = await client.post(f"{LINE}/from-graph", json={"nodes": nodes})
    assert (answer.status_code, answer.json()["code"]) == (422, "graph_too_large")
    del nodes["0"]
    answer = await client.post(f"{LINE}/from-graph", json={"nodes": nodes})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_expressible")


async def test_the_record_of_another_tool_becomes_a_line(client: httpx.AsyncClient) -> None:
    settings = "a fox\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 64x64"
    found = await post(client, "import", text=settings)
    assert found["tool"] == "AUTOMATIC1111"
    assert found["line"].startswith('t2i "a fox"')
    answer = await client.post(f"{LINE}/import", json={"text": "hello"})
    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_recorded")


async def test_a_line_that_is_too_long_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{LINE}/check", json={"text": "x" * (LONGEST_LINE + 1)})
    assert answer.status_code == 422


@pytest.mark.parametrize("cursor", [0, 3, 10**9])
async def test_a_cursor_after_the_end_is_at_the_end(client: httpx.AsyncClient, cursor: int) -> None:
    assert (await post(client, "check", text="t2i", cursor=cursor))["plan"] is None
    assert (await post(client, "complete", text="t2i", cursor=cursor))["choices"]
