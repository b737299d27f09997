"""The directive `models` lists models, describes one, and scans folders."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models import scan
from core.models.kinds import identity
from core.models.kinds.families import FAMILIES as ALL_FAMILIES
from invokeai_cli.directives.stored_rows import FAMILIES, KINDS
from tests.core.models.headers import write_gguf, write_safetensors
from tests.core.models.published_names import published
from tests.invokeai_cli.conftest import TypeLine

LISTS = published()
SCAN = "models are not downloaded or copied; to use those in a folder: models scan DIR --add"
SUBCOMMANDS = "subcommands: `models list`, `models info NAME`, `models scan DIR`"
YOURS = "`models --kind model` lists the models that generate images"


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    """Return a LoRA in a folder laid out like AUTOMATIC1111's."""
    return write_safetensors(tmp_path / "webui/models/Lora/ink.safetensors", LISTS["sd1-lora-kohya"].shapes)


def test_the_built_in_model_is_listed(type_: TypeLine) -> None:
    models = type_("models", "--json").document["models"]
    assert models[0]["name"] == "default"
    assert type_("models").out == (
        "name     kind   family  state  fits  size     from\ndefault  model  sd1     ready  yes   14.0 MB  built in\n"
    )


def test_in_a_pipe_the_list_is_complete_unless_the_variable_columns_limits_its_width(
    type_: TypeLine, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / f"{'f' * 60}.safetensors").write_text("<!doctype html><html></html>")
    row = f"{'f' * 60}  unknown  -       unusable: a web page that was saved under the name of a model"
    assert type_("models", "scan", "m").out.splitlines()[1].startswith(row)
    lines = type_("models", "scan", "m", COLUMNS="80").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith(f"{'f' * 23}…  unknown  -")


def test_the_models_in_a_folder_are_listed_after_scan_has_added_it(type_: TypeLine, lora: Path, tmp_path: Path) -> None:
    row = "ink   lora  sd1     not usable yet        6.1 MB  Lora\n"
    scanned = type_("models", "scan", "webui")
    assert scanned.out == f"name  kind  family  state           fits  size    from\n{row}"
    assert "ink" not in type_("models").out
    added = type_("models", "scan", "webui", "--add")
    assert f"{tmp_path / 'webui'} was added to `models_dirs` in " in added.out
    assert type_("models", "--kind", "lora").out == f"name  kind  family  state           fits  size    from\n{row}"
    assert type_("models", "list", "--family", "sdxl").out == (
        "no model of this kind and family was found; `models` lists all\n"
    )
    assert [each["name"] for each in type_("models", "--json", "--family", "sd1").document["models"]] == [
        "default",
        "ink",
    ]
    assert "is already in `models_dirs`" in type_("models", "scan", "webui", "--add").out
    shutil.rmtree(tmp_path / "webui")
    assert (
        f"{tmp_path / 'webui'} was removed from `models_dirs` in " in type_("models", "scan", "webui", "--remove").out
    )
    assert type_("models", "--kind", "lora").err == ""


def test_a_script_finds_the_models_of_a_folder_until_it_is_removed(type_: TypeLine, lora: Path, tmp_path: Path) -> None:
    (tmp_path / "all.inv").write_text("models scan webui --add\nmodels\nmodels scan webui --remove\nmodels\n")
    out = type_("run", "all.inv").out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("ink", "default"))] == [
        "ink",
        "default",
        "ink",
        "default",
    ]


def test_the_list_says_if_a_folder_was_too_large_to_be_searched_to_its_end(
    type_: TypeLine, lora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "MAX_ENTRIES", 2)
    webui = tmp_path / "webui"
    note = f"only the first 2 files and folders in {webui} were searched"
    assert type_("--model-dir", str(webui), "models").out.splitlines()[-1] == note
    assert type_("--model-dir", str(webui), "models", "--json").document["cut_folders"] == [str(webui)]
    assert type_("models", "--json").document["cut_folders"] == []


def test_a_folder_that_does_not_exist_causes_one_warning_and_no_error(type_: TypeLine) -> None:
    missing = ("--model-dir", "/no/such")
    warning = "warning: /no/such does not exist; `models_dirs` is set by --model-dir\n"
    assert (type_(*missing, "models").status, type_(*missing, "models").err) == (0, warning)
    result = type_(*missing, "explain", "t2i a --model fox")
    assert (result.status, result.err.startswith(f"{warning}error: there is no model `fox`\n")) == (4, True)
    assert type_(*missing, "models", "--json").status == 0


