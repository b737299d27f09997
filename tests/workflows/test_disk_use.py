"""The room for caches on disk, and how it is divided between results and converted models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from invocations.cache.base import CacheStats, MemoryCache
from workflows.disk_use import clear, disk_use, entries_of
from workflows.problems import FileError
from workflows.services import DiskRooms, disk_rooms
from workflows.settings.place import Place
from workflows.settings.resolve import Config, resolve

GB = 10**9


def config(home: Path, **variables: str) -> Config:
    return resolve(Place({"INVOKEAI_HOME": str(home), **variables}, str(home), str(home)), {}, {})


@pytest.mark.parametrize(
    ("variables", "rooms"),
    [
        ({}, DiskRooms(10 * GB, 10 * GB)),
        ({"INVOKEAI_CACHE_GIGABYTES": "2"}, DiskRooms(2 * GB, 10 * GB)),
        ({"INVOKEAI_DISK_LIMIT": "50 GB"}, DiskRooms(24 * GB, 24 * GB, 2 * GB)),
        ({"INVOKEAI_DISK_LIMIT": "10 GB", "INVOKEAI_CACHE_GIGABYTES": "2"}, DiskRooms(2 * GB, 7 * GB, GB)),
        ({"INVOKEAI_DISK_LIMIT": "10 GB", "INVOKEAI_CACHE_GIGABYTES": "9"}, DiskRooms(9 * GB, 0, GB)),
    ],
)
def test_all_caches_together_stay_within_one_limit(
    isolated_home: Path, variables: dict[str, str], rooms: DiskRooms
) -> None:
    assert disk_rooms(config(isolated_home, **variables)) == rooms


class Counted(MemoryCache):
    """A cache whose counts are fixed."""

    def stored(self) -> CacheStats:
        return CacheStats(58, 1_200_000_000, 12)


def test_the_use_is_counted_and_explained(isolated_home: Path) -> None:
    for name, size in (("converted/a/unet.safetensors", 3_000_000), ("results.sqlite", 99), ("plugins.json", 12)):
        file = isolated_home / "cache" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * size)
    assert disk_use(config(isolated_home), Counted()).rows() == (
        ("results", "1.2 GB", "of 10.0 GB", "58 results with images and tensors; reused 12 times"),
        ("converted models", "3.0 MB", "of 10.0 GB", "copies of models that load faster"),
        ("other", "12 B", "", "what is known about plug-ins and files"),
        ("in all", "1.2 GB", "of 22.0 GB", "`config set disk_limit 50GB` changes the limit"),
    )
    limited = disk_use(config(isolated_home, INVOKEAI_DISK_LIMIT="4 GB"), Counted())
    assert limited.rows()[-1] == (
        "in all",
        "1.2 GB",
        "of 4.0 GB",
        "the limit is `disk_limit`, from INVOKEAI_DISK_LIMIT",
    )
    assert limited.to_json()["converted"] == {"bytes": 3_000_000, "limit": 1_800_000_000}
    assert limited.to_json()["limit"] == 4 * GB


def test_what_a_server_stores_is_counted_wherever_it_is(isolated_home: Path) -> None:
    for name in ("data/uploads/ab/x.png", "cache/thumbnails/320/ab/x.webp", "data/requests.sqlite", "data/mine.txt"):
        file = isolated_home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 1000)
    use = disk_use(config(isolated_home), Counted())
    assert use.rows()[2] == ("server", "3.0 kB", "of 2.0 GB", "images that clients have sent, and thumbnails")
    assert use.to_json()["served"] == {"bytes": 3000, "limit": 2 * GB}
    assert use.other_bytes == 0
    assert use.rows()[-1][1] == "1.2 GB"


def test_clearing_removes_thumbnails_and_no_image_that_was_sent(isolated_home: Path) -> None:
    sent, thumbnail = isolated_home / "data/uploads/ab/x.png", isolated_home / "cache/thumbnails/320/ab/x.webp"
    for file in (sent, thumbnail):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    clear(str(isolated_home / "cache"), Cleared())
    assert (sent.exists(), thumbnail.exists()) == (True, False)


def test_files_that_vanish_while_they_are_measured_are_skipped(
    isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = isolated_home / "cache"
    for name in ("converted/a/unet.safetensors", "converted/a/unet.part", "plugins.json", "plugins.part"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"123")
    real = os.lstat

    def lstat(path: str, **options: Any) -> os.stat_result:
        if str(path).endswith(".part"):
            raise FileNotFoundError(path)
        return real(path, **options)

    monkeypatch.setattr(os, "lstat", lstat)
    assert [(each.name, each.files, each.bytes) for each in entries_of(str(folder))] == [
        ("converted", 1, 3),
        ("plugins.json", 1, 3),
    ]


class Cleared(MemoryCache):
    """A cache whose results took 1000 bytes on disk."""

    def clear(self) -> int:
        return 1000


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return a cache folder with the index of the results, a file, a folder and a link to a folder elsewhere."""
    folder, elsewhere = tmp_path / "cache", tmp_path / "elsewhere"
    for file in (folder / "converted/a/unet.safetensors", elsewhere / "mine.txt"):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x" * 300)
    for name in ("results.sqlite", "results.sqlite-wal", "plugins.json"):
        (folder / name).write_bytes(b"x" * 20)
    (folder / "linked").symlink_to(elsewhere)
    return folder


def test_clearing_removes_everything_except_the_index_of_the_results(filled: Path) -> None:
    link_bytes = (filled / "linked").lstat().st_size
    assert clear(str(filled), Cleared()) == 1000 + 300 + 20 + link_bytes
    assert sorted(path.name for path in filled.iterdir()) == ["results.sqlite", "results.sqlite-wal"]


def test_clearing_removes_a_link_and_keeps_what_it_links_to(filled: Path) -> None:
    clear(str(filled), Cleared())
    assert not (filled / "linked").is_symlink()
    assert (filled.parent / "elsewhere/mine.txt").exists()


def test_a_cache_folder_that_does_not_exist_holds_nothing_to_clear(tmp_path: Path) -> None:
    assert clear(str(tmp_path / "none"), Cleared()) == 1000


def test_a_file_that_cannot_be_removed_is_named(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.unlink

    def unlink(path: str, **options: Any) -> None:
        if str(path).endswith("linked"):
            raise PermissionError(13, "Permission denied", path)
        real(path, **options)

    monkeypatch.setattr(os, "unlink", unlink)
    with pytest.raises(FileError) as raised:
        clear(str(filled), Cleared())
    assert str(raised.value) == f"`{filled / 'linked'}` cannot be removed: Permission denied"
