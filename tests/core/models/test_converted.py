"""Converted copies of parts: written once, mapped on the next start, and never wrong or incomplete."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.devices import Device
from core.models import converted
from core.models.card import ModelCard
from core.models.converted import ConvertedCopies, Copy
from core.models.fingerprint import measured_fingerprint
from core.models.load import load_unet, load_vae, size_of
from core.models.load_text import load_text
from core.models.probe import probe
from core.models.weight_files import read_header

CPU, BF16 = Device("cpu"), Device("cpu", 0, "bf16")
LOADERS: dict[str, Callable[..., Any]] = {"unet": load_unet, "vae": load_vae, "text_encoder": load_text}


@pytest.fixture
def copies(tmp_path: Path) -> ConvertedCopies:
    """Return copies of parts of any size, in a folder that does not exist yet."""
    return ConvertedCopies(tmp_path / "cache" / "converted", 10**9, min_bytes=1)


@pytest.fixture
def card(model: Path) -> ModelCard:
    """Return the card of a model whose files hold fp32."""
    return probe(model)


def write(copies: ConvertedCopies, *parts: Any) -> None:
    """Write the copies of parts that are loaded."""
    copies.write()
    copies.finish()
    assert parts  # the parts are kept until here


def place(copies: ConvertedCopies, card: ModelCard, part: str = "unet", device: Device = BF16) -> Copy:
    found = copies.find(card.part(part), device)
    assert found is not None
    return found


def weights(part: Any) -> dict[str, torch.Tensor]:
    return dict(getattr(part, "encoder", part).state_dict())


def rewrite(path: Path) -> None:
    """Change one number of a file, keeping its size and header."""
    tensors = load_file(path)
    first = min(tensors)
    save_file({**tensors, first: tensors[first] + 1}, path)


@pytest.mark.parametrize("part", LOADERS)
def test_a_converted_part_is_mapped_on_the_next_start_and_computes_the_same(
    copies: ConvertedCopies, card: ModelCard, part: str
) -> None:
    first = LOADERS[part](card, BF16, copies=copies)
    assert size_of(first) > 0
    assert not place(copies, card, part).path.exists()
    write(copies, first)
    second = LOADERS[part](card, BF16, copies=copies)
    assert size_of(second) == 0
    assert weights(first).keys() == weights(second).keys()
    for name, tensor in weights(second).items():
        assert tensor.dtype == torch.bfloat16
        assert torch.equal(tensor, weights(first)[name])


def test_the_unet_of_a_copy_returns_the_same_bits(copies: ConvertedCopies, card: ModelCard) -> None:
    torch.manual_seed(0)
    given = (torch.randn(2, card.latent_channels, 16, 16).bfloat16(), torch.tensor(500))
    states = torch.randn(2, 5, card.cross_attention_dim).bfloat16()
    first = load_unet(card, BF16, copies=copies)
    write(copies, first)
    second = load_unet(card, BF16, copies=copies)
    assert size_of(second) == 0
    plain, first, second = (unet(*given, states).sample for unet in (load_unet(card, BF16), first, second))
    assert torch.equal(plain, first)
    assert torch.equal(plain, second)


def test_a_copy_names_its_source_and_lies_in_a_folder_of_its_own(copies: ConvertedCopies, card: ModelCard) -> None:
    write(copies, load_unet(card, BF16, copies=copies))
    copy, fingerprint = place(copies, card), measured_fingerprint(card.part("unet"), "bf16")
    assert (copy.path.parent.name, copy.path.name) == (f"{fingerprint}-bf16", "unet.safetensors")
    assert dict(read_header(copy.path).metadata) == {
        "copy": "1", "source": fingerprint, "part": "unet", "dtype": "bf16", "order": "channels_last"
    }  # fmt: skip
    assert set(read_header(copy.path).dtypes.values()) == {"BF16"}


def test_a_part_that_is_loaded_as_it_is_stored_gets_no_copy(copies: ConvertedCopies, card: ModelCard) -> None:
    unet = card.part("unet")
    assert copies.find(unet, CPU) is None
    assert copies.find(unet, Device("cpu", 0, "bf16")) is not None
    assert copies.find(replace(unet, layout="ldm"), CPU) is not None
    assert ConvertedCopies(Path("unused"), 10**9).find(unet, BF16) is None  # the part is small
    assert ConvertedCopies(Path("unused"), 0, min_bytes=1).find(unet, BF16) is None


def test_a_part_in_several_shards_gets_a_copy_in_the_usual_order(
    copies: ConvertedCopies, card: ModelCard, model: Path
) -> None:
    file = model / "vae" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    names = sorted(tensors)
    shards = {"a.safetensors": names[:9], "b.safetensors": names[9:]}
    for shard, inside in shards.items():
        save_file({name: tensors[name] for name in inside}, file.with_name(shard))
    index = {"weight_map": {name: shard for shard, inside in shards.items() for name in inside}}
    file.with_name(f"{file.name}.index.json").write_text(json.dumps(index))
    file.unlink()
    card = probe(model)
    first = load_vae(card, CPU, copies=copies)
    write(copies, first)
    second = load_vae(card, CPU, copies=copies)
    assert "order" not in read_header(place(copies, card, "vae", CPU).path).metadata
    assert all(torch.equal(tensor, weights(first)[name]) for name, tensor in weights(second).items())


def test_a_changed_source_is_never_loaded_from_an_earlier_copy(
    copies: ConvertedCopies, card: ModelCard, model: Path
) -> None:
    write(copies, load_unet(card, BF16, copies=copies))
    before = place(copies, card).path
    rewrite(next((model / "unet").glob("*.safetensors")))
    found, plain = load_unet(card, BF16, copies=copies), load_unet(card, BF16)
    assert place(copies, card).path != before
    assert size_of(found) > 0
    assert all(torch.equal(tensor, weights(plain)[name]) for name, tensor in weights(found).items())


def test_no_copy_is_written_if_the_source_has_changed_since_it_was_loaded(
    copies: ConvertedCopies, card: ModelCard, model: Path, tmp_path: Path
) -> None:
    unet = load_unet(card, BF16, copies=copies)
    rewrite(next((model / "unet").glob("*.safetensors")))
    write(copies, unet)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize("damage", ["truncated", "empty", "other source", "other names"])
def test_a_damaged_copy_is_not_used_and_replaced(copies: ConvertedCopies, card: ModelCard, damage: str) -> None:
    first = load_unet(card, BF16, copies=copies)
    write(copies, first)
    path = place(copies, card).path
    data, metadata = path.read_bytes(), dict(read_header(path).metadata)
    if damage == "truncated":
        path.write_bytes(data[:-1])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "other source":
        save_file(load_file(path), path, {**metadata, "source": "0" * 64})
    else:
        save_file({f"x{name}": tensor for name, tensor in load_file(path).items()}, path, metadata)
    second = load_unet(card, BF16, copies=copies)
    assert size_of(second) > 0
    assert all(torch.equal(tensor, weights(first)[name]) for name, tensor in weights(second).items())
    write(copies, second)
    assert path.read_bytes() == data


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
    assert size_of(load_unet(card, BF16, copies=copies)) == 0


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
    assert size_of(load_unet(card, BF16, copies=both[0])) == 0


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


def test_removing_all_copies_does_not_harm_a_model_that_maps_them(copies: ConvertedCopies, card: ModelCard) -> None:
    first = load_vae(card, BF16, copies=copies)
    write(copies, first)
    second = load_vae(card, BF16, copies=copies)
    with suppress(PermissionError):  # on Windows, a mapped file cannot be removed
        shutil.rmtree(place(copies, card, "vae").path.parent)
    assert all(torch.equal(tensor, weights(first)[name]) for name, tensor in weights(second).items())