def test_a_family_with_a_variant_is_written_as_the_table_shows_it(type_: TypeLine, tmp_path: Path) -> None:
    write_safetensors(tmp_path / "m" / "a.safetensors", LISTS["sd1-inpainting-checkpoint"].shapes)
    type_("models", "scan", "m", "--add")
    found = type_("models", "--json", "--family", "sd1 inpainting").document["models"]
    assert [(each["name"], each["variant"]) for each in found] == [("a", "inpainting")]


def test_the_json_output_of_a_scan_lists_the_folders_that_were_searched(
    type_: TypeLine, lora: Path, tmp_path: Path
) -> None:
    document = type_("models", "scan", str(tmp_path / "webui"), "--json").document
    assert (document["schema"], document["folders"], document["complete"]) == (
        "models_scan/1",
        [str(tmp_path / "webui")],
        True,
    )
    assert [each["path"] for each in document["models"]] == [str(lora)]
    assert (document["added"], document["removed"]) == ([], [])


def test_the_json_output_of_a_scan_lists_the_folders_that_were_added_or_removed(
    type_: TypeLine, lora: Path, tmp_path: Path
) -> None:
    webui = str(tmp_path / "webui")
    for change, added, removed in (("--add", [webui], []), ("--add", [], []), ("--remove", [], [webui])):
        document = type_("models", "scan", "webui", change, "--json").document
        assert (document["added"], document["removed"]) == (added, removed)


def test_a_kind_or_a_family_is_accepted_as_the_table_shows_it_and_in_any_case(type_: TypeLine, tmp_path: Path) -> None:
    for name, ident in (("a", "sd1-inpainting-checkpoint"), ("b", "realesrgan-x4"), ("c", "sd1-lora-kohya")):
        write_safetensors(tmp_path / "m" / f"{name}.safetensors", LISTS[ident].shapes)
    (tmp_path / "m" / "d.safetensors").write_text("<!doctype html>")
    type_("models", "scan", "m", "--add")
    for option, value, names in (
        ("--family", "SD1 Inpainting", ["a"]),
        ("--family", "esrgan", ["b"]),
        ("--family", "-", ["d"]),
        ("--kind", "LoRA", ["c"]),
        ("--family", "Sd1", ["default", "c", "a"]),
    ):
        found = type_("models", "--json", option, value).document["models"]
        assert sorted(each["name"] for each in found) == sorted(names), value
    assert type_("models", "info", "c", "--family", "SDXL", "--kind", "VAE").status == 0
    document = type_("models", "info", "c", "--json").document
    assert (document["kind"], document["family"]) == ("vae", "sdxl")


def test_info_explains_a_file_and_remembers_what_the_user_states(type_: TypeLine, lora: Path) -> None:
    out = type_("models", "info", str(lora)).out
    assert "what it is     a LoRA for Stable Diffusion 1\n" in out
    assert f"what to do     LoRAs cannot be used yet; {YOURS}\n" in out
    assert "recognized by  lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k is 320x768\n" in out
    assert type_("models", "info", str(lora), "--family", "sdxl").status == 0
    document = type_("models", "info", str(lora), "--json").document
    assert (document["schema"], document["kind"], document["family"]) == ("model/1", "lora", "sdxl")
    assert document["why"][0] == "you stated the family sdxl"
    type_("models", "info", str(lora), "--family", "auto")
    assert type_("models", "info", str(lora), "--json").document["family"] == "sd1"


