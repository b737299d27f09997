"""Models in the folders of other programs are found in place, each under a unique name."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.services.errors import ServiceError
from invocations.services.models.base import ModelInfo
from invocations.services.models.local import MEMO, LocalModels
from tests.core.models.headers import write_gguf, write_safetensors
from tests.core.models.published_names import published
from tests.invocations.refusals import coded
from tests.invocations.services.models.test_installs import CONFIG, write_database

LISTS = published()


def put(path: Path, ident: str) -> Path:
    """Write a file with the header of a published model."""
    return write_safetensors(path, LISTS[ident].shapes)


def shown(models: LocalModels) -> dict[str, tuple[str, str, str]]:
    """Return kind, family and state of each model except the default, by name."""
    return {each.name: (each.kind, each.family, each.state) for each in models.list()[1:]}


@pytest.fixture
def webui(tmp_path: Path) -> Path:
    """Return a folder laid out like AUTOMATIC1111's, with a model in each folder."""
    root = tmp_path / "webui"
    put(root / "models/Stable-diffusion/fox.safetensors", "sd1-checkpoint")
    put(root / "models/Stable-diffusion/xl/bear.safetensors", "sdxl-checkpoint")
    put(root / "models/Lora/ink.safetensors", "sd1-lora-kohya")
    put(root / "models/Lora/xl/ink.safetensors", "sdxl-lokr")
    put(root / "models/VAE/fox.safetensors", "sd-vae")
    put(root / "models/ESRGAN/4x.safetensors", "realesrgan-x4")
    put(root / "embeddings/easy.safetensors", "sdxl-embedding")
    (root / "models/Lora/ink.civitai.info").write_text(
        json.dumps({"trainedWords": ["ink style"], "baseModel": "SD 1.5"})
    )
    return root


def test_models_in_automatic1111s_folders_are_recognized_in_place(webui: Path) -> None:
    models = shown(LocalModels([webui]))
    assert {name: (kind, family) for name, (kind, family, _) in models.items()} == {
        "easy": ("embedding", "sdxl"),
        "4x": ("upscaler", "esrgan"),
        "ink@Lora": ("lora", "sd1"),
        "ink@xl": ("lora", "sdxl"),
        "model:fox": ("model", "sd1"),
        "vae:fox": ("vae", "sd1"),
        "bear": ("model", "sdxl"),
    }
    assert {state for kind, _, state in models.values() if kind != "model"} <= {"not yet", "ready"}


def test_models_in_comfyuis_folders_and_its_extra_folders_are_recognized(tmp_path: Path) -> None:
    root = tmp_path / "ComfyUI"
    put(root / "models/checkpoints/bear.safetensors", "sdxl-checkpoint")
    write_gguf(root / "models/unet/flux1-dev.gguf", LISTS["flux1-dev"].shapes, "Q4_K")
    put(root / "models/clip/clip_l.safetensors", "clip-l")
    put(tmp_path / "disk/loras/ink.safetensors", "sd1-lora-kohya")
    (root / "extra_model_paths.yaml").write_text(f"mine:\n  loras: {tmp_path}/disk/loras\n")
    models = LocalModels([root])
    assert {name: kind for name, (kind, _, _) in shown(models).items()} == {
        "bear": "model",
        "flux1-dev": "model",
        "clip_l": "text-encoder",
        "ink": "lora",
    }
    scanned = models.scan(str(root / "models"))
    assert scanned.folders == (str(root / "models"), f"{tmp_path}/disk/loras")
    assert sorted(each.name for each in scanned.models) == ["bear", "clip_l", "flux1-dev", "ink"]


def test_invokeais_models_have_the_names_defaults_and_trigger_words_in_its_database(tmp_path: Path) -> None:
    put(tmp_path / "models/0a1b/juggernaut.safetensors", "sdxl-checkpoint")
    write_database(tmp_path, CONFIG)
    models = LocalModels([tmp_path / "models"])
    (name,) = shown(models)
    assert name == "Juggernaut XL"
    for typed in (name, "juggernaut", "model:Juggernaut XL", "juggernaut@0a1b"):
        assert models.details(typed).info.name == name
    notes = models.details(name).notes
    assert notes == {"trigger_words": ["cinematic"], "invokeai_defaults": {"steps": 30, "cfg_scale": 5.5}}


