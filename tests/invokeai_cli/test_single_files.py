"""Models in single files, as a user runs them: by path and by name, recorded, cached, moved and changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from safetensors.torch import load_file

from tests.invokeai_cli.conftest import TypeLine
from tests.single_files import UNET, VAE, write_file

Twins = Callable[[str], tuple[Path, Path]]

SIZE = "--width 104 --height 120 --steps 1 --seed 3"
LINE = f"t2i a fox {SIZE}"


@pytest.fixture
def models(folder_and_file: Twins, tmp_path: Path) -> Path:
    """Return a folder of models that the settings name, with one model in a single file."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(folder_and_file("sd1")[1], folder / "fox.safetensors")
    (tmp_path / "invokeai.toml").write_text('models_dirs = ["models"]\n')
    return folder


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


def test_a_file_and_a_folder_with_the_same_weights_make_the_same_image(
    type_: TypeLine, folder_and_file: Twins, tmp_path: Path
) -> None:
    for name, model in zip(("folder", "file"), folder_and_file("sd1"), strict=True):
        result = type_(f"{LINE} --model {model} | save {name}.png")
        assert (result.status, result.out) == (0, f"{name}.png\n"), result.err
    assert pixels(tmp_path / "file.png") == pixels(tmp_path / "folder.png")


