"""The kind and family that the user states for a model are remembered across processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.services.errors import SaveFailed, ServiceError
from invocations.services.models.choices import NONE, ModelChoices
from invocations.services.models.local import LocalModels
from tests.invocations.services.models.test_library import put


def test_a_stated_kind_is_remembered_until_it_is_removed(tmp_path: Path) -> None:
    path, model = tmp_path / "a" / "choices.json", tmp_path / "ink.pt"
    ModelChoices(path).state(model, "lora", "")
    ModelChoices(path).state(tmp_path / "other.pt", "", "sdxl")
    assert (ModelChoices(path).of(model), ModelChoices(path).of(tmp_path / "none.pt")) == (("lora", ""), NONE)
    assert ModelChoices(path).of(tmp_path / "x" / ".." / "other.pt") == ("", "sdxl")
    ModelChoices(path).state(model, "", "")
    assert ModelChoices(path).of(model) == NONE
    assert ModelChoices(path).of(tmp_path / "other.pt") == ("", "sdxl")


@pytest.mark.parametrize("text", ["", "[]", '{"models": 3}', '{"models": {"a": 3}}', "\0", '{"models"'])
def test_a_damaged_file_counts_as_empty(text: str, tmp_path: Path) -> None:
    (tmp_path / "choices.json").write_text(text)
    assert ModelChoices(tmp_path / "choices.json").of(tmp_path / "a") == NONE


def test_a_stated_kind_that_cannot_be_stored_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveFailed):
        ModelChoices(tmp_path / "file" / "choices.json").state(tmp_path / "a", "lora", "")


def test_without_a_file_a_stated_kind_is_remembered_until_the_process_ends(tmp_path: Path) -> None:
    choices = ModelChoices(None)
    choices.state(tmp_path / "a", "lora", "sd1")
    assert choices.of(tmp_path / "a") == ("lora", "sd1")


def test_a_family_that_the_tensors_contradict_is_an_error_that_says_how_to_undo_it(tmp_path: Path) -> None:
    path = put(tmp_path / "m" / "xl.safetensors", "sdxl-checkpoint")
    models = LocalModels([tmp_path / "m"], store=tmp_path / "store")
    models.state("xl", None, "sd1")
    with pytest.raises(ServiceError) as refused:
        models.check("xl")
    reason = "you stated the family sd1, but its tensors are those of Stable Diffusion XL"
    undo = f"you stated the family sd1; to undo it: models info {path} --family auto"
    assert (str(refused.value), refused.value.hint) == (f"{path} cannot be used: {reason}", undo)
    details = models.details("xl")
    assert (details.info.state, details.info.reason, details.advice) == ("unusable", reason, undo)
    assert models.list()[1].state == "not yet"
    models.state("xl", None, "auto")
    assert models.details("xl").info.state == models.list()[1].state == "ready"


def test_a_vae_that_is_stated_to_be_a_model_is_described_as_one_of_an_unknown_family(tmp_path: Path) -> None:
    path = put(tmp_path / "vae.safetensors", "sd-vae")
    models = LocalModels([tmp_path], store=tmp_path / "store")
    models.state("vae", "model", None)
    details = models.details("vae")
    assert details.info.title == "a model of an unknown family"
    assert details.advice == f"you stated the kind model; to undo it: models info {path} --kind auto"
