"""Describing model folders, and refusing broken ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import CoreError, ModelBroken, ModelUnsupported, PickleRefused
from core.models.fingerprint import fingerprint, sha256
from core.models.probe import probe

Folder = Callable[[str], Path]


UNET = "unet/diffusion_pytorch_model.safetensors"


def edit(path: Path, **changes: object) -> None:
    """Replace values in a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_model_card_describes_the_model_folder(model: Path) -> None:
    card = probe(model)
    assert (card.name, card.path, card.family) == ("fox", model, "sd1")
    assert (card.latent_channels, card.vae_scale_factor, card.unet_channels, card.cross_attention_dim) == (4, 8, 4, 32)
    assert (card.width, card.height, card.sizes, card.size_multiple) == (64, 64, ((64, 64),), 8)
    assert (card.steps, card.guidance, card.scheduler) == (25, 7.5, "dpmpp_2m")
    assert card.prediction_type == "epsilon"
    assert card.size_bytes == sum(path.stat().st_size for path in model.rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("recipe", "family", "prediction", "factor"),
    [
        ("sd1-v-factor-4", "sd1", "v_prediction", 4),
        ("sd2", "sd2", "v_prediction", 8),
        ("sd2-factor-4", "sd2", "epsilon", 4),
    ],
)
def test_the_model_family_is_detected_from_the_folder(
    model_folder: Folder, recipe: str, family: str, prediction: str, factor: int
) -> None:
    card = probe(model_folder(recipe))
    assert (card.family, card.prediction_type, card.vae_scale_factor) == (family, prediction, factor)
    assert card.width == 8 * factor


def test_defaults_of_a_model_override_those_of_its_family(model: Path) -> None:
    own = {
        "schema": "model-defaults/1",
        "width": 96,
        "height": 64,
        "steps": 9,
        "scheduler": "ddim",
        "sizes": [[96, 64]],
    }
    (model / "defaults.json").write_text(json.dumps(own))
    card = probe(model)
    assert (card.width, card.height, card.steps, card.scheduler, card.sizes) == (96, 64, 9, "ddim", ((96, 64),))
    assert card.guidance == 7.5


def _remove(relative: str) -> Callable[[Path], None]:
    def remove(model: Path) -> None:
        path = model / relative
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


def _write(relative: str, content: bytes) -> Callable[[Path], None]:
    def write(model: Path) -> None:
        (model / relative).write_bytes(content)

    return write


def _cut(model: Path) -> None:
    path = model / UNET
    path.write_bytes(path.read_bytes()[:-100])


def _cut_to_nothing(model: Path) -> None:
    (model / UNET).write_bytes(b"")


def _set(relative: str, **changes: object) -> Callable[[Path], None]:
    def change(model: Path) -> None:
        edit(model / relative, **changes)

    return change


def _pickled(model: Path) -> None:
    (model / UNET).rename(model / "unet/diffusion_pytorch_model.bin")


BROKEN: list[tuple[Callable[[Path], None], type[CoreError], str]] = [
    (_remove("unet"), ModelBroken, "the model at {model} is broken: its folder `unet` is missing"),
    (_remove("vae/config.json"), ModelBroken, "the model at {model}/vae/config.json is broken: this file is missing"),
    (
        _remove("tokenizer/vocab.json"),
        ModelBroken,
        "its tokenizer is missing: tokenizer.json, or vocab.json and merges.txt",
    ),
    (_remove("scheduler/scheduler_config.json"), ModelBroken, "scheduler_config.json is broken: this file is missing"),
    (_remove("model_index.json"), ModelBroken, "it has no model_index.json, so it is not in diffusers layout"),
    (_remove(UNET), ModelBroken, "diffusion_pytorch_model.safetensors is missing"),
    (_cut, ModelBroken, "bytes, but its header says"),
    (_cut_to_nothing, ModelBroken, "it is not a safetensors file, or it is truncated"),
    (_write(UNET, b"PK\x03\x04 some zip, not weights"), ModelBroken, "it is not a safetensors file"),
    (
        _write(UNET, (20).to_bytes(8, "little") + b"{'not json': true...}"),
        ModelBroken,
        "header that is not valid JSON",
    ),
    (_write("model_index.json", b"{ half"), ModelBroken, "this file cannot be read as JSON"),
    (_write("unet/config.json", b"[]"), ModelBroken, "this file does not hold a JSON object"),
    (_write("defaults.json", b'{"width": "wide"}'), ModelBroken, "its settings are invalid"),
    (_set("unet/config.json", sample_size=[1]), ModelBroken, "its settings are invalid"),
    (_set("text_encoder/config.json", hidden_size=64), ModelBroken, "fit together: the text width is 64 in one and 32"),
    (_set("vae/config.json", latent_channels=16), ModelBroken, "the number of latent channels is 16 in one and 4"),
    (_set("unet/config.json", addition_embed_type="text_time"), ModelUnsupported, "its UNet uses addition_embed_type"),
    (
        _write(UNET, (29).to_bytes(8, "little") + b'{"a": {"data_offsets": [{}]}}'),
        ModelBroken,
        "the entry of `a` is invalid",
    ),
    (_pickled, PickleRefused, "diffusion_pytorch_model.bin is a pickle, which can run arbitrary code when loaded"),
    (
        _set("model_index.json", _class_name="FluxPipeline"),
        ModelUnsupported,
        "cannot be used: its model_index.json names FluxPipeline",
    ),
    (_set("vae/config.json", _class_name="VQModel"), ModelUnsupported, "its vae is a VQModel"),
    (_set("scheduler/scheduler_config.json", prediction_type="flow"), ModelUnsupported, "its UNet predicts flow"),
]