def test_info_shows_the_defaults_of_a_model_that_is_ready(type_: TypeLine) -> None:
    assert type_("models", "info", "default", "--json").document["fits"] == "yes"
    lines = type_("models", "info", "default").out.splitlines()
    assert "state          ready" in lines
    assert any(line.startswith("defaults       96x96, 20 steps, guidance scale 4, ddim") for line in lines)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("models", "--kind", "lra"), 2, "error: there is no kind `lra`\n  did you mean `lora`?\n"),
        (("models", "--family", "sdx"), 2, "error: there is no family `sdx`\n  did you mean `sd1`, `sd2` or `sdxl`?\n"),
        (
            ("models", "info", "default", "--kind", "x"),
            2,
            f"error: there is no kind `x`\n  known: {', '.join(KINDS)}\n",
        ),
        (
            ("models", "install", "fox.safetensors"),
            2,
            f"error: `models` has no subcommand `install`\n  {SCAN}\n",
        ),
        (
            ("models", "loras"),
            2,
            "error: `models` has no subcommand `loras`\n  did you mean `models --kind lora`?\n",
        ),
        (
            ("models", "my fox"),
            2,
            f'error: `models` has no subcommand `my fox`\n  `models info "my fox"` describes a model; {SUBCOMMANDS}\n',
        ),
        (("models", "lst"), 2, "error: `models` has no subcommand `lst`\n  did you mean `models list`?\n"),
        (("models", "--jsn"), 2, "error: `models` has no option `--jsn`\n  did you mean `--json`?\n"),
        (("models", "--knd", "lora"), 2, "error: `models` has no option `--knd`\n  did you mean `--kind`?\n"),
        (
            ("models", "info", "default", "--family", "sd1 inpainting"),
            2,
            "error: there is no family `sd1 inpainting`\n  did you mean `sd1`?\n",
        ),
        (("models", "info", "fox"), 4, "error: there is no model `fox`\n  known models: `default`\n"),
        (
            ("model", "scan", "x"),
            2,
            "error: there is no command `model scan`\n  model scan x\n  ^^^^^^^^^^\n  did you mean `models scan`?\n",
        ),
        (("models", "scan", "none"), 2, "error: `none` does not exist\n  give a folder with models\n"),
    ],
)
def test_wrong_words_are_refused(type_: TypeLine, words: tuple[str, ...], status: int, message: str) -> None:
    result = type_(*words)
    assert (result.status, result.out, result.err) == (status, "", message)


def test_a_name_that_two_models_share_is_refused_before_anything_runs(type_: TypeLine, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_safetensors(tmp_path / "models" / folder / "fox.safetensors", LISTS["sd1-checkpoint"].shapes)
    type_("models", "scan", "models", "--add")
    for words in (("t2i", "a", "--model", "fox"), ("models", "info", "fox"), ("set", "steps", "4", "--model", "fox")):
        result = type_(*words)
        assert (result.status, result.out) == (2, "")
        assert "several models are named `fox`\n" in result.err
        assert "write `fox@a` or `fox@b`" in result.err


@pytest.mark.parametrize("name", ["@fox", "-fox"])
def test_a_name_that_starts_like_a_reference_or_an_option_is_shown_in_a_form_that_can_be_typed(
    type_: TypeLine, isolated_home: Path, name: str
) -> None:
    shutil.copytree(DEFAULT_PATH, isolated_home / "data" / "models" / name)
    shown = type_("models", "--json").document["models"][1]["name"]
    assert shown == f"model:{name}"
    assert type_("explain", "t2i", "a", "--model", shown).status == 0
    assert type_("models", "info", shown, "--json").document["name"] == shown


def test_completion_offers_every_kind_and_family_of_models() -> None:
    assert tuple(identity.KINDS) == KINDS
    assert tuple(each.name for each in ALL_FAMILIES) == FAMILIES


def _flux(path: Path) -> Path:
    return write_gguf(path.with_suffix(".gguf"), LISTS["flux1-dev"].shapes, "Q4_K")


def _file(ident: str) -> Callable[[Path], Path]:
    return lambda path: write_safetensors(path, LISTS[ident].shapes)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_file("sd1-lora-kohya"), "it is a LoRA for Stable Diffusion 1, not a model that generates images"),
        (_file("realesrgan-x4"), "it is an upscaler (ESRGAN, 4x), not a model that generates images"),
        (_flux, "it is FLUX.1 (dev, gguf), which cannot run yet"),
    ],
)
def test_the_error_for_a_line_with_another_kind_of_file_says_what_the_file_is(
    type_: TypeLine, make: Callable[[Path], Path], says: str, tmp_path: Path
) -> None:
    path = make(tmp_path / "fox.safetensors")
    for words in (("t2i", "a", "fox", "--model", str(path)), ("explain", f"model {path} | prompt a")):
        result = type_(*words)
        assert (result.status, result.out) == (4, "")
        assert result.err.startswith(f"error: {path} cannot be used: {says}\n")
    with_error = type_("t2i", "a", "--model", str(path), "--json")
    assert json.loads(with_error.out)["errors"][0]["code"] == "model_unsupported"
