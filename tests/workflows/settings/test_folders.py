"""Where the program's folders are, and how a file is replaced atomically."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from workflows.settings.folders import find_folders, make_usable, written_atomically
from workflows.settings.place import Place


def place(home: Path) -> Place:
    return Place({"INVOKEAI_HOME": str(home)}, str(home), str(home))


def write(path: Path, text: str) -> None:
    with written_atomically(str(path)) as temporary:
        Path(temporary).write_text(text)


def test_invokeai_home_moves_every_folder(tmp_path: Path) -> None:
    folders = find_folders(place(tmp_path))
    assert folders.user_file == str(tmp_path / "config" / "config.toml")
    assert {Path(folders.data).parent, Path(folders.state).parent, Path(folders.cache).parent} == {tmp_path}


def test_an_unwritable_folder_is_replaced_by_a_temporary_one_and_a_warning_is_returned(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    folders, warnings = make_usable(find_folders(place(tmp_path)))
    assert folders.data != str(tmp_path / "data")
    assert folders.cache == str(tmp_path / "cache")
    assert [text.split("`")[0] for text in warnings] == ["the data folder "]
    assert warnings[0].endswith("for this run")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners and modes")
def test_the_temporary_folder_is_private_and_the_same_in_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("a file")
    (tmp_path / "cache").write_text("a file")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    first, second = (make_usable(find_folders(place(tmp_path)))[0] for _ in range(2))
    assert (first.data, first.cache) == (second.data, second.cache)
    (own,) = temporary.iterdir()
    assert own.stat().st_mode & 0o777 == 0o700
    own.chmod(0o777)  # another user could have put files into this folder
    third = make_usable(find_folders(place(tmp_path)))[0]
    assert not Path(third.data).is_relative_to(own)
    own.rename(temporary / "away")
    own.symlink_to(temporary / "away")
    assert not Path(make_usable(find_folders(place(tmp_path)))[0].data).is_relative_to(own)


def test_a_relative_folder_path_is_resolved_against_the_working_folder(tmp_path: Path) -> None:
    folders = find_folders(Place({"INVOKEAI_HOME": "here"}, str(tmp_path)))
    assert folders.nodes == str(tmp_path / "here" / "config" / "nodes")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_an_atomic_write_keeps_the_mode_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")
    path.chmod(0o600)
    write(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_an_atomic_write_follows_a_symbolic_link(tmp_path: Path) -> None:
    link, target = tmp_path / "config.toml", tmp_path / "dotfiles" / "invokeai.toml"
    link.symlink_to(target)
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == link.read_text() == "new"


def test_a_reader_sees_the_complete_old_file_while_a_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old and long")
    with path.open() as reader:
        write(path, "new")
        assert reader.read() == "old and long"
    assert path.read_text() == "new"


def test_a_failed_write_changes_nothing_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "half \udc80")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["config.toml"]