def test_models_in_the_hugging_face_cache_have_their_hub_names(tmp_path: Path) -> None:
    for snapshot in ("old", "new"):
        put(
            tmp_path / "models--org--ink" / "snapshots" / snapshot / "pytorch_lora_weights.safetensors",
            "sd1-lora-kohya",
        )
    shutil.copytree(DEFAULT_PATH, tmp_path / "models--org--tiny" / "snapshots" / "0a1b")
    (tmp_path / "models--org--ink" / "refs").mkdir()
    (tmp_path / "models--org--ink" / "refs" / "main").write_text("old")
    models = LocalModels([tmp_path])
    assert [(each.name, each.state, each.origin) for each in models.list()[1:]] == [
        ("org/ink", "not yet", str(tmp_path)),
        ("org/tiny", "ready", str(tmp_path)),
    ]
    assert models.find("org/tiny").model == "org/tiny"
    assert "snapshots/old" in models.details("org/ink").info.path


def test_a_model_named_like_the_default_does_not_replace_it(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_PATH, tmp_path / "m" / "default")
    models = LocalModels([tmp_path / "m"])
    assert [each.name for each in models.list()] == ["default", "default@m"]
    assert models.find("default").path == str(DEFAULT_PATH)
    assert models.find("default@m").path == str(tmp_path / "m" / "default")


def test_a_relative_path_starts_from_the_base_or_from_one_of_the_models_folders(webui: Path, tmp_path: Path) -> None:
    models = LocalModels([webui], base=tmp_path)
    for path in (
        "models/Lora/ink.safetensors",
        "webui/models/Lora/ink.safetensors",
        str(webui / "models/Lora/ink.safetensors"),
    ):
        assert models.details(path).info.name == "ink@Lora"
    with pytest.raises(ServiceError, check=coded("model_missing")):
        models.details("../webui/models/../models/none.safetensors")


def test_a_name_of_a_lora_is_refused_as_a_model_with_what_it_is(webui: Path) -> None:
    with pytest.raises(
        ServiceError, match="it is a LoRA for Stable Diffusion 1, not a", check=coded("model_unsupported")
    ):
        LocalModels([webui]).find("ink@Lora")


def test_new_and_removed_models_are_noticed_without_a_restart(webui: Path) -> None:
    models = LocalModels([webui, webui.parent / "later"])
    with pytest.raises(ServiceError, check=coded("model_missing")):
        models.check("owl")
    shutil.copytree(DEFAULT_PATH, webui.parent / "later" / "owl")
    models.check("owl")
    shutil.rmtree(webui.parent / "later")
    with pytest.raises(ServiceError, check=coded("model_missing")):
        models.check("owl")


def test_a_folder_that_is_added_later_is_searched_too(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_PATH, tmp_path / "later" / "owl")
    models = LocalModels()
    with pytest.raises(ServiceError, check=coded("model_missing")):
        models.check("owl")
    models.search(str(tmp_path / "later"))
    models.check("owl")
    assert [each.name for each in models.list()] == ["default", "owl"]


def test_the_kind_and_family_that_the_user_states_are_remembered(webui: Path, tmp_path: Path) -> None:
    other = LocalModels([webui], store=tmp_path / "store")
    assert shown(other)["vae:fox"][:2] == ("vae", "sd1")
    first = LocalModels([webui], store=tmp_path / "store")
    first.state("vae:fox", None, "sdxl")
    first.state("easy", "lora", "sd1")
    assert shown(other)["vae:fox"][:2] == ("vae", "sdxl")
    again = LocalModels([webui], store=tmp_path / "store")
    assert again.details("vae:fox").why[0] == "you stated the family sdxl"
    stated = {each.path: (each.kind, each.family) for each in again.list()}
    assert stated[str(webui / "models/VAE/fox.safetensors")] == ("vae", "sdxl")
    assert stated[str(webui / "embeddings/easy.safetensors")] == ("lora", "sd1")
    again.state("easy", "auto", "auto")
    assert shown(LocalModels([webui], store=tmp_path / "store"))["easy"][:2] == ("embedding", "sdxl")


def test_the_details_of_a_model_list_its_parts_notes_and_reasons(webui: Path) -> None:
    models = LocalModels([webui])
    fox = models.details("model:fox")
    assert [(role, family) for role, family, _ in fox.parts] == [
        ("denoiser", "sd1"),
        ("vae", "sd1"),
        ("text-encoder", "clip-l"),
    ]
    assert all(size > 10**8 for _, _, size in fox.parts)
    assert (fox.container, fox.layout, fox.dtype, fox.missing) == ("safetensors", "ldm", "fp16", ())
    ink = models.details("ink@Lora")
    assert ink.notes["trigger_words"] == ["ink style"]
    assert ink.why
    assert ink.advice


def test_the_details_of_a_ready_model_include_its_defaults_and_fingerprint() -> None:
    models = LocalModels()
    assert models.details("default").fingerprint == ""
    ref = models.find("default")
    details = models.details("default")
    assert (details.fingerprint, details.defaults, details.advice) == (ref.name, models.settings(ref), "")


