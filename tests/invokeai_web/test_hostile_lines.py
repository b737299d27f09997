"""Hostile lines, graphs and records: each is answered in time, without a traceback, and nothing is learned of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
LINE = "/api/v1/line"
LONG = 90_000
LINES = [
    "\0",
    "\u202e\ufeff\u2028t2i a",
    "t2i " + "a " * (LONG // 2),
    "add 1 2 | " * (LONG // 10),
    "| " * (LONG // 2),
    "t2i a " + "--st x " * (LONG // 7),
    "blend " + "@a " * (LONG // 3),
    "sweep " + "a=1 " * 20_000 + "| t2i a",
    "sweep seed=1..9 --where '" + "(" * 5000 + "' | t2i a",
    "sweep seed=1..9 --where '9**9**9**9' | t2i a",
    "t2i a --seed 1..18446744073709551615",
    "t2i --dynamic " + "{a|b}" * 20,
    "t2i a --steps 1e999999999",
    "t2i a --steps " + "9" * LONG,
    "'" * 999,
    '"\\' * 999,
    "-" * LONG,
    "@" * LONG,
    "\n".join(f"t2i a fox {number}" for number in range(200)),
    "\n".join(f"add 1 {number}" for number in range(9999)),
]


async def post(client: httpx.AsyncClient, path: str, body: Any) -> httpx.Response:
    answer = await client.post(f"{LINE}/{path}", json=body)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
async def test_a_hostile_line_is_answered(client: httpx.AsyncClient, text: str) -> None:
    for path in ("check", "complete", "explain", "edit"):
        body = {"text": text, "cursor": len(text)} if path in ("check", "complete") else {"text": text}
        edits = {"edits": [{"do": "name", "stage": 1, "name": "x"}]} if path == "edit" else {}
        await post(client, path, {**body, **edits})


async def test_a_name_of_a_stage_cannot_smuggle_words(client: httpx.AsyncClient) -> None:
    for name in ("a | save x.png", "a\nset steps 3", "a --overwrite", "a'b", "", "a" * 200, "1", "-1"):
        edit = {"do": "name", "stage": 1, "name": name}
        answer = await post(client, "edit", {"text": "add 1 2", "edits": [edit]})
        assert answer.status_code == (200 if name in ("", "a" * 200) else 422)


async def test_values_of_an_added_stage_stay_values(client: httpx.AsyncClient) -> None:
    for value in ("a | save x.png", "--overwrite", 'a" | save "x', "a\n| save x", "\\", "${x}", "@1", "as x"):
        edit = {"do": "add", "command": "t2i", "inputs": {"prompt": value}}
        text = (await post(client, "edit", {"text": "", "edits": [edit]})).json()["text"]
        checked = (await post(client, "check", {"text": text})).json()
        (form,) = checked["forms"]
        assert (form["command"], form["name"]) == ("t2i", None)
        prompt = next(each for each in form["inputs"] if each["name"] == "prompt")
        assert prompt["value"] == value


IMAGE = {"kind": "image", "name": "0" * 64, "path": "/etc"}
MODEL = {"kind": "model", "name": "x", "path": "/etc"}
CIRCLE = {"source": "1", "output": "value", "target": "1", "input": "a"}
DOCUMENTS = [
    {"nodes": {"1": {"id": "1", "type": "text", "inputs": {"value": "x" * 900_000}}}},
    {"nodes": {"1": {"id": "1", "type": "load", "inputs": {"source": "/etc/passwd"}}}},
    {"nodes": {"1": {"id": "1", "type": "flip", "inputs": {"image": IMAGE}}}},
    {"nodes": {"1": {"id": "1", "type": "denoise", "inputs": {"model": MODEL}}}},
    {"nodes": {"1": {"id": "1", "type": "add", "inputs": {"a": "9" * 500, "b": 1}}}},
    {"nodes": {"../../x": {"id": "../../x", "type": "add", "inputs": {"a": 1, "b": 1}}}},
    {"nodes": {"1": {"id": "1", "type": "../../x", "inputs": {}}}},
    {"nodes": {"1": {"id": "1", "type": "add", "inputs": {"__class__": 1}}}},
    {"nodes": []},
    {"nodes": {"1": None}},
    {"nodes": {"1": {"id": "1", "type": "add"}}, "edges": [CIRCLE]},
    {"nodes": {str(at): {"id": str(at), "type": "add", "inputs": {}} for at in range(2500)}},
]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
async def test_a_hostile_graph_is_answered(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    answer = await post(client, "from-graph", document)
    assert "/etc" not in answer.text or "/etc/passwd" in json.dumps(document)


RAW = [
    b"[" * 500_000,
    b'{"text":' * 100_000,
    b'{"text": "\\ud800"}',
    b'{"text": "\xff"}',
    b'{"text": NaN}',
    b'{"text": 1e999}',
    b'{"text": "a", "cursor": 1' + b"0" * 5000 + b"}",
    b"",
    b"null",
    b'{"text": "' + b"x" * 2**20 + b'"}',
]


@pytest.mark.parametrize("body", RAW, ids=range(len(RAW)))
async def test_a_malformed_body_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(f"{LINE}/check", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_completion_never_lists_a_folder_of_this_machine(client: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"x")
    for typed in ("", "/", "/etc/", "~/", "./", "../", f"{tmp_path}/", "/etc/pass"):
        for command in ("load", "i2i", "t2i a --model", "t2i a --dynamic --wildcards", "sweep"):
            text = f"{command} {typed}"
            found = (await post(client, "complete", {"text": text, "cursor": len(text)})).json()["choices"]
            assert [each for each in found if each["kind"] in ("file", "folder")] == []