def test_a_file_for_inpainting_is_refused_without_a_mask_before_anything_runs(
    type_: TypeLine, folder_and_file: Twins, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    file = folder_and_file("sd1-inpainting")[1]
    refused = type_(f"explain {LINE} --model {file}")
    assert refused.status == 2
    assert "mask" in refused.err
    assert type_(f"explain inpaint a.png a fox --mask a.png --model {file}").status == 0


@pytest.mark.usefixtures("models")
def test_a_file_in_a_folder_of_models_is_a_model_by_its_name(type_: TypeLine, tmp_path: Path) -> None:
    (row,) = [row for row in type_("models", "--json").document["models"] if row["name"] == "fox"]
    assert (row["kind"], row["family"], row["state"]) == ("model", "sd1", "ready")
    assert type_(f"explain {LINE} --model fox").status == 0
    assert type_(f"{LINE} --model fox | save a.png").out == "a.png\n"
    assert type_("line", "a.png").out == f't2i "a fox" --model fox {SIZE} | save a.png\n'


@pytest.mark.usefixtures("models")
def test_the_result_of_a_file_is_cached_also_under_another_name(type_: TypeLine, models: Path) -> None:
    type_(f"{LINE} --model fox | save a.png")
    (models / "fox.safetensors").rename(models / "renamed.safetensors")
    assert reused(type_, f"{LINE} --model renamed | save b.png") == {"denoise": True, "decode": True}
    write_file(
        models / "renamed.safetensors",
        {
            name: 1.5 * each if each.is_floating_point() else each
            for name, each in load_file(models / "renamed.safetensors").items()
        },
    )
    assert reused(type_, f"{LINE} --model renamed | save c.png") == {"denoise": False, "decode": False}


def reused(type_: TypeLine, line: str) -> dict[str, bool]:
    """Return whether each of two nodes was taken from the cache when a line ran."""
    done = [event for event in type_(line, "--events").events if event["event"] == "node_finished"]
    return {event["node_type"]: event["reused"] for event in done if event["node_type"] in ("denoise", "decode")}


SCRIPT = f"model fox as painter\n{LINE} --model @painter | save a.png\ndiv 1 0\n{LINE}4 --model @painter | save b.png\n"


def test_a_script_is_resumed_after_its_model_was_moved_and_refused_after_it_was_changed(
    type_: TypeLine, models: Path, tmp_path: Path
) -> None:
    script, file = tmp_path / "two.inv", models / "fox.safetensors"
    script.write_text(SCRIPT)
    assert type_("run", "two.inv").status == 1
    script.write_text(SCRIPT.replace("div 1 0", "div 1 2"))
    tensors = load_file(file)
    file.unlink()
    write_file(models / "sub/fox.safetensors", {name: -each for name, each in tensors.items()})
    refused = type_("run", "two.inv", "--resume")
    assert refused.status == 4
    assert "error: denoise (5.denoise): the model `fox` has changed since it was chosen" in refused.err
    assert "choose it again: model fox" in refused.err
    write_file(models / "sub/fox.safetensors", tensors)
    result = type_("run", "two.inv", "--resume")
    assert result.status == 0, result.err
    assert pixels(tmp_path / "b.png") != pixels(tmp_path / "a.png")


def test_explain_and_info_name_the_models_from_which_a_file_borrows(type_: TypeLine, models: Path) -> None:
    tensors = load_file(models / "fox.safetensors")
    bare = {name: each for name, each in tensors.items() if name.startswith(UNET)}
    write_file(models / "bare.safetensors", bare)
    write_file(
        models / "mse.safetensors", {name[len(VAE) :]: each for name, each in tensors.items() if name.startswith(VAE)}
    )
    shown = type_(f"explain {LINE} --model bare").out
    assert "text encoder of `fox` 12.9 MB, VAE of `mse` 12.8 MB" in shown
    needs = type_("explain", f"{LINE} --model bare", "--json").document["memory"]
    assert needs[0]["borrowed"] == {"vae": "mse", "text_encoder": "fox"}
    rows = type_("models", "info", "bare").out.splitlines()
    assert [line.split(maxsplit=1)[1] for line in rows if line.startswith("borrows")] == ["VAE of `mse`"]
    assert [row["state"] for row in type_("models", "--json").document["models"] if row["name"] == "bare"] == ["ready"]
    assert type_(f"{LINE} --model bare | save a.png").status == 0
    (models / "fox.safetensors").unlink()
    refused = type_(f"{LINE} --model bare")
    assert refused.status == 4
    assert "it lacks CLIP L, and none of your models can lend it" in refused.err
    assert json.dumps("needs CLIP L") in type_("models", "--json").out


@pytest.mark.parametrize(("stated", "shown"), [("eps", "epsilon"), ("v", "v_prediction")])
def test_the_page_of_a_model_says_what_it_predicts_and_how_to_correct_a_guess(
    type_: TypeLine, folder_and_file: Twins, models: Path, stated: str, shown: str
) -> None:
    shutil.copy(folder_and_file("sd2")[1], models / "two.safetensors")
    predicted = type_("--json", "models", "info", "two").document["notes"]["prediction"]
    assert predicted == (
        "epsilon, guessed from its weights; to correct this, create `two.yaml` beside it with `model:` and, "
        "indented below it, `parameterization: v`"
    )
    (models / "two.yaml").write_text(f"model:\n  parameterization: {stated}\n")
    assert type_("--json", "models", "info", "two").document["notes"]["prediction"] == shown


def test_a_replay_that_differs_names_the_lender_of_each_part_then_and_now(
    type_: TypeLine, models: Path, tmp_path: Path
) -> None:
    tensors = load_file(models / "fox.safetensors")
    vae = {name[len(VAE) :]: each for name, each in tensors.items() if name.startswith(VAE)}
    write_file(models / "owl.safetensors", {name: each for name, each in tensors.items() if name.startswith(UNET)})
    write_file(models / "m.safetensors", vae)
    assert type_(f"{LINE} --model owl | save owl.png").status == 0
    with Image.open(tmp_path / "owl.png") as image:
        assert 'Borrowed parts: "vae of m, text_encoder of fox"' in image.text["parameters"]
    assert type_("replay", "owl.png", "--check").out == "owl.png: equal\n"
    write_file(models / "a.safetensors", {name: each * 0.5 for name, each in vae.items()})
    result = type_("replay", "owl.png", "--check")
    assert result.status == 1
    assert result.out.splitlines()[1:] == ["made with the VAE of `m`; it now borrows that of `a`"]
