"""If the disk fills up during a script, the line fails, the error names the file, and no partial file is left."""

from __future__ import annotations

import builtins
import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import core.imaging.atomic
from invocations.cache.index import Index
from invocations.storing.local import LocalStore
from tests.invokeai_cli.conftest import TypeLine

LINES = 6
HINT = "  free some disk space and run the line again; to continue a script, use `--resume`"
NAMES = ("save", "save x-{n}.png", "scale 2 | save '{index:03}-x.png'")
SCRIPT = "".join(f"load p.png | rotate {n} | {NAMES[n % 3]}\n".replace("{n}", str(n)) for n in range(LINES))


class Room:
    """Free disk space: `left` more files can be written, then only half the bytes of the next file."""

    def __init__(self, left: int, wanted: Callable[[str], bool]) -> None:
        self.left = left
        self.wanted = wanted

    def open(self, path: Any, mode: str = "r", **how: Any) -> Any:
        file = builtins.open(path, mode, **how)  # noqa: SIM115 - as `open` does
        if "x" not in mode or not self.wanted(str(path)):
            return file
        self.left -= 1
        return file if self.left >= 0 else _Half(file)


class _Half(io.BytesIO):
    def __init__(self, file: Any) -> None:
        super().__init__()
        self.file = file

    def write(self, data: Any) -> int:
        self.file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        self.file.close()
        super().close()


@contextmanager
def full_files(left: int, *, of_the_store: bool) -> Iterator[None]:
    """Make the disk appear full after `left` more files in the image store, or after `left` more saved files."""
    room = Room(left, lambda path: (f"{os.sep}images{os.sep}" in path) == of_the_store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.imaging.atomic, "open", room.open, raising=False)
        yield


@contextmanager
def full_journal(pages: int) -> Iterator[None]:
    """Make SQLite report a full disk once the journal has grown by `pages` pages."""
    real = LocalStore._connection

    def limited(store: LocalStore) -> sqlite3.Connection:
        connection = real(store)
        (size,) = connection.execute("pragma page_count").fetchone()
        if not getattr(store, "limited", False):
            store.limited = True  # type: ignore[attr-defined]
            connection.execute(f"pragma max_page_count = {size + pages}")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalStore, "_connection", limited)
        yield


@contextmanager
def full_results() -> Iterator[None]:
    """Make SQLite report a full disk when a result is added to the cache."""
    real = Index._prepare

    def limited(index: Index) -> None:
        real(index)
        index._connection.execute("pragma max_page_count = 1")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Index, "_prepare", limited)
        yield


def world(folder: Path) -> Path:
    folder.mkdir()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(folder / "p.png")
    (folder / "night.inv").write_text(SCRIPT)
    return folder


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def all_whole(*folders: Path) -> bool:
    """Return True if no partial file is left below the folders and every image there is readable."""
    for folder in folders:
        assert list(folder.rglob("*.part")) == []
        for path in folder.rglob("*.png"):
            with Image.open(path) as image:
                image.load()
    return True


@pytest.fixture
def whole(type_: TypeLine, tmp_path: Path, isolated_home: Path) -> dict[str, bytes]:
    """Return the images of an uninterrupted run."""
    folder = world(tmp_path / "whole")
    assert type_("run", "night.inv", folder=folder, INVOKEAI_HOME=str(isolated_home / "whole")).status == 0
    return pictures(folder)


PLACES = {
    **{f"saved picture {n}": (full_files(n, of_the_store=False), "00|x-|-x") for n in (0, 1, 2, 4, 5)},
    **{f"picture of the store {n}": (full_files(n, of_the_store=True), "images") for n in (0, 1, 3, 6)},
    **{f"journal {pages} pages": (full_journal(pages), "sessions.sqlite") for pages in (0, 1, 2, 4)},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_full_disk_stops_a_script_that_can_be_resumed(
    type_: TypeLine, tmp_path: Path, isolated_home: Path, whole: dict[str, bytes], place: str
) -> None:
    folder = world(tmp_path / "small")
    full, named = PLACES[place]
    with full:
        result = type_("run", "night.inv", folder=folder)
    error, hint = result.err[result.err.index("error: ") :].splitlines()[:2]
    assert result.status == 1
    assert any(name in error for name in named.split("|"))
    assert "the disk is full" in error or "no space left on device" in error
    assert hint == HINT
    assert all_whole(folder, isolated_home)
    before = pictures(folder)
    assert before.items() <= whole.items()
    # the store writes in the background: its last image may be saved before the error
    assert before != whole or place.startswith("picture of the store")
    result = type_("run", "night.inv", "--resume", folder=folder)
    assert result.status == 0
    assert pictures(folder) == whole
    assert result.out.split() == [name for name in result.out.split() if name in whole]
    assert len(result.out.split()) == LINES


def test_only_the_cache_is_disabled_if_the_disk_is_full_for_the_cache_index(
    type_: TypeLine, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    folder = world(tmp_path / "small")
    with full_results():
        result = type_("run", "night.inv", folder=folder)
    assert result.status == 0
    assert "warning: results are not cached on disk: " in result.err
    assert pictures(folder) == whole


def test_a_line_that_cannot_be_written_to_the_journal_fails_and_the_error_names_the_file(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    with full_journal(0):
        result = type_("replace", "a" * 20_000, "b", "c")
    place = isolated_home / "data" / "sessions.sqlite"
    assert (result.status, result.out) == (1, "")
    assert result.err == f"error: the sessions in `{place}` cannot be read or written: the disk is full\n{HINT}\n"
    assert type_("add", "1", "2").out == "3\n"
