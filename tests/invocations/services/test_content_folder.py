"""A folder of limited size loses the files that were not used for longest."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from invocations.services.content_folder import ContentFolder
from invocations.services.errors import SaveFailed


def name_of(number):
    return hashlib.sha256(str(number).encode()).hexdigest()


@pytest.fixture
def clock():
    return [1e9]


def folder(tmp_path, clock, max_bytes=1000, **how):
    return ContentFolder(tmp_path / "f", ".bin", max_bytes, now=lambda: clock[0], **how)


def test_a_file_is_found_by_its_name_and_part(tmp_path, clock):
    made = folder(tmp_path, clock)
    path = made.write(name_of(1), b"abc", "320")
    assert path == tmp_path / "f/320" / name_of(1)[:2] / f"{name_of(1)}.bin"
    assert made.find(name_of(1), "320") == path
    assert made.find(name_of(1)) is None
    made.remove(name_of(1), "320")
    made.remove(name_of(1), "320")
    assert made.find(name_of(1), "320") is None


@pytest.mark.parametrize("name", ["", "..", "../x", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63])
def test_a_name_that_is_no_hash_never_becomes_a_path(tmp_path, clock, name):
    made = folder(tmp_path, clock)
    for attempt in (made.find, made.file, made.remove, lambda name: made.write(name, b"")):
        with pytest.raises(ValueError, match="is not the hash of a content"):
            attempt(name)
    assert not (tmp_path / "f").exists()


def test_the_files_that_were_not_used_for_longest_are_removed_first(tmp_path, clock):
    made = folder(tmp_path, clock)
    for number in range(9):
        path = made.write(name_of(number), b"x" * 100)
        os.utime(path, (number, number))
    made.find(name_of(0))  # used just now
    made.write(name_of(9), b"x" * 100)
    assert made.bytes() == 1000
    made.write(name_of(10), b"x" * 100)
    left = {each.path.stem for each in made.files()}
    assert left == {name_of(number) for number in (0, 3, 4, 5, 6, 7, 8, 9, 10)}
    assert made.bytes() == 900


def test_files_that_are_kept_or_were_just_written_are_not_removed(tmp_path):
    made = ContentFolder(tmp_path / "f", ".bin", 100, kept=lambda: [name_of(0)])
    for number in range(3):
        path = made.write(name_of(number), b"x" * 100)
        if number < 2:
            os.utime(path, (0, 0))
    assert {each.path.stem for each in made.files()} == {name_of(0), name_of(2)}
    made.write(name_of(3), b"x" * 100)  # the other ones are too young
    assert {each.path.stem for each in made.files()} == {name_of(0), name_of(2), name_of(3)}


def test_what_a_killed_process_has_left_is_removed(tmp_path, clock):
    made = folder(tmp_path, clock)
    path = made.file(name_of(1))
    path.parent.mkdir(parents=True)
    left = path.with_name(".999999999-ab.part")
    left.write_bytes(b"x")
    made.write(name_of(1), b"abc")
    assert not left.exists()


def test_many_threads_may_write_at_the_same_time(tmp_path, clock):
    made = folder(tmp_path, clock, max_bytes=2000)
    clock[0] = 9e9  # every file is old

    def work(start):
        for number in range(start, start + 20):
            made.write(name_of(number), b"x" * 100)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 80, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < made.bytes() <= 2000 + 3 * 100


def test_a_full_disk_is_an_error_with_a_hint(tmp_path, clock, monkeypatch):
    made = folder(tmp_path, clock)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(SaveFailed) as refused:
        made.write(name_of(1), b"abc")
    assert "no space left on device" in refused.value.message
    assert refused.value.hint
    assert list(Path(tmp_path).rglob("*.part")) == []
