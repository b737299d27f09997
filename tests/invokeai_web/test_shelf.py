"""A server opens its workspaces with services that know images and models only by their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from invocations.language.errors import Refusal
from invocations.served import ServedServices
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invocations.services.served import file_bytes


def test_every_workspace_of_a_server_uses_the_shelf(server: Server, tmp_path: Path) -> None:
    assert isinstance(server.services, ServedServices)
    Image.new("RGB", (20, 10)).save(tmp_path / "secret.png")
    received = server.services.uploads.receive(file_bytes(Image.new("RGB", (20, 10), "red")))
    server.invoker.gallery.add(received.ref, "house")
    with server.workspace_of(server.invoker.create().id) as workspace:
        assert workspace.run("load house | invert")[0].image_refs[0].path is None
        for word in ("secret.png", str(tmp_path / "secret.png")):
            with pytest.raises(Refusal):
                workspace.plan(f"load {word}")
    assert server.names_on_shelf() == ("house",)


def test_a_line_on_a_server_saves_no_image_that_it_does_not_name(server: Server) -> None:
    plan = server.workspace.plan("t2i a fox")
    assert server.workspace.additions(plan).nodes == ()


def test_the_owner_may_allow_a_folder(isolated_home: Path, tmp_path: Path, scripted: None) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "mine.png")
    server = Server.open(ServeOptions(in_process=True, allow_files=str(tmp_path)), folder=tmp_path)
    try:
        with server.workspace_of(server.invoker.create().id) as workspace:
            assert workspace.run("load mine.png")[0].image_refs[0].width == 20
    finally:
        server.close()
