"""The states of files change with each file in a folder and in its subfolders, but not with files further down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.file_states import states_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m/unet/deep").mkdir(parents=True)
    for name in ("index.json", "unet/weights", "unet/deep/more"):
        (tmp_path / "m" / name).write_text("x")
    return tmp_path / "m"


def test_the_states_of_a_folder_cover_its_files_and_those_of_its_subfolders(folder: Path) -> None:
    found = [str(folder), *(str(folder / name) for name in ("index.json", "unet", "unet/deep", "unet/weights"))]
    assert [state[0] for state in states_of([str(folder)])] == found


def test_a_state_is_the_inode_the_size_and_the_time_of_a_file(folder: Path) -> None:
    os.utime(folder / "index.json", ns=(7, 8))
    assert states_of([str(folder / "index.json")]) == [
        (str(folder / "index.json"), os.stat(folder / "index.json").st_ino, 1, 8)
    ]


def test_a_file_that_does_not_exist_has_a_state_of_zeros(tmp_path: Path) -> None:
    assert states_of([str(tmp_path / "fox")]) == [(str(tmp_path / "fox"), 0, 0, 0)]


def test_links_have_the_state_of_what_they_point_to_and_dangling_links_their_own(folder: Path) -> None:
    link, dangling = folder / "unet/link", folder / "unet/none"
    link.symlink_to(folder / "index.json")
    dangling.symlink_to(folder / "nowhere")
    states = {path: inode for path, inode, _, _ in states_of([str(folder), str(link), str(dangling)])}
    assert states[str(link)] == os.stat(folder / "index.json").st_ino
    assert states[str(dangling)] == os.lstat(dangling).st_ino
