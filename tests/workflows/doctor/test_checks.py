"""The checks that `doctor` runs on an installation: each one finds problems and suggests remedies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.shown_numbers import readable_size
from invocations.versions import MADE_BY
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published
from workflows.doctor import checks, self_test
from workflows.doctor.checks import CHECKS, FREE, REINSTALL, examine
from workflows.doctor.finding import ERROR, OK, WARNING, Finding, is_healthy
from workflows.workspace import Workspace

Open = Callable[..., Workspace]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Return a function that opens a workspace with a separate home folder."""

    def opened(**settings: object) -> Workspace:
        return Workspace.open(str(tmp_path), home=str(tmp_path / "home"), settings=settings)

    return opened


def found(workspace: Workspace, name: str) -> list[Finding]:
    """Return the findings of one check."""
    return list(CHECKS[name](workspace))


def test_a_sound_installation_passes_every_check_and_the_self_test_leaves_nothing_behind(
    opened: Open, tmp_path: Path
) -> None:
    workspace = opened()
    findings = tuple(examine(workspace))
    assert {each.status for each in findings} == {OK}
    assert is_healthy(findings)
    assert [each.check for each in findings[1 : 1 + len(MADE_BY)]] == list(MADE_BY)
    assert findings[-1].message.startswith("an image of 64x64 in ")
    assert workspace.invoker.sessions() == []
    assert not list(tmp_path.rglob("*.png"))


def test_a_missing_library_is_an_error(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "versions", lambda: {"torch": "2.0"})
    findings = {each.check: each for each in found(opened(), "versions")}
    assert findings["torch"] == Finding("torch", OK, "2.0")
    assert findings["numpy"] == Finding("numpy", ERROR, "not installed", REINSTALL)


def test_a_folder_that_cannot_be_written_is_an_error(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "data").write_text("a file")
    (data, *others) = found(opened(), "folders")
    hint = "make it writable, or choose another one: see `help environment`"
    assert data == Finding("data folder", ERROR, f"{tmp_path / 'home' / 'data'}: file exists", hint)
    assert {each.status for each in others} == {OK}


@pytest.mark.parametrize(("free", "status"), [(99_000_000, ERROR), (1_900_000_000, WARNING), (2_100_000_000, OK)])
def test_a_disk_that_is_nearly_full_is_reported(
    free: int, status: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    for finding in found(opened(), "folders"):
        assert (finding.status, finding.hint) == (status, "" if status == OK else FREE)
        assert finding.message.endswith(f", {readable_size(free)} free")


@pytest.mark.parametrize("name", ["models", "wildcards"])
def test_a_folder_in_the_settings_that_does_not_exist_is_a_warning(name: str, opened: Open, tmp_path: Path) -> None:
    missing = str(tmp_path / name)
    last = found(opened(**{f"{name}_dirs": (missing,)}), "folders")[-1]
    hint = f"create it, or change `{name}_dirs`"
    assert last == Finding(f"{name} folder", WARNING, f"{missing} does not exist", hint)


def test_damaged_models_are_warnings_and_others_that_cannot_be_used_are_counted(opened: Open, tmp_path: Path) -> None:
    models = tmp_path / "home" / "data" / "models"
    for name in ("ink", "pen"):
        write_safetensors(models / f"{name}.safetensors", published()["sd1-lora-kohya"].shapes)
    (models / "half.safetensors").write_bytes(b"")
    default, damaged, others = found(opened(), "models")
    assert default == Finding("model", OK, "default (sd1, built in)")
    hint = f"see `models info {models / 'half.safetensors'}`"
    assert damaged == Finding("model", WARNING, "half: it is empty", hint)
    assert others == Finding("model", OK, "2 that cannot be used yet (see `models`)")
    (models / "old.ckpt").write_bytes(b"")
    _, both, _ = found(opened(), "models")
    assert both == Finding("model", WARNING, "2 model files cannot be used: half, old", "`models` shows why")


def test_a_default_that_cannot_be_used_is_a_warning_with_the_way_to_remove_it(opened: Open) -> None:
    workspace = opened()
    workspace.memory.set("steps", "4")
    assert found(workspace, "defaults") == []
    workspace.memory.set("model", "gone")
    workspace.memory.set("steps@my fox", "3")
    one, other = found(workspace, "defaults")
    why = "there is no model `gone`"
    assert one == Finding("default", WARNING, f"model = gone: {why}", "set another one, or `unset model`")
    assert other.hint == 'set another one, or `unset steps --model "my fox"`'


def test_commands_and_recipes_of_the_user_are_counted_separately(opened: Open, tmp_path: Path) -> None:
    nodes = tmp_path / "home" / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "fox.toml").write_text('type = "my-fox"\nsummary = "draw a fox"\npipeline = "t2i a fox"\n')
    assert found(opened(), "plug-ins") == [Finding("recipes", OK, "1 of your own")]


def test_a_plug_in_that_cannot_be_loaded_is_a_warning(opened: Open, tmp_path: Path) -> None:
    nodes = tmp_path / "home" / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "broken.py").write_text("import no_such_library\n")
    (nodes / "shout.inv").write_text("# a recipe that is not complete\n")
    findings = found(opened(), "plug-ins")
    assert {each.status for each in findings} == {WARNING}
    assert any("no_such_library" in each.message and each.hint == "fix it, or remove it" for each in findings)


def test_a_missing_device_is_an_error_but_the_model_is_still_checked(opened: Open) -> None:
    findings = {each.check: each for each in examine(opened(device="cuda:7"))}
    assert findings["device"].status == findings["self test"].status == ERROR
    assert "cuda:7" in findings["device"].message
    assert findings["model"].status == OK


@pytest.mark.parametrize(("line", "message"), [("div 1 0", "`div 1 0`: division by zero")])
def test_a_self_test_that_fails_is_an_error(
    line: str, message: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_test, "LINE", line)
    (finding,) = found(opened(), "self test")
    assert (finding.status, finding.message) == (ERROR, message)


def test_a_check_that_raises_an_exception_does_not_stop_the_others(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(workspace: object) -> list[Finding]:
        raise ImportError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setitem(CHECKS, "device", broken)
    findings = {each.check: each for each in examine(opened())}
    message = "ImportError: libgomp.so.1: cannot open shared object file"
    assert findings["device"] == Finding("device", ERROR, message, REINSTALL)
    assert findings["self test"].status == OK
