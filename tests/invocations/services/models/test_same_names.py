"""Names that refer to several models or, with a wrong folder, to none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.services.errors import ServiceError
from invocations.services.models.local import LocalModels
from tests.invocations.refusals import coded
from tests.invocations.services.models.test_library import put, shown


def test_a_name_that_several_models_share_is_refused_with_the_name_of_each(tmp_path: Path) -> None:
    put(tmp_path / "checkpoints" / "v1-5.safetensors", "sd1-checkpoint")
    put(tmp_path / "Stable-diffusion" / "v1-5.safetensors", "sdxl-checkpoint")
    models = LocalModels([tmp_path])
    assert sorted(shown(models)) == ["v1-5@Stable-diffusion", "v1-5@checkpoints"]
    for typed in ("v1-5", "v1-5.safetensors", "model:v1-5"):
        for use in (models.find, models.check, models.details, models.find_vae):
            with pytest.raises(ServiceError, check=coded("model_ambiguous")) as refused:
                use(typed)
            assert str(refused.value) == f"several models are named `{typed}`"
            assert refused.value.hint == "write `v1-5@Stable-diffusion` or `v1-5@checkpoints`"
    assert models.details("v1-5@checkpoints").info.family == "sd1"
    assert models.details("v1-5.safetensors@Stable-diffusion").info.family == "sdxl"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("v1-5@nowhere", "did you mean `v1-5@Stable-diffusion` or `v1-5@checkpoints`?"),
        ("checkpoints/v1-5", "did you mean `v1-5@checkpoints`?"),
        ("models/checkpoints/v1-5.ckpt", "did you mean `v1-5@checkpoints`?"),
        ("v1-5.ckpt", "did you mean `v1-5@Stable-diffusion` or `v1-5@checkpoints`?"),
        ("lora:v1-5", "did you mean `v1-5@Stable-diffusion` or `v1-5@checkpoints`?"),
        ("bears/bear", "did you mean `bear`?"),
        ("bear@b", "did you mean `bear`?"),
        (
            "org/owl",
            (
                "to get it from the Hugging Face hub, run `hf download org/owl` (from huggingface_hub), then give "
                "the path of the downloaded folder"
            ),
        ),
    ],
)
def test_the_hint_for_a_known_name_with_a_wrong_folder_names_the_model(tmp_path: Path, typed: str, hint: str) -> None:
    put(tmp_path / "m" / "checkpoints" / "v1-5.safetensors", "sd1-checkpoint")
    put(tmp_path / "m" / "Stable-diffusion" / "v1-5.safetensors", "sdxl-checkpoint")
    put(tmp_path / "m" / "bears" / "bear.safetensors", "sd1-checkpoint")
    with pytest.raises(ServiceError, check=coded("model_missing")) as refused:
        LocalModels([tmp_path / "m"]).check(typed)
    assert refused.value.hint == hint


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/no/where/x.safetensors", "the folder /no/where does not exist"),
        ("/x.safetensors", "`models` lists the models"),
        ("nowhere/x.safetensors", "`models` lists the models"),
    ],
)
def test_the_error_for_a_path_with_nothing_there_speaks_of_a_file(typed: str, hint: str) -> None:
    with pytest.raises(ServiceError, check=coded("model_missing")) as refused:
        LocalModels().check(typed)
    assert (str(refused.value), refused.value.hint) == (f"there is no file or folder `{typed}`", hint)


def test_a_short_name_refers_to_the_only_model_of_the_wanted_kind(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_PATH, tmp_path / "a" / "fox")
    for folder in ("a", "b"):
        put(tmp_path / folder / "lora" / "fox.safetensors", "sd1-lora-kohya")
    models = LocalModels([tmp_path / "b", tmp_path / "a"])
    names = [each.name for each in models.list()[1:]]
    assert names == ["lora:fox@b/lora", "model:fox", "lora:fox@a/lora"]
    assert models.find("fox") == models.find("fox@a") == models.find("model:fox")
    assert models.find("fox").path == str(tmp_path / "a" / "fox")


def test_a_scan_names_models_as_they_are_named_after_their_folder_is_added(tmp_path: Path) -> None:
    put(tmp_path / "mine" / "fox.safetensors", "sd1-checkpoint")
    put(tmp_path / "new" / "fox.safetensors", "sd1-checkpoint")
    put(tmp_path / "new" / "default.safetensors", "sd1-checkpoint")
    put(tmp_path / "new" / "bear.safetensors", "sd1-checkpoint")
    shutil.copytree(DEFAULT_PATH, tmp_path / "new" / "bear")
    models = LocalModels([tmp_path / "mine"])
    names = sorted(each.name for each in models.scan(str(tmp_path / "new")).models)
    assert names == ["bear", "bear.safetensors", "default@new", "fox@new"]
    models.search(str(tmp_path / "new"))
    assert sorted(shown(models)) == ["bear", "bear.safetensors", "default@new", "fox@mine", "fox@new"]
    assert [models.details(name).info.name for name in names] == names


def test_a_broken_copy_does_not_compete_with_a_working_model(tmp_path: Path) -> None:
    put(tmp_path / "checkpoints" / "fox.safetensors", "sd1-checkpoint")
    broken = tmp_path / "broken" / "fox.safetensors"
    broken.parent.mkdir()
    broken.write_bytes(b"{}")
    models = LocalModels([tmp_path])
    assert sorted((name, state) for name, (_, _, state) in shown(models).items()) == [
        ("fox", "ready"),
        ("fox@broken", "unusable"),
    ]
    for typed in ("fox", "fox.safetensors", "model:fox", "fox@checkpoints"):
        assert models.details(typed).info.state == "ready"
    for typed in ("fox@broken", "fox.safetensors@broken", str(broken)):
        with pytest.raises(ServiceError, check=coded("model_broken")):
            models.check(typed)
    with pytest.raises(ServiceError, check=coded("model_missing")) as refused:
        models.check("foxx")
    assert refused.value.fields["candidates"] == ("default", "fox")


def test_a_name_with_a_folder_keeps_its_meaning_after_a_folder_of_that_name_is_added(tmp_path: Path) -> None:
    for path in ("old/a", "old/b", "new/a"):
        put(tmp_path / path / "fox.safetensors", "sd1-checkpoint")
    before, after = LocalModels([tmp_path / "old"]), LocalModels([tmp_path / "old", tmp_path / "new"])
    assert sorted(shown(before)) == ["fox@a", "fox@b"]
    assert sorted(shown(after)) == ["fox@b", "fox@new/a", "fox@old/a"]
    for models in (before, after):
        for typed in ("fox@a", "fox@old/a", "fox.safetensors@a"):
            assert models.details(typed).info.path == str(tmp_path / "old/a/fox.safetensors")
    assert after.details("fox@new/a").info.path == str(tmp_path / "new/a/fox.safetensors")
    with pytest.raises(ServiceError, check=coded("model_ambiguous")):
        after.check("fox")


def test_a_folder_qualifier_is_ambiguous_for_two_models_in_one_folder_of_the_user(tmp_path: Path) -> None:
    for path in ("x/a", "y/a"):
        put(tmp_path / path / "fox.safetensors", "sd1-checkpoint")
    with pytest.raises(ServiceError, check=coded("model_ambiguous")) as refused:
        LocalModels([tmp_path]).check("fox@a")
    assert refused.value.hint == "write `fox@x/a` or `fox@y/a`"
