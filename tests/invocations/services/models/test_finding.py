"""Models are found by their names and paths; folders and names that are malformed cause no other error."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.services.errors import ServiceError
from invocations.services.models.local import LocalModels
from tests.invocations.refusals import coded


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    """Return the folder of a model named `fox`."""
    return Path(shutil.copytree(DEFAULT_PATH, tmp_path / "own" / "fox"))


def test_models_in_folders_and_in_the_hugging_face_cache_are_found_by_name_and_by_path(
    fox: Path, tmp_path: Path
) -> None:
    cached = tmp_path / "hub" / "models--someone--tiny"
    shutil.copytree(DEFAULT_PATH, cached / "snapshots" / "0123abc")
    models = LocalModels([fox.parent, tmp_path / "hub"])
    assert [each.name for each in models.list()] == ["default", "fox", "someone/tiny"]
    for typed, name, path in (
        ("fox", "fox", fox),
        (str(fox), "fox", fox),
        ("someone/tiny", "someone/tiny", cached / "snapshots" / "0123abc"),
        (str(cached), "someone/tiny", cached / "snapshots" / "0123abc"),
    ):
        ref = models.find(typed)
        assert (ref.model, ref.path) == (name, str(path))


def test_the_error_for_an_unknown_model_name_lists_the_known_ones(fox: Path) -> None:
    with pytest.raises(ServiceError, match="there is no model `fix`", check=coded("model_missing")) as caught:
        LocalModels([fox.parent]).find("fix")
    assert caught.value.fields["candidates"] == ("default", "fox")
    assert str(fox.parent) in map(str, caught.value.fields["searched"])


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-this-name/fox", "a\0b", "no/such/folder"])
def test_malformed_model_names_are_reported_as_missing(name: str) -> None:
    with pytest.raises(ServiceError, check=coded("model_missing")):
        LocalModels().find(name)


def test_a_missing_models_folder_is_treated_as_empty(tmp_path: Path) -> None:
    assert LocalModels([tmp_path / "nowhere"]).list() == LocalModels().list()


@pytest.mark.parametrize("ref", [b"\xff", b"../../../etc", b"\0", b"x" * 5000])
def test_a_broken_model_or_a_malformed_reference_hides_no_other_model(fox: Path, ref: bytes) -> None:
    (fox / "model_index.json").write_text("[" * 100_000)
    hub = fox.parent / "models--a--b"
    (hub / "snapshots" / "x").mkdir(parents=True)
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_bytes(ref)
    for folders in ([fox.parent], [Path("a\0b"), fox.parent]):
        models = {each.name: each.state for each in LocalModels(folders).list()}
        assert {"default": "ready", "fox": "unusable"}.items() <= models.items()


def test_an_empty_string_names_no_model_no_vae_and_no_folder(tmp_path: Path) -> None:
    models = LocalModels([tmp_path], base=tmp_path)
    uses: list[tuple[Callable[[str], object], str, str]] = [
        (models.find, "a model", "model_missing"),
        (models.check, "a model", "model_missing"),
        (models.details, "a model", "model_missing"),
        (models.find_vae, "a VAE", "model_missing"),
        (models.latents_of_vae, "a VAE", "model_missing"),
        (lambda name: models.state(name, "lora", None), "a model", "model_missing"),
        (models.scan, "a folder", "folder_missing"),
    ]
    for use, what, code in uses:
        with pytest.raises(ServiceError, check=coded(code)) as refused:
            use("")
        assert str(refused.value) == f"an empty string does not name {what}"


@pytest.mark.parametrize("path", [".", "./", "/"])
def test_a_folder_without_a_name_that_is_no_model_is_refused(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    models = LocalModels()
    for use in (models.check, models.find_vae):
        with pytest.raises(ServiceError, check=coded("model_unsupported")):
            use(path)
    assert models.details(path).info.state == "unusable"


def test_a_link_to_a_file_that_does_not_exist_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "old.safetensors").symlink_to(tmp_path / "none.safetensors")
    models = LocalModels(base=tmp_path)
    for use in (models.check, models.find_vae):
        for typed in ("old.safetensors", "./old.safetensors", str(tmp_path / "old.safetensors")):
            with pytest.raises(
                ServiceError, match="it is a link to a file that does not exist", check=coded("model_broken")
            ):
                use(typed)
    with pytest.raises(ServiceError) as refused:
        models.check("old.safetensors")
    assert refused.value.hint == "point the link at the model"


def test_a_path_in_a_closed_folder_is_refused_by_the_name_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, lstat = tmp_path / "shut" / "inner", os.lstat

    def closed(path: str | Path, *args: Any, **options: Any) -> os.stat_result:
        if str(path).startswith(str(inner)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return lstat(path, *args, **options)

    (tmp_path / "shut").mkdir()
    monkeypatch.setattr(os, "lstat", closed)
    models = LocalModels(base=tmp_path)
    for use in (models.scan, models.check, models.find_vae, models.details):
        with pytest.raises(ServiceError, check=coded("model_unreadable")) as refused:
            use("shut/inner")
        assert str(refused.value) == f"the folder {tmp_path / 'shut'} cannot be read: Permission denied"
        assert refused.value.hint == "change its permissions"
