"""Lines run on the server itself, as it is started by `invokeai serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from invokeai_web.server import Server
from tests.invokeai_cli.conftest import CliResult
from tests.invokeai_cli.on_server.fake_api import TOKEN
from tests.invokeai_cli.on_server.real_server import real_server

LINES = {
    "a sweep": "t2i a fox --seed 1..3 --steps 2 | grid | save g.png",
    "a file": "i2i in.png a fox --seed 18446744073709551615 --steps 2 | save fox.png",
    "a mask": "load in.png as a | mask-threshold as m | inpaint a sun --image @a --mask @m --seed 3 | save m.png",
    "another VAE": "t2i a red house --vae default --seed 7 --steps 2 | save v.png",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Server]]:
    """Yield the address of a server, and the server; it limits the rate of requests."""
    with real_server(tmp_path / "server", rate=50) as found:
        yield found


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_output_files_and_status_are_the_same_as_here(
    line: str, server: tuple[str, Server], type_: Callable[..., CliResult], tmp_path: Path
) -> None:
    found = []
    for name, variables in (("here", {}), ("there", {"INVOKEAI_SERVER": server[0], "INVOKEAI_TOKEN": TOKEN})):
        folder = tmp_path / name
        folder.mkdir()
        Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(folder / "in.png")
        done = type_(line, folder=folder, INVOKEAI_CACHE="no", **variables)
        files = {path.name: path.read_bytes() for path in folder.glob("*.png")}
        found.append((done.status, done.out, files))
    assert found[0] == found[1]
    assert found[0][0] == 0
    assert server[1].invoker.sessions() == []


def test_models_are_those_of_the_server_without_their_places(
    server: tuple[str, Server], type_: Callable[..., CliResult], tmp_path: Path
) -> None:
    variables = {"INVOKEAI_SERVER": server[0], "INVOKEAI_TOKEN": TOKEN}
    listed = type_("models", "--json", **variables)
    assert [each["name"] for each in listed.document["models"]] == ["default"]
    described = type_("models", "info", "default", **variables)
    assert described.status == 0
    assert str(tmp_path) not in listed.out + described.out
    assert type_("t2i a fox --model nowhere", **variables).status == 4


def test_a_wrong_token_is_refused(server: tuple[str, Server], type_: Callable[..., CliResult]) -> None:
    refused = type_("t2i a fox", INVOKEAI_SERVER=server[0], INVOKEAI_TOKEN="wrong")
    assert refused.status == 1
    assert "set INVOKEAI_TOKEN to the token that `invokeai serve` printed there" in refused.err
