"""Notes beside a model and in its metadata: read with limits, never an error, and never more than its tensors allow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.kinds.identity import Identity
from core.models.kinds.noted import noted_family, with_notes
from core.models.sidecars import Notes, notes_on

CIVITAI = {
    "id": 128713,
    "name": "v1.0",
    "baseModel": "SDXL 1.0",
    "trainedWords": ["fox style, ink", "ink"],
    "model": {"name": "Fox Ink", "type": "LORA"},
    "files": [{"hashes": {"AutoV2": "879DB523C3"}}, {"hashes": {"SHA256": "AB" * 32}}],
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "fox.safetensors").write_bytes(b"")
    return tmp_path / "fox.safetensors"


def beside(model: Path, suffix: str, content: object) -> Path:
    """Write a file beside a model."""
    path = model.with_name(model.stem + suffix)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_a_model_without_notes_has_none(model: Path) -> None:
    assert notes_on(model) == Notes()


def test_the_answer_of_civitai_is_read(model: Path) -> None:
    path = beside(model, ".civitai.info", CIVITAI)
    assert notes_on(model) == Notes(
        title="Fox Ink",
        trigger_words=("fox style", "ink"),
        base_model="SDXL 1.0",
        source="civitai:128713",
        sha256="ab" * 32,
        sidecars=(path,),
    )


def test_the_notes_of_the_lora_manager_are_read(model: Path) -> None:
    own = {"model_name": "My fox", "sha256": "CD" * 32, "civitai": CIVITAI}
    beside(model, ".metadata.json", own)
    notes = notes_on(model)
    assert (notes.title, notes.sha256, notes.trigger_words) == ("My fox", "cd" * 32, ("fox style", "ink"))


def test_what_the_user_has_noted_wins(model: Path) -> None:
    beside(model, ".civitai.info", CIVITAI)
    beside(model, ".json", {"activation text": "red fox, snow", "sd version": "SD1", "preferred weight": 0.7})
    notes = notes_on(model)
    assert (notes.trigger_words, notes.base_model, notes.weight) == (("red fox", "snow"), "SD1", 0.7)
    assert notes.title == "Fox Ink"


@pytest.mark.parametrize(
    ("weight", "expected"), [(0, None), ("0.5", 0.5), (1, 1.0), ("much", None), (None, None), ([], None)]
)
def test_the_recommended_weight_is_a_number_or_none(weight: object, expected: float | None, model: Path) -> None:
    beside(model, ".json", {"preferred weight": weight})
    assert notes_on(model).weight == expected


@pytest.mark.parametrize(
    ("config", "prediction"),
    [
        ('model:\n  params:\n    parameterization: "v"\n', "v_prediction"),
        ("model:\n  params:\n    parameterization: eps\n", "epsilon"),
        ("model:\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n", "epsilon"),
        ("model:\n  params:\n    parameterization: x0\n", ""),
        ("base_path: /models\n", ""),
    ],
)
def test_the_config_of_a_checkpoint_says_what_it_predicts(config: str, prediction: str, model: Path) -> None:
    beside(model, ".yaml", config)
    assert notes_on(model).prediction == prediction


def test_metadata_of_the_file_is_read(model: Path) -> None:
    frequency = {"10_fox": {"red fox": 12, "snow": 3}, "5_cat": {"snow": 20, "cat": True}}
    notes = notes_on(
        model,
        {
            "modelspec.title": "Fox",
            "modelspec.trigger_phrase": "foxy",
            "modelspec.license": "MIT",
            "ss_base_model_version": "sdxl_base_v1-0",
            "ss_tag_frequency": json.dumps(frequency),
        },
    )
    assert (notes.title, notes.trigger_words, notes.license) == ("Fox", ("foxy",), "MIT")
    assert (notes.base_model, notes.tags) == ("sdxl_base_v1-0", ("snow", "red fox"))


@pytest.mark.parametrize("suffix", [".preview.png", ".png", ".webp"])
def test_a_preview_is_found(suffix: str, model: Path) -> None:
    assert notes_on(model).preview is None
    assert notes_on(beside(model, suffix, "x").parent / model.name).preview == model.with_name("fox" + suffix)


@pytest.mark.parametrize(
    ("suffix", "content", "why"),
    [
        (".json", "{ half", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 3 (char 2)"),
        (".civitai.info", "[1]", "does not hold a JSON object"),
        (".json", "[" * 1000 + "]" * 1000, "is nested deeper than 64 levels"),
        (".civitai.info", " " * (4 * 2**20 + 1), "is larger than 4 MiB"),
    ],
)
def test_a_note_that_cannot_be_read_is_a_problem_and_hides_no_other(
    suffix: str, content: str, why: str, model: Path
) -> None:
    path = beside(model, suffix, content)
    beside(model, ".metadata.json", {"model_name": "Fox"})
    notes = notes_on(model)
    assert (notes.title, notes.problems) == ("Fox", ((path, why),))


def test_control_characters_and_endless_text_are_cut(model: Path) -> None:
    beside(
        model, ".civitai.info", {"model": {"name": "a\u001b[2J\u202eb\n" + "c" * 1000}, "trainedWords": ["x"] * 9000}
    )
    notes = notes_on(model)
    assert notes.title == ("a [2J b " + "c" * 1000)[:500]
    assert notes.trigger_words == ("x",)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*CIVITAI, "SHA256", "hashes", "activation text", "civitai", "sha256"]), inner
            )
        ),
        max_leaves=8,
    )
)
def test_any_note_is_read_without_an_error(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    model = tmp_path_factory.mktemp("any") / "fox.safetensors"
    for suffix in (".civitai.info", ".metadata.json", ".json"):
        beside(model, suffix, data)
    assert isinstance(notes_on(model), Notes)


@pytest.mark.parametrize(
    ("base_model", "family"),
    [
        ("SD 1.5", "sd1"),
        ("SD 2.1 768", "sd2"),
        ("SDXL Lightning", "sdxl"),
        ("Pony", "sdxl"),
        ("Illustrious", "sdxl"),
        ("SD 3.5 Large", "sd3"),
        ("Flux.1 D", "flux1"),
        ("Flux.2 Klein 9B", "flux2"),
        ("ZImageTurbo", "z-image"),
        ("Qwen", "qwen-image"),
        ("Other", None),
        ("", None),
    ],
)
def test_base_models_are_families(base_model: str, family: str | None) -> None:
    assert noted_family(Notes(base_model=base_model)) == family


@pytest.mark.parametrize(
    ("identity", "base_model", "family"),
    [
        (Identity("vae", "sd1", fits=("sd1", "sd2", "sdxl")), "SDXL 1.0", "sdxl"),
        (Identity("lora", "flux1", fits=("flux1", "chroma")), "SD 1.5", "flux1"),
        (Identity("lora", ""), "SD 1.5", "sd1"),
        (Identity("model", "sdxl", fits=("sdxl",)), "SD 1.5", "sdxl"),
        (Identity("unknown"), "SD 1.5", ""),
    ],
)
def test_a_note_only_decides_what_tensors_leave_undecided(identity: Identity, base_model: str, family: str) -> None:
    assert with_notes(identity, Notes(base_model=base_model)).family == family


def test_a_config_beside_a_checkpoint_says_what_its_tensors_do_not() -> None:
    noted = with_notes(Identity("model", "sd2", facts={"channels": 4}), Notes(prediction="v_prediction"))
    assert noted.facts == {"channels": 4, "prediction": "v_prediction"}
