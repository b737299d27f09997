"""Workspaces as a server opens them, in a folder that contains files that nobody may read."""

from __future__ import annotations

import pytest

from tests.invocations.services.conftest import noisy
from workflows.opening import options_of
from workflows.services import served_services
from workflows.workspace import Workspace


@pytest.fixture
def open_served(isolated_home, tmp_path, monkeypatch):
    """Yield a function that opens a workspace as a server does, in a folder that contains files."""
    folder = tmp_path / "folder"
    folder.mkdir()
    noisy("RGB", 30, 20, 9).save(folder / "secret.png")
    (folder / "house").write_bytes(b"a file of the server")
    (folder / "prompts.txt").write_text("one\ntwo\n")
    monkeypatch.chdir(folder)
    opened: list[Workspace] = []

    def open_(allow_files=""):
        arguments = options_of(home=isolated_home)
        services = served_services(arguments["settings"](), allow_files=str(allow_files))
        workspace = Workspace(**{**arguments, "services": services}, saves_images=lambda: False)
        services.attach(workspace.invoker)
        opened.append(workspace)
        return workspace, services

    yield open_
    for workspace in opened:
        workspace.close()


@pytest.fixture
def served(open_served):
    return open_served()
