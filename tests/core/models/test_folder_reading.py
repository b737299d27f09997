"""Folders are read once, never outside themselves, and whatever their settings hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import foreign
from core.errors import ModelBroken
from core.models import evidence as evidence_module
from core.models.evidence import Evidence
from core.models.folder_evidence import evidence_of
from core.models.kinds.identify import identify
from core.models.kinds.identity import KINDS
from tests.core.models.folders import WEIGHTS, pipeline, write_settings
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published


@pytest.mark.parametrize("listed", [{"a": "../../outside.safetensors"}, {"a": "/etc/passwd"}, {}, "none"])
def test_shards_outside_the_folder_are_refused(listed: object, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "outside.safetensors", {"a": (4,)})
    write_settings(tmp_path / "a/b" / f"{WEIGHTS}.index.json", weight_map=listed)
    with pytest.raises(ModelBroken, match="its list of shards cannot be read"):
        evidence_of(tmp_path / "a/b")


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write_settings(tmp_path / f"{WEIGHTS}.index.json", weight_map={"a": "model-1.safetensors"})
    with pytest.raises(ModelBroken, match=r"model-1.safetensors is broken: this shard is missing"):
        evidence_of(tmp_path)


def test_every_file_of_a_pipeline_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pipeline(tmp_path / "fox", "FluxPipeline", transformer={"_class_name": "FluxTransformer2DModel"}, vae={})
    write_safetensors(folder / "transformer" / WEIGHTS, published()["flux1-dev-transformer"].shapes)
    opened: list[Path] = []
    for module in (evidence_module, foreign):
        real = module.open_file
        monkeypatch.setattr(module, "open_file", lambda path, real=real: opened.append(path) or real(path))
    identify(evidence_of(folder))
    assert sorted(str(path.relative_to(folder)) for path in opened) == [
        "model_index.json",
        "transformer/config.json",
        f"transformer/{WEIGHTS}",
        "vae/config.json",
    ]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CLASSES = [
    "UNet2DConditionModel",
    "AutoencoderKL",
    "T2IAdapter",
    "ControlNetModel",
    "StableDiffusionPipeline",
    "T5Model",
]
SETTINGS = ["in_channels", "cross_attention_dim", "addition_embed_type", "latent_channels", "class_embed_type"]


@given(
    name=st.sampled_from(CLASSES) | ANY_JSON,
    more=st.dictionaries(st.sampled_from([*SETTINGS, "architectures", "quantization_config"]), ANY_JSON),
)
@example(name="UNet2DConditionModel", more={"in_channels": [4], "cross_attention_dim": {}})
@example(name="AutoencoderKL", more={"latent_channels": [], "quantization_config": {"load_in_4bit": [1]}})
def test_any_settings_are_identified_without_an_error(name: Any, more: dict[str, Any]) -> None:
    part = Evidence(Path("fox"), "folder", config={"_class_name": name, **more})
    whole = Evidence(Path("fox"), "folder", config={"_class_name": name}, components={"unet": part, "scheduler": part})
    assert identify(part).kind in KINDS
    assert identify(whole).kind in KINDS