@pytest.mark.parametrize(("harm", "kind", "words"), BROKEN, ids=lambda part: part if isinstance(part, str) else None)
def test_a_broken_model_is_refused_with_a_reason(
    model: Path, harm: Callable[[Path], None], kind: type[CoreError], words: str
) -> None:
    harm(model)
    with pytest.raises(kind) as caught:
        probe(model)
    assert words.format(model=model) in str(caught.value)
    assert caught.value.hint


def test_refusing_a_pickle_suggests_the_command_that_converts_it(tmp_path: Path) -> None:
    pickle = tmp_path / "model.ckpt"
    pickle.write_bytes(b"\x80\x04")
    with pytest.raises(PickleRefused) as caught:
        probe(pickle)
    assert caught.value.convert_command.startswith('python -c "import torch, safetensors.torch as s; ')
    assert "weights_only=True" in caught.value.convert_command
    assert str(tmp_path / "model.safetensors") in caught.value.hint


def test_a_model_in_a_single_weight_file_is_unsupported(tmp_path: Path) -> None:
    (tmp_path / "fox.safetensors").write_bytes(b"")
    with pytest.raises(ModelUnsupported, match="a single file, not a folder in diffusers layout"):
        probe(tmp_path / "fox.safetensors")


def test_variants_and_shards_of_weights_are_found(model: Path) -> None:
    plain = probe(model)
    (model / "vae/diffusion_pytorch_model.safetensors").rename(model / "vae/diffusion_pytorch_model.fp16.safetensors")
    unet = model / "unet"
    (model / UNET).rename(unet / "diffusion_pytorch_model-00001-of-00001.safetensors")
    index = {"weight_map": {"conv_in.weight": "diffusion_pytorch_model-00001-of-00001.safetensors"}}
    (unet / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    card = probe(model)
    assert card.size_bytes == plain.size_bytes
    assert {path.name for path in card.files} == {
        "diffusion_pytorch_model-00001-of-00001.safetensors",
        "diffusion_pytorch_model.fp16.safetensors",
        "model.safetensors",
    }
    (unet / "diffusion_pytorch_model-00001-of-00001.safetensors").unlink()
    with pytest.raises(ModelBroken, match="this shard is missing"):
        probe(model)


def test_a_fingerprint_depends_on_content_and_not_on_location(model: Path, tmp_path: Path) -> None:
    before = fingerprint(probe(model))
    moved = model.rename(tmp_path / "elsewhere")
    assert fingerprint(probe(moved)) == before
    weights = bytearray((moved / UNET).read_bytes())
    weights[-1] ^= 1
    (moved / UNET).write_bytes(weights)
    assert fingerprint(probe(moved)) != before


def test_the_sha256_hash_covers_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


INFINITE = ("Infinity", "1e999", "-1e999", "NaN", "1" + "0" * 400)
ODD = ("5", '"x"', "null", "[]", "{}", "[[]]", "true", "-1", "0", "0.5", "[" * 100_000, "", *INFINITE)
PLACES = (
    ("model_index.json", "_class_name"),
    ("unet/config.json", "sample_size"),
    ("unet/config.json", "in_channels"),
    ("unet/config.json", "cross_attention_dim"),
    ("unet/config.json", "_class_name"),
    ("vae/config.json", "block_out_channels"),
    ("vae/config.json", "latent_channels"),
    ("text_encoder/config.json", "architectures"),
    ("text_encoder/config.json", "hidden_size"),
    ("scheduler/scheduler_config.json", "prediction_type"),
    ("defaults.json", "width"),
    ("defaults.json", "steps"),
    ("defaults.json", "guidance"),
    ("defaults.json", "scheduler"),
    ("defaults.json", "sizes"),
)


@pytest.mark.parametrize(("file", "key"), PLACES)
def test_arbitrary_values_in_the_settings_of_a_model_are_accepted_or_refused_without_a_crash(
    model: Path, file: str, key: str
) -> None:
    path = model / file
    before = json.loads(path.read_text()) if path.exists() else {}
    for text in ODD:
        path.write_text(json.dumps({**before, key: "@"}).replace('"@"', text))
        try:
            card = probe(model)
        except CoreError:
            continue
        assert all(type(size) is int and size > 0 for size in (card.width, card.height, card.steps, card.unet_channels))


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", '{"a": 1}', '{"a": {"data_offsets": [0, 1e999]}}', "\udcff"])
def test_arbitrary_headers_of_weight_files_are_accepted_or_refused_without_a_crash(model: Path, text: str) -> None:
    header = text.encode("utf-8", "surrogateescape")
    (model / UNET).write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ModelBroken):
        probe(model)
