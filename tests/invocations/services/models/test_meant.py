"""An unknown name of a model leads to the models of a family, and to names that differ only in their spelling."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.errors import InvocationError
from invocations.services.models.local import LocalModels
from invocations.services.models.meant import meant, of_family

NAMES = ("sd_xl_base_1.0", "sdxl_unet_only", "modèle é", "狐", "default")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("sdxl-base", ["sd_xl_base_1.0"]),
        ("sd xl base", ["sd_xl_base_1.0"]),
        ("SDXLBASE10", ["sd_xl_base_1.0"]),
        ("sdxl", ["sdxl_unet_only", "sd_xl_base_1.0"]),
        ("modele", ["modèle é"]),
        ("MODÈLE-E", ["modèle é"]),
        ("modelle é", ["modèle é"]),
        ("defualt", ["default"]),
        ("狐", ["狐"]),
        ("!?", []),
        ("nothing-like-it", []),
    ],
)
def test_names_are_compared_without_case_accents_spaces_and_punctuation(wanted: str, found: list[str]) -> None:
    assert meant(wanted, NAMES) == found


def test_the_name_of_a_family_leads_to_at_most_four_of_its_models() -> None:
    families = [("sdxl", f"m{number}") for number in range(6)] + [("sd1", "fox")]
    assert of_family("SD-XL", families) == ("`sdxl` is a family; your models of it: `m0`, `m1`, `m2`, `m3`, and 2 more")
    assert of_family("sd1", families) == "`sd1` is a family; your models of it: `fox`"
    assert [of_family(wanted, families) for wanted in ("sd2", "", "-", "m0")] == ["", "", "", ""]


def test_the_error_for_an_unknown_model_lists_the_models_of_a_family_that_can_be_used(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_PATH, tmp_path / "sd_1-Fox")
    (tmp_path / "broken.safetensors").touch()
    models = LocalModels(folders=(tmp_path,))
    for wanted, hint in (
        ("SD1", "`sd1` is a family; your models of it: `default`, `sd_1-Fox`"),
        ("sd1fox", "did you mean `sd_1-Fox`?"),
        ("sd 1 fx", "did you mean `sd_1-Fox`?"),
    ):
        with pytest.raises(InvocationError) as caught:
            models.check(wanted)
        assert (caught.value.code, caught.value.hint) == ("model_missing", hint)
