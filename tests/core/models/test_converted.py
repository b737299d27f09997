"""Converted copies of parts: written once, mapped on the next start, and never wrong or incomplete."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.devices import Device
from core.models.alignment import ALIGNMENT
from core.models.card import ModelCard
from core.models.catalog import card_at
from core.models.converted import ConvertedCopies
from core.models.fingerprint import measured_fingerprint
from core.models.folder_files import read_header
from core.models.load import load_unet, load_vae, size_of
from core.models.probe import probe
from tests.core.models.copying import BF16, CPU, LOADERS, is_mapped, place, weights, write


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
    assert is_mapped(second)
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
    assert is_mapped(second)
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


def test_the_large_tensors_of_a_copy_are_aligned(copies: ConvertedCopies, card: ModelCard) -> None:
    write(copies, load_unet(card, BF16, copies=copies))
    tensors = weights(load_unet(card, BF16, copies=copies))
    assert {tensor.data_ptr() % ALIGNMENT for tensor in tensors.values() if tensor.nbytes % ALIGNMENT == 0} == {0}


def test_the_parts_of_a_single_file_get_copies_with_the_names_of_the_networks(
    folder_and_file: Callable[[str], tuple[Path, Path]], copies: ConvertedCopies
) -> None:
    card = card_at(folder_and_file("sd2")[1])
    first = {part: load(card, CPU, copies=copies) for part, load in LOADERS.items()}
    write(copies, first)
    for part, load in LOADERS.items():
        assert place(copies, card, part, CPU).is_there()
        second = weights(load(card, CPU, copies=copies))
        assert all(torch.equal(tensor, weights(first[part])[name]) for name, tensor in second.items())
