"""The kind and family that the user states for a model are remembered across processes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.services.errors import SaveFailed, ServiceError
from invocations.services.models import choices
from invocations.services.models.choices import NONE, Choice, ModelChoices
from invocations.services.models.local import LocalModels
from tests.at_once import forked_at_once, threaded_at_once
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


@pytest.mark.parametrize("text", ["", "[]", '{"models": 3}', '{"models": {"a": 3}}', "\0", '{"models"'])
def test_a_damaged_file_is_not_replaced(text: str, tmp_path: Path) -> None:
    path = tmp_path / "choices.json"
    path.write_text(text)
    mine = ModelChoices(path)
    with pytest.raises(SaveFailed, match="the existing file cannot be read: ") as refused:
        mine.state(tmp_path / "a", "lora", "")
    assert refused.value.path == str(path)
    assert refused.value.hint.startswith("repair or delete this file")
    assert (path.read_text(), mine.of(tmp_path / "a")) == (text, NONE)
    assert {each.name for each in tmp_path.iterdir()} == {"choices.json", "choices.json.lock"}
    path.unlink()
    mine.state(tmp_path / "a", "lora", "")
    assert ModelChoices(path).of(tmp_path / "a") == ("lora", "")


def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "choices.json"
    ModelChoices(path).state(tmp_path / "a", "lora", "")

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(choices, "read_bytes", refuse)
        with pytest.raises(SaveFailed) as refused:
            ModelChoices(path).state(tmp_path / "b", "vae", "")
    assert refused.value.reason == "the existing file cannot be read: permission denied"
    assert [ModelChoices(path).of(tmp_path / name) for name in "ab"] == [("lora", ""), NONE]


def test_kinds_stated_by_several_threads_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "choices.json"
    shared, names = ModelChoices(path), [f"m{number}" for number in range(16)]

    def state(number: int) -> None:
        one = shared if number % 2 else ModelChoices(path)
        one.state(tmp_path / names[number], "lora", f"f{number}")

    threaded_at_once(16, state)
    expected = [("lora", f"f{number}") for number in range(16)]
    assert [ModelChoices(path).of(tmp_path / name) for name in names] == expected
    shared.refresh()
    assert [shared.of(tmp_path / name) for name in names] == expected
    assert {each.name for each in path.parent.iterdir()} == {"choices.json", "choices.json.lock"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kinds_stated_by_several_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "choices.json"

    def state(number: int) -> None:
        ModelChoices(path).state(tmp_path / f"m{number}", "vae", f"f{number}")

    assert forked_at_once(8, state) == [0] * 8
    found = ModelChoices(path)
    assert [found.of(tmp_path / f"m{number}") for number in range(8)] == [("vae", f"f{number}") for number in range(8)]


def test_the_file_stays_locked_while_it_is_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    path, plain, seen = tmp_path / "choices.json", choices._stored, []

    def check(path: Path) -> dict[str, Choice]:
        with open(f"{path}.lock", "a") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append(path)
        return plain(path)

    monkeypatch.setattr(choices, "_stored", check)
    ModelChoices(path).state(tmp_path / "a", "lora", "")
    assert seen == [path]
    with open(f"{path}.lock", "a") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_kind_that_another_process_states_is_found(tmp_path: Path) -> None:
    path, model = tmp_path / "choices.json", tmp_path / "a"
    mine, other = ModelChoices(path), ModelChoices(path)
    for kind in ("lora", "vae", "lora"):  # all of them may be stated before the file system's clock advances
        other.state(model, kind, "")
        mine.refresh()
        assert mine.of(model) == (kind, "")


def test_a_stated_kind_that_cannot_be_stored_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveFailed):
        ModelChoices(tmp_path / "file" / "choices.json").state(tmp_path / "a", "lora", "")


def test_without_a_file_a_stated_kind_is_remembered_until_the_process_ends(tmp_path: Path) -> None:
    mine = ModelChoices(None)
    mine.state(tmp_path / "a", "lora", "sd1")
    assert mine.of(tmp_path / "a") == ("lora", "sd1")


def test_a_family_that_the_tensors_contradict_is_an_error_that_says_how_to_undo_it(tmp_path: Path) -> None:
    path = put(tmp_path / "m" / "xl.safetensors", "sdxl-checkpoint")
    models = LocalModels([tmp_path / "m"], store=tmp_path / "store")
    models.state("xl", None, "sd1")
    with pytest.raises(ServiceError) as refused:
        models.check("xl")
    reason = "you stated the family sd1, but its tensors are those of Stable Diffusion XL"
    undo = f"undo it: models info {path} --family auto"
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


def test_a_family_that_the_settings_of_a_folder_contradict_is_refused(tmp_path: Path) -> None:
    models = LocalModels([], store=tmp_path / "store")
    models.state("default", None, "sdxl")
    reason = "you stated the family sdxl, but its settings are those of Stable Diffusion 1"
    details = models.details("default")
    assert (details.info.state, details.info.reason) == ("unusable", reason)
    assert details.advice == f"undo it: models info {DEFAULT_PATH} --family auto"
    with pytest.raises(ServiceError) as refused:
        models.check("default")
    assert (refused.value.code, refused.value.message) == (
        "model_unsupported",
        f"{DEFAULT_PATH} cannot be used: {reason}",
    )
    models.state("default", None, "sd1")
    assert models.details("default").info.state == "ready"


def test_a_kind_or_family_of_a_broken_file_is_refused_because_it_has_no_effect(tmp_path: Path) -> None:
    path = tmp_path / "fox.safetensors"
    path.write_bytes(b"")
    models = LocalModels([tmp_path], store=tmp_path / "store")
    for kind, family in (("lora", None), (None, "sd1"), ("vae", "sd1")):
        with pytest.raises(ServiceError) as refused:
            models.state("fox", kind, family)
        assert refused.value.message == f"a kind or family stated for {path} would have no effect: it is empty"
        assert (refused.value.code, refused.value.hint) == ("model_broken", "download or copy the model again")
    models.state("fox", "auto", "auto")
