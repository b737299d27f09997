"""Models with the VAE of another one: their references, identities and settings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from invocations.cache.keys import Signer
from invocations.catalog.registry import open_registry
from invocations.nodes.models import Vae
from invocations.services.errors import ServiceError
from invocations.services.models.local import LocalModels
from invocations.values import ModelRef, from_json, to_json
from tests.invocations.refusals import coded


@pytest.fixture
def models(tiny_model: Callable[[str], Path], tmp_path: Path) -> LocalModels:
    """Return a service that finds two models with different VAEs, and a VAE in a folder of its own."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("sd1", "sd2", "sd1-v-factor-4"):
        (folder / name).symlink_to(tiny_model(name))
    shutil.copytree(tiny_model("sd2") / "vae", folder / "bright")
    return LocalModels([folder], base=tmp_path)


def test_a_vae_is_found_by_name_or_path_or_in_a_model_and_identified_by_its_content(models: LocalModels) -> None:
    found = [models.find_vae(name) for name in ("sd2", "bright", "models/bright", "models/sd2/vae")]
    assert len({vae.name for vae in found}) == 1
    assert [vae.model for vae in found[:2]] == ["sd2", "bright"]
    assert models.find_vae("sd1").name != found[0].name


def test_a_model_with_another_vae_has_an_identity_of_its_own(models: LocalModels) -> None:
    model, bright, own = models.find("sd1"), models.find_vae("bright"), models.find_vae("sd1")
    made = models.with_vae(model, bright)
    assert (made.model, made.path) == (model.model, model.path)
    assert made.name not in (model.name, bright.name)
    assert models.with_vae(model, models.find_vae("sd2")).name == made.name  # the same weights elsewhere
    assert models.with_vae(models.with_vae(model, own), bright) == made  # the last one wins
    assert models.card(made).part("vae").path == Path(bright.path)
    assert models.card(made).part("unet") == models.card(model).part("unet")


def test_a_reference_to_a_model_with_another_vae_can_be_stored(models: LocalModels) -> None:
    made = models.with_vae(models.find("sd1"), models.find_vae("bright"))
    assert from_json(to_json(made)) == made
    assert to_json(made)["parts"] == [["vae", made.parts[0][1], made.parts[0][2]]]  # type: ignore[index]


def test_references_stored_by_earlier_versions_keep_their_form_and_their_keys() -> None:
    stored = {"kind": "model", "name": "abc", "model": "fox", "path": "/models/fox"}
    ref = from_json(stored)
    assert ref == ModelRef("abc", "fox", "/models/fox")
    assert to_json(ref) == stored
    prompt = open_registry()["prompt"]
    keys = [Signer().sign(prompt, {"model": each, "text": "a"}) for each in (ref, ModelRef("abc", "dog", "", ()))]
    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0].key == keys[1].key  # a key depends on the content of a model, not on where it lies


@pytest.mark.parametrize("parts", ["vae", [["vae", "1"]], [["vae", "1", 2]], [7], {"vae": "1"}, 5])
def test_a_damaged_reference_is_refused(parts: Any) -> None:
    with pytest.raises(TypeError):
        from_json({"kind": "model", "name": "abc", "model": "fox", "path": "", "parts": parts})


def test_a_missing_or_unsuitable_vae_is_refused(models: LocalModels) -> None:
    with pytest.raises(ServiceError, check=coded("model_missing")) as refused:
        models.find_vae("brigth")
    assert (refused.value.message, refused.value.hint) == ("there is no VAE `brigth`", "did you mean `bright`?")
    with pytest.raises(ServiceError, check=coded("model_unsupported")) as refused:
        models.with_vae(models.find("sd1"), models.find_vae("sd1-v-factor-4"))
    assert "it works with 4x4 pixels per latent; this model needs 8x8" in refused.value.message
    assert models.latents_of_vae("bright") == models.settings_of("sd1").latents == (4, 8)


def test_the_key_of_the_node_depends_on_the_content_of_the_vae(models: LocalModels) -> None:
    def find(name: str, kind: str = "model") -> ModelRef | None:
        return models.find_vae(name) if kind == "vae" else models.find(name)

    signer, spec = Signer(find_model=find), open_registry()["vae"]
    keys = {name: signer.sign(spec, {"model": models.find("sd1"), "name": name}) for name in ("sd1", "sd2", "bright")}
    assert len({each.key for each in keys.values() if each is not None}) == 3
    assert Signer().sign(spec, {"model": models.find("sd1"), "name": "sd1"}) is None


def test_the_node_returns_the_model_with_the_vae_and_records_it(models: LocalModels) -> None:
    class Context:
        """Records facts."""

        def __init__(self) -> None:
            self.models, self.facts = models, {}

        def fact(self, name: str, value: str) -> None:
            self.facts[name] = value

    context: Any = Context()
    made = Vae(model=models.find("sd1"), name="bright").invoke(context).model
    assert made == models.with_vae(models.find("sd1"), models.find_vae("bright"))
    assert context.facts == {"vae": "bright"}


def test_a_single_vae_is_listed_as_ready(models: LocalModels) -> None:
    listed = {each.name: each for each in models.list()}
    assert (listed["bright"].kind, listed["bright"].state) == ("vae", "ready")
    assert listed["bright"].serves_as("vae")
    assert not listed["bright"].serves_as("model")
    assert listed["sd1"].serves_as("vae")


def test_a_model_whose_vae_has_changed_since_it_was_chosen_is_refused(models: LocalModels, tmp_path: Path) -> None:
    made = models.with_vae(models.find("sd1"), models.find_vae("bright"))
    assert models.usable_card(made) == models.card(made)
    config = tmp_path / "models" / "bright" / "config.json"
    config.write_text(config.read_text().replace("0.18215", "0.2"))
    with pytest.raises(ServiceError, check=coded("model_changed")):
        models.usable_card(made)
