"""The examples in `docs/server.md` work with a server, and its settings for a proxy with nginx."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from invokeai_web.command_line import parse
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.docs.nginx import nginx
from tests.invokeai_web.compat.conftest import address, compat_server, listening
from tests.invokeai_web.conftest import TOKEN, scripted
from tests.invokeai_web.socket_client import connected

__all__ = ["address", "compat_server", "scripted"]  # fixtures
PAGE = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")
WRITTEN = "http://127.0.0.1:9090"  # the address of the server in the examples
DEADLINE_S = 60


def blocks(language: str, heading: str = "") -> list[str]:
    """Return the blocks in a language below a heading, or on the whole page."""
    text = re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2] if heading else PAGE, maxsplit=0, flags=re.MULTILINE)
    part = text[0] if heading else PAGE
    return re.findall(rf"^```{language}\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)


def run(words: list[str], text: str, address: str, folder: Path) -> str:
    """Run an example with another program; return its standard output."""
    done = subprocess.run(
        words,
        input=text.replace(WRITTEN, address),
        env={**os.environ, "INVOKEAI_TOKEN": TOKEN},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(program: str) -> pytest.MarkDecorator:
    """Skip a test with a visible reason if a program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@needs("curl")
def test_the_examples_for_curl_run_a_line_and_download_its_image(address: str, tmp_path: Path) -> None:
    out = run(["bash", "-e"], "".join(blocks("sh", "curl")), address, tmp_path)
    assert '"node_finished"' in out
    assert (tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("heading", ["Python", "Clients of OpenAI's API", "Clients of AUTOMATIC1111"])
def test_the_examples_in_python_run(address: str, tmp_path: Path, heading: str) -> None:
    (example,) = blocks("python", heading)
    out = run([sys.executable, "-"], example, address, tmp_path)
    assert "OpenAI" not in heading or re.fullmatch(rf"{address}/api/v1/images/[0-9a-f]{{64}}\?expires=.*\n", out)
    assert "OpenAI" in heading or (tmp_path / "fox.png").read_bytes().startswith(b"\x89PNG")


@needs("node")
def test_the_example_in_javascript_prints_what_is_wrong_with_a_line(address: str, tmp_path: Path) -> None:
    (example,) = blocks("js")
    out = run(["node", "--input-type=module", "-"], example, address, tmp_path)
    assert out == "there is no command `bluur` [ 16, 21 ] did you mean `blur`?\n"


def test_every_way_to_start_the_server_has_valid_options(tmp_path: Path) -> None:
    lines = [line for text in blocks("text") for line in text.splitlines() if line.startswith("invokeai serve")]
    assert len(lines) >= 5
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).touch()
    for line in lines:
        words = [str(tmp_path / word) if word.endswith(".pem") else word for word in line.split()[2:]]
        assert parse(words).listen


def test_the_addresses_of_pages_that_the_page_names_are_served(address: str) -> None:
    for path in ("/docs", "/api/v1/openapi.json", "/problems/unknown_command"):
        assert path.partition("unknown")[0] in PAGE
        answer = httpx.get(f"{address}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, path


def test_the_configuration_for_agents_is_valid_and_names_our_command() -> None:
    (example,) = blocks("json")
    server = json.loads(example)["mcpServers"]["invokeai"]
    assert (server["command"], server["args"][0]) == ("invokeai", "mcp")


@needs("nginx")
def test_nginx_with_the_settings_on_the_page_passes_requests_and_sockets_on(
    isolated_home: Path, tmp_path: Path, scripted: None
) -> None:
    names = ("127.0.0.1",)  # stands for the public name, with any port
    options = ServeOptions(in_process=True, requests_per_second=0, host_names=names, trusted_proxies=names)
    server = Server.open(options, folder=tmp_path, token=TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}

    async def subscribe(port: int, session: str) -> dict[str, Any]:
        async with connected(port, token=TOKEN) as client:
            answer: dict[str, Any] = await client.call("subscribe", {"session": session})
            return answer

    try:
        with listening(server) as address, nginx(tmp_path, blocks("nginx"), address) as port:
            body = {"line": "add 1 2", "run": True}
            made = httpx.post(f"http://127.0.0.1:{port}/api/v1/sessions", json=body, headers=headers)
            assert made.status_code == 201, made.text
            assert asyncio.run(subscribe(port, made.json()["id"]))["epoch"]
    finally:
        server.close()
