"""The models on this machine are found, checked and listed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.models import cards
from core.models.probe import probe
from invocations.services.errors import ServiceError
from invocations.services.models.local import LocalModels
from invocations.values import ModelRef
from tests.invocations.refusals import coded


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return a folder that contains a copy of the default model under another name."""
    default = Path(LocalModels().find("default").path)
    shutil.copytree(default, tmp_path / "models" / "mine")
    return tmp_path / "models" / "mine"


def test_the_default_model_has_default_settings() -> None:
    models = LocalModels()
    ref = models.find("default")
    settings = models.settings(ref)
    assert (ref.model, len(ref.name)) == ("default", 64)
    assert settings.width % settings.multiple == settings.height % settings.multiple == 0
    assert settings.steps > 0
    assert settings.scheduler


def test_the_settings_of_a_named_model_are_read_again_only_after_its_files_have_changed(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    monkeypatch.setattr(cards, "probe", lambda path, **rest: read.append(path) or probe(path, **rest))
    models = LocalModels([mine.parent])
    assert models.settings_of("mine") == replace(models.settings(models.find("default")), name="mine", path=str(mine))
    read.clear()
    models.check("mine")
    assert models.settings_of("mine").steps == 20
    assert read == []
    defaults = mine / "defaults.json"
    defaults.write_text(json.dumps({**json.loads(defaults.read_text()), "steps": 9}))
    assert models.settings_of("mine").steps == 9
    shutil.rmtree(mine)
    with pytest.raises(ServiceError) as refused:
        models.settings_of("mine")
    assert refused.value.code == "model_missing"


def test_only_a_limited_number_of_model_cards_is_cached(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(cards, "probe", lambda path, name: read.append(name) or probe(path, name=name))
    monkeypatch.setattr(cards, "_cards", {})
    monkeypatch.setattr(cards, "MAX_CARDS", 2)
    for name in ("a", "b", "b", "a", "c", "b", "a", "a"):
        assert cards.card_of(mine, name=name).name == name
    assert read == ["a", "b", "c", "a"]
    assert len(cards._cards) == 2


def test_models_are_listed_with_the_default_first(mine: Path) -> None:
    rows = LocalModels([mine.parent]).list()
    assert [(row.name, row.origin) for row in rows] == [("default", "built in"), ("mine", str(mine.parent))]
    assert rows[0].size_bytes == rows[1].size_bytes > 10**6


def test_a_model_is_found_by_name_or_path_and_identified_by_its_content(mine: Path) -> None:
    models = LocalModels([mine.parent])
    assert models.find("mine") == models.find(str(mine)) == ModelRef(models.find("default").name, "mine", str(mine))


def test_models_with_different_weights_have_different_identities(mine: Path) -> None:
    models = LocalModels([mine.parent])
    before = models.find("mine").name
    weights = next(mine.glob("vae/*.safetensors"))
    data = bytearray(weights.read_bytes())
    data[-1] ^= 255
    weights.write_bytes(bytes(data))
    assert models.find("mine").name != before


def test_a_model_reference_from_another_machine_is_resolved_by_its_name(tmp_path: Path) -> None:
    assert LocalModels().settings(ModelRef("x", "default", str(tmp_path / "missing"))).family


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ServiceError, check=coded("model_missing")) as refused:
        LocalModels().find("defalt")
    assert (str(refused.value), refused.value.fields["name"]) == ("there is no model `defalt`", "defalt")
    assert refused.value.hint == "did you mean `default`?"


def test_a_truncated_model_is_refused_and_listed_as_unusable(mine: Path) -> None:
    weights = next(mine.glob("unet/*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:5000])
    models = LocalModels([mine.parent])
    with pytest.raises(ServiceError, check=coded("model_broken")) as refused:
        models.find("mine")
    assert refused.value.hint
    assert [(row.state, row.is_usable) for row in models.list()] == [("ready", True), ("unusable", False)]
    assert models.list()[1].reason in str(refused.value)


def test_pickled_weights_are_refused(mine: Path) -> None:
    weights = next(mine.glob("unet/*.safetensors"))
    weights.rename(weights.with_name("diffusion_pytorch_model.bin"))
    with pytest.raises(ServiceError, check=coded("pickle_refused")) as refused:
        LocalModels([mine.parent]).find("mine")
    assert "convert it" in refused.value.hint


def test_an_unsupported_model_is_refused(mine: Path) -> None:
    index = mine / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "_class_name": "FluxPipeline"}))
    with pytest.raises(ServiceError, match=r"it is FLUX\.1, which cannot run yet$", check=coded("model_unsupported")):
        LocalModels([mine.parent]).find("mine")


def test_a_model_is_checked_without_reading_its_weights(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.models.fingerprint.sha256", pytest.fail)
    models = LocalModels([mine.parent])
    models.check("mine")
    models.check(str(mine))
    for wrong in ("mien", "~nobody-of-this-name/model", "a" * 300):
        with pytest.raises(ServiceError, check=coded("model_missing")):
            models.check(wrong)
    (mine / "model_index.json").unlink()
    with pytest.raises(ServiceError, check=coded("model_broken")):
        models.check(str(mine))
