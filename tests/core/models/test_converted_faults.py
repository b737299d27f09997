"""Converted copies if the disk is full, a process is killed, several processes write, or there is no room."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from core.models import converted
from core.models.card import ModelCard
from core.models.converted import ConvertedCopies
from core.models.load import load_unet, load_vae, size_of
from core.models.load_text import load_text
from tests.core.models.copying import BF16, LOADERS, is_mapped, place, weights, write


def test_a_full_disk_leaves_no_file(
    copies: ConvertedCopies, card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: Any, *_: object) -> None:
        file.write(b"x" * 1000)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(converted, "write_safetensors", full)
    write(copies, load_unet(card, BF16, copies=copies))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("lacking", "written"), [(1, False), (0, True)])
def test_nothing_is_written_if_less_than_twice_the_size_is_free(
    copies: ConvertedCopies, card: ModelCard, monkeypatch: pytest.MonkeyPatch, lacking: int, written: bool
) -> None:
    unet = load_unet(card, BF16, copies=copies)
    free = 2 * size_of(unet) - lacking
    monkeypatch.setattr(converted.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    write(copies, unet)
    assert place(copies, card).path.exists() == written


def test_the_copy_that_was_used_least_recently_makes_room(card: ModelCard, tmp_path: Path) -> None:
    folder = tmp_path / "converted"
    sizes = {}
    everything = ConvertedCopies(folder, 10**9, min_bytes=1)
    for age, part in enumerate(("vae", "text_encoder")):
        write(everything, LOADERS[part](card, BF16, copies=everything))
        path = place(everything, card, part).path
        sizes[part] = path.stat().st_size
        os.utime(path, (1000 + age, 1000 + age))
    LOADERS["vae"](card, BF16, copies=everything)  # used again
    limited = ConvertedCopies(folder, sizes["vae"] + card.part("unet").size_bytes // 2, min_bytes=1)
    write(limited, load_unet(card, BF16, copies=limited))
    assert sorted(path.name for path in folder.rglob("*.safetensors")) == ["unet.safetensors", "vae.safetensors"]
    assert len([*folder.iterdir()]) == 2
    tiny = ConvertedCopies(folder, 1000, min_bytes=1)
    write(tiny, load_text(card, BF16, copies=tiny))
    assert not place(tiny, card, "text_encoder").path.exists()


KILLED = """
import os, sys
from pathlib import Path
from core.devices import Device
from core.models import converted
from core.models.converted import ConvertedCopies
from core.models.load import load_unet
from core.models.probe import probe
copies = ConvertedCopies(Path(sys.argv[2]), 10**9, min_bytes=1)
unet = load_unet(probe(sys.argv[1]), Device("cpu", 0, "bf16"), copies=copies)
def die(file, *_):
    file.write(b"x" * 1000)
    file.flush()
    os._exit(9)
converted.write_safetensors = die
copies.write()
copies.finish()
"""


def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_counts(
    copies: ConvertedCopies, card: ModelCard, model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cache" / "converted"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(model), str(folder)], check=False)
    assert ended.returncode == 9
    assert [path.suffix for path in folder.rglob("*") if path.is_file()] == [".part"]
    unet = load_unet(card, BF16, copies=copies)
    assert size_of(unet) > 0
    write(copies, unet)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["unet.safetensors"]
    assert is_mapped(load_unet(card, BF16, copies=copies))


def test_two_processes_may_write_the_same_copy_at_once(card: ModelCard, tmp_path: Path) -> None:
    both = [ConvertedCopies(tmp_path / "converted", 10**9, min_bytes=1) for _ in range(2)]
    unets = [load_unet(card, BF16, copies=each) for each in both]
    together = threading.Barrier(2)
    threads = [threading.Thread(target=lambda each=each: (together.wait(60), write(each, unets))) for each in both]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in (tmp_path / "converted").rglob("*") if path.is_file()] == ["unet.safetensors"]
    assert is_mapped(load_unet(card, BF16, copies=both[0]))


def test_a_part_that_was_unloaded_in_the_meantime_is_not_written(copies: ConvertedCopies, card: ModelCard) -> None:
    load_unet(card, BF16, copies=copies)
    copies.write()
    copies.finish()
    assert not place(copies, card).path.exists()


def test_a_folder_that_cannot_be_written_means_that_there_is_no_copy(card: ModelCard, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    copies = ConvertedCopies(tmp_path / "file", 10**9, min_bytes=1)
    unet = load_unet(card, BF16, copies=copies)
    write(copies, unet)
    assert size_of(load_unet(card, BF16, copies=copies)) == size_of(unet)


def test_ctrl_c_while_the_program_waits_stops_writing(
    copies: ConvertedCopies, card: ModelCard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun, interrupted = threading.Event(), threading.Event()

    def slow(file: Any, state: Any, metadata: Any, stopped: Callable[[], bool]) -> None:
        file.write(b"x")
        begun.set()
        while not stopped():
            interrupted.wait(0.001)
        raise converted.Stopped

    join = threading.Thread.join

    def interrupt_once(thread: threading.Thread, timeout: float | None = None) -> None:
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt
        join(thread, timeout)

    monkeypatch.setattr(converted, "write_safetensors", slow)
    unet = load_unet(card, BF16, copies=copies)
    copies.write()
    assert begun.wait(60)
    monkeypatch.setattr(threading.Thread, "join", interrupt_once)
    write(copies, unet)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_writing_is_stopped_at_once_and_leaves_no_file(
    copies: ConvertedCopies, card: ModelCard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = threading.Event()

    def slow(file: Any, state: Any, metadata: Any, stopped: Callable[[], bool]) -> None:
        file.write(b"x")
        begun.set()
        while not stopped():
            pass
        raise converted.Stopped

    monkeypatch.setattr(converted, "write_safetensors", slow)
    unet = load_unet(card, BF16, copies=copies)
    copies.write()
    assert begun.wait(60)
    copies.stop()
    assert not copies.is_writing
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    del unet


def test_removing_all_copies_does_not_harm_a_model_that_maps_them(copies: ConvertedCopies, card: ModelCard) -> None:
    first = load_vae(card, BF16, copies=copies)
    write(copies, first)
    second = load_vae(card, BF16, copies=copies)
    with suppress(PermissionError):  # on Windows, a mapped file cannot be removed
        shutil.rmtree(place(copies, card, "vae").path.parent)
    assert all(torch.equal(tensor, weights(first)[name]) for name, tensor in weights(second).items())


@pytest.mark.parametrize("error", [MemoryError, ZeroDivisionError])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unexpected_error_ends_writing_but_not_for_good(
    copies: ConvertedCopies, card: ModelCard, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error

    unet = load_unet(card, BF16, copies=copies)
    with monkeypatch.context() as patched:
        patched.setattr(converted, "write_safetensors", fail)
        write(copies, unet)
    assert not copies.is_writing
    unet = load_unet(card, BF16, copies=copies)
    write(copies, unet)
    assert place(copies, card).path.exists()
