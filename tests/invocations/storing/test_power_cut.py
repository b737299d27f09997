"""The order of writes to disk: the claim of a file name, then the image, then the log entry for the saved image."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from invocations.graph.graph import Edge, Node
from invocations.invoker import Invoker
from invocations.local import LocalSettings, local_invoker
from invocations.services.file_integrity import is_whole_png, is_whole_safetensors
from invocations.sessions.session import Extension
from invocations.storing.local import LocalStore

Log = list[str]


class LoggingStore(LocalStore):
    """A store that records each committed entry, and whether the commit waited for the disk."""

    def __init__(self, path: Path, log: Log) -> None:
        super().__init__(path)
        self.log = log

    def _write(self, statements, *, durable=False):  # type: ignore[no-untyped-def]
        connection = self._connection()
        super()._write(statements, durable=durable)
        assert connection.execute("pragma synchronous").fetchone() == (1,), "only a claim waits for the disk"
        for statement, values in statements if isinstance(statements, list) else ():
            if statement.startswith("insert into entries"):
                kind = values[2].split('"')[3]
                self.log.append(f"{kind}{' synced' if durable else ''}")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """Return a log of the names of the files that are synced and linked, in order."""
    log: Log = []
    fsync, link = os.fsync, os.link

    def logged_fsync(number: int) -> None:
        name = os.readlink(f"/proc/self/fd/{number}")
        log.append(f"sync {'part' if name.endswith('.part') else os.path.basename(name)}")
        fsync(number)

    def logged_link(source: Path, target: Path) -> None:
        log.append(f"name {os.path.basename(target)}")
        link(source, target)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(os, "link", logged_link)
    return log


@pytest.fixture
def invoker(tmp_path: Path, log: Log) -> Iterator[Invoker]:
    Image.effect_noise((16, 16), 60).convert("RGB").save(tmp_path / "p.png")
    settings = LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out")
    invoker = local_invoker(settings, store=LoggingStore(tmp_path / "data" / "sessions.sqlite", log))
    yield invoker
    invoker.close()


def line(folder: Path, target: str) -> Extension:
    nodes = (
        Node("1", "load", {"source": str(folder / "p.png")}),
        Node("2", "blur", {"radius": 2.0}),
        Node("3", "save", {"target": target}),
    )
    return Extension(nodes, (Edge("1", "image", "2", "image"), Edge("2", "image", "3", "image")))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc to see which file is synced")
def test_saving_writes_the_claim_the_data_the_file_name_the_folder_and_the_log_entry_in_this_order(
    invoker: Invoker, log: Log, tmp_path: Path
) -> None:
    session = invoker.create()
    invoker.extend(session.id, line(tmp_path, str(tmp_path / "new" / "x.png")))
    log.clear()
    list(invoker.run(session.id))
    log = log[log.index("claimed synced") :]
    folders = {"sync new", f"sync {tmp_path.name}"}
    assert set(log[3:5]) == folders
    assert log[:3] + log[5:] == ["claimed synced", "sync part", "name x.png", "finished", "line_ended"]


def test_a_truncated_image_in_the_store_is_recomputed(invoker: Invoker, tmp_path: Path) -> None:
    session = invoker.create()
    extension = line(tmp_path, str(tmp_path / "x.png"))
    invoker.extend(session.id, Extension(extension.nodes[:2], extension.edges[:1]))
    list(invoker.run(session.id))
    invoker.close()
    (ref,) = session.values("2", "image")
    file = invoker.services.images.file(ref.name)
    whole = file.read_bytes()
    settings = LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out")
    for cut in (b"", whole[:-1], whole[: len(whole) // 2], whole[:-9] + bytes(9)):
        file.write_bytes(cut)
        assert not is_whole_png(file)
        again = local_invoker(settings)
        assert not again.is_there(ref)
        fresh = again.create()
        again.extend(fresh.id, Extension(extension.nodes[:2], extension.edges[:1]))
        list(again.run(fresh.id))
        again.close()
        assert file.read_bytes() == whole


def test_truncated_tensors_are_treated_as_missing(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save

    data = save({"a": torch.zeros(3, 5), "b": torch.ones(2)})
    file = tmp_path / "t.safetensors"
    for size in (0, 4, 8, 20, len(data) - 1):
        file.write_bytes(data[:size])
        assert not is_whole_safetensors(file)
    file.write_bytes(bytes(len(data)))
    assert not is_whole_safetensors(file)
    file.write_bytes(data)
    assert is_whole_safetensors(file)


@pytest.mark.parametrize("name", ["there", "folder"])
def test_a_missing_file_and_a_folder_do_not_count_as_complete_files(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    assert not is_whole_png(tmp_path / name)
    assert not is_whole_safetensors(tmp_path / name)
