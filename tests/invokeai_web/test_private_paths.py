"""Folders of this machine do not leave it in texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from invokeai_web.private_paths import PrivatePaths, private_paths
from invokeai_web.server import Server

CASES = {
    "a file in a folder": ("cannot read `/srv/data/images/a.png`", "cannot read `<data>/images/a.png`"),
    "the longest folder": ("/srv/data/cache/x and /srv/data/x", "<cache>/x and <data>/x"),
    "the folder alone": ("/srv/data", "<data>"),
    "a longer name": ("/srv/database/x", "/srv/database/x"),
    "a name with a dot": ("/srv/data.bak", "/srv/data.bak"),
    "no path": ("3/4 of the image", "3/4 of the image"),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_known_folders_are_replaced_by_their_purpose(text: str, expected: str) -> None:
    replaced = PrivatePaths({"/srv/data": "data", "/srv/data/cache": "cache", "/": "root"})
    assert replaced(text) == expected


def test_without_folders_a_text_stays_as_it_is() -> None:
    assert PrivatePaths({})("/srv/data") == "/srv/data"


def test_a_server_replaces_its_own_folders_the_users_home_and_the_program(server: Server, isolated_home: Path) -> None:
    settings = server.workspace.settings
    assert server.without_paths(f"{settings.folders.data}/s.sqlite") == "<data>/s.sqlite"
    home = os.path.expanduser("~")
    assert home not in private_paths(settings, "/x")(f"{home}/.ssh")
    assert "site-packages" not in server.without_paths(os.path.dirname(os.__file__))