def test_a_model_that_lacks_parts_is_ready_if_others_lend_them(tmp_path: Path) -> None:
    put(tmp_path / "diffusion_models/fox.safetensors", "sd1-unet")
    put(tmp_path / "vae/clear.safetensors", "sd-vae")
    models = LocalModels([tmp_path])
    fox = next(each for each in models.list() if each.name == "fox")
    assert (fox.state, fox.reason, fox.is_usable) == ("needs", "needs CLIP L", False)
    put(tmp_path / "text_encoders/clip_l.safetensors", "clip-l")
    fox = next(each for each in models.list() if each.name == "fox")
    assert (fox.state, fox.reason, fox.is_usable) == ("ready", "", True)
    assert models.details("fox").info.state == "ready"
    for elsewhere in (LocalModels(), LocalModels([tmp_path / "vae"])):
        scanned = elsewhere.scan(str(tmp_path)).models
        assert {each.name: (each.state, each.is_usable) for each in scanned} == {
            "fox": ("ready", True),
            "clear": ("ready", False),
            "clip_l": ("ready", False),
        }
    (fox,) = models.scan(str(tmp_path / "diffusion_models")).models
    assert fox.state == "ready"  # the parts lie in another folder


def test_the_default_model_is_used_without_listing_folders_or_an_index(
    webui: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.models.scan.scan", lambda root, **_: pytest.fail(f"{root} was scanned"))
    models = LocalModels([webui], store=tmp_path / "store")
    models.check("default")
    assert models.settings(models.find("default")) == models.settings_of("default")
    assert {each.name for each in (tmp_path / "store").iterdir()} == {MEMO, f"{MEMO}.lock"}


def test_a_known_file_is_not_opened_and_costs_one_stat(
    webui: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = LocalModels([webui], store=tmp_path / "store")
    first = before.list()
    asked: list[str] = []
    real = os.stat
    for place in ("core.models.evidence.open_file", "core.models.sidecars.read_bytes"):
        monkeypatch.setattr(place, lambda path, **_: pytest.fail(f"{path} was opened"))
    monkeypatch.setattr(os, "stat", lambda path, **rest: asked.append(str(path)) or real(path, **rest))
    models = LocalModels([webui], store=tmp_path / "store")
    models._library._built_in = before._library._built_in  # the built-in model is not in the index
    assert models.list() == first
    files = [path for path in asked if path.endswith((".safetensors", ".info"))]
    assert sorted(files) == sorted({each.path for each in first[1:]} | {str(webui / "models/Lora/ink.civitai.info")})


def test_damaged_files_hide_no_other_model(webui: Path) -> None:
    loras = webui / "models/Lora"
    (loras / "page.safetensors").write_text("<!doctype html>")
    (loras / "half.safetensors").write_bytes((loras / "ink.safetensors").read_bytes()[:9000])
    (loras / "gone.safetensors").symlink_to("nowhere")
    (loras / "config.json").write_text('{"_class_name": "AutoencoderKL"}')
    models = {each.name: each for each in LocalModels([webui]).list()}
    assert [name for name, each in models.items() if each.state == "unusable"] == ["gone", "half", "page"]
    assert len(models) == 1 + 7 + 3


def test_a_folder_that_cannot_be_listed_is_shown_as_unusable(webui: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refuse(folder: str | Path) -> object:
        if str(folder).endswith("VAE"):
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr("core.models.scan.os.scandir", refuse)
    rows: list[ModelInfo] = [each for each in LocalModels([webui]).list() if each.state == "unusable"]
    assert [(each.name, each.reason) for each in rows] == [("VAE", "it cannot be read: Permission denied")]


def test_scanning_a_folder_that_does_not_exist_is_an_error(webui: Path) -> None:
    models = LocalModels(base=webui)
    for path, message in (("none", "`none` does not exist"), ("models/VAE/fox.safetensors", "is a file")):
        with pytest.raises(ServiceError, match=message, check=coded("folder_missing")):
            models.scan(path)


def test_kinds_and_families_have_descriptions() -> None:
    assert LocalModels().kinds()["lora"] == "a LoRA or another small change to a model"
    assert LocalModels().families()["sdxl"] == "Stable Diffusion XL"


def test_a_vae_is_listed_with_every_family_that_it_may_belong_to_and_a_models_part_with_its_own(tmp_path: Path) -> None:
    put(tmp_path / "mse.safetensors", "sd-vae")
    put(tmp_path / "xl.safetensors", "sdxl-checkpoint")
    models = LocalModels([tmp_path])
    families = {each.name: each.families for each in models.list()}
    assert (families["mse"], families["xl"]) == (("sd1", "sd2", "sdxl"), ("sdxl",))
    assert ("vae", "sdxl") in [(role, family) for role, family, _ in models.details("xl").parts]
