"""No answer and no event contains a path of this machine: not of the home, the program, the temporary folder or a file.

All routes are asked, with real sessions, images, models and plug-ins, and with requests that fail.
"""

from __future__ import annotations

import json
import os
import re
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from invokeai_web.api_app import routed_app
from invokeai_web.events.public_event import public_event
from invokeai_web.server import Server
from tests.invocations.services.served import file_bytes
from tests.invokeai_web.addresses import all_routes

pytestmark = pytest.mark.anyio
STREAMS = {"follow_events"}  # routes that do not end
LINES = (
    "t2i a red fox --seed 7 --steps 4 as fox",
    "load house | invert | save mine",
    "add 1 2 as sum",
    "t2i a fox --seed 1..2 --steps 4",
    "t2i a fox --seed 1 --steps 13",  # runs out of memory
)
BODIES: dict[str, list[dict[str, Any]]] = {
    "check_line": [
        {"text": "load {path} | blur 2 --model {path}"},
        {"text": "t2i a --vae {path}", "session": "{session}"},
    ],
    "complete_line": [{"text": "load {path}", "cursor": 6}, {"text": "mul @", "cursor": 5, "session": "{session}"}],
    "explain_line": [{"text": "t2i a fox | save mine", "session": "{session}"}, {"text": "load {path} | invert"}],
    "change_line": [
        {"text": "load house", "edits": [{"do": "add", "command": "save", "after": 1, "inputs": {"target": "{path}"}}]}
    ],
    "write_line": [{"nodes": {"1": {"id": "1", "type": "load", "inputs": {"source": "{path}"}}}}],
    "import_line": [{"text": "a fox\nSteps: 4, Sampler: Euler, Seed: 1, Size: 64x64, Model: {path}"}],
    "change_settings": [{"defaults": {"model": "{path}"}}, {"defaults": {"steps": "7"}}],
    "compare_images": [{"a": "{image}", "b": "{image}"}],
    "change_image": [{"name": "{path}"}, {"tags": ["a"]}],
    "create_session": [{"line": "load {path} | invert", "run": True}, {"title": "a", "line": "add 1 2"}],
    "add_session_line": [{"line": "load {path}"}, {"line": "add 4 5"}],
    "import_session": [{}],
}


@pytest.fixture
async def filled(client: httpx.AsyncClient, server: Server, isolated_home: Path) -> dict[str, str]:
    """Fill a server, and return the ids with which its routes can be asked."""
    nodes = Path(server.workspace.settings.folders.nodes)
    nodes.mkdir(parents=True, exist_ok=True)
    (nodes / "broken.py").write_text("import nosuch_module_of_the_test")
    image = file_bytes(Image.new("RGB", (20, 10), "red"))
    sent = await client.post("/api/v1/images?name=house", content=image, headers={"Content-Type": "image/png"})
    session = server.invoker.create().id
    with server.workspace_of(session) as workspace:
        for line in LINES:
            list(workspace.submit(workspace.plan(line)))
    return {"image": sent.json()["id"], "session": session, "path": str(isolated_home / "secret.png")}


def forbidden(server: Server) -> list[str]:
    """Return the folders of this machine that no answer may contain."""
    settings = server.workspace.settings
    own = settings.folders
    folders = {
        os.path.expanduser("~"), str(Path(__file__).parents[2]), tempfile.gettempdir(), settings.output_dir,
        own.config, own.data, own.state, own.cache, server.workspace.folder, sysconfig.get_paths()["purelib"],
    }  # fmt: skip
    return sorted({each.rstrip("/") for each in folders if each.rstrip("/")})


def check(server: Server, text: str, what: str) -> None:
    found = [folder for folder in forbidden(server) if folder in text]
    assert not found, f"{what}: {[text[max(text.index(each) - 80, 0) :][:200] for each in found]}"


def filled_in(data: Any, known: dict[str, str]) -> Any:
    text = json.dumps(data)
    for name, value in known.items():
        text = text.replace("{" + name + "}", value)
    return json.loads(text)


def address(path: str, known: dict[str, str]) -> str:
    """Return the address of a route, with ids that exist."""
    names = {
        "session_id": known["session"],
        "type": "blur",
        "name:path": "default",
        "name": "default",
        "code": "bad_value",
    }
    names["id"] = known["image"]
    return re.sub(r"\{([^}]+)\}", lambda match: names.get(match[1], known["session"]), path)


async def test_no_answer_contains_a_folder_of_this_machine(
    client: httpx.AsyncClient, server: Server, filled: dict[str, str]
) -> None:
    asked = 0
    for route in all_routes(routed_app()):
        for method in sorted(route.methods - {"DELETE", "HEAD", "OPTIONS"}):
            bodies = [{}] if method == "GET" else [*BODIES.get(route.name, []), {}, [], "x"]
            for body in [] if route.name in STREAMS else bodies:
                content = None if method == "GET" else json.dumps(filled_in(body, filled))
                headers = {"Content-Type": "application/json", "Accept": "application/json"}
                answer = await client.request(method, address(route.path, filled), content=content, headers=headers)
                asked += 1
                text = answer.text if "image/" not in answer.headers.get("content-type", "") else ""
                own = content or ""
                if filled["path"] in own:  # the client's own words may be repeated to it
                    text = text.replace(filled["path"], "")
                check(server, f"{text} {dict(answer.headers)}", f"{method} {route.path} {body}")
                assert answer.status_code != 500, (route.path, body, answer.text)
    assert asked > 50


async def test_no_event_contains_a_folder_of_this_machine(server: Server, filled: dict[str, str]) -> None:
    session = server.invoker.open(filled["session"])
    seen = set()
    with server.workspace_of(session.id) as workspace:
        for line in (*LINES, "load house | save other", "t2i a fox --model default --steps 4 --seed 9"):
            for event in workspace.submit(workspace.plan(line)):
                seen.add(type(event).__name__)
                check(server, public_event(event, server.without_paths).text, type(event).__name__)
    assert len(seen) >= 3
