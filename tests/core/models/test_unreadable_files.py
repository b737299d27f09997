"""A file or folder that cannot be read is refused with the reason, not as a broken one; it hides no other model."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelBroken, ModelError, ModelUnreadable
from core.models.catalog import card_at
from core.models.fingerprint import files_of, fingerprint
from core.models.folder_files import find_weights, read_header
from core.models.probe import probe
from core.models.recognize import recognize
from core.models.refusal import missing, refusal
from core.models.scan import candidate_at
from core.models.swap import vae_at
from tests.core.models.headers import write_safetensors

Close = Callable[[Path], None]
DENIED = "cannot be read: Permission denied"


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> Close:
    """Return a function after which the files at a path, and in it, are refused to this process, even to root."""
    closed: list[str] = []

    def checked(name: str, real: Callable[..., object]) -> None:
        def call(path: object = ".", *args: object, **options: object) -> object:
            if isinstance(path, (str, Path)) and any(os.fspath(path).startswith(each) for each in closed):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *args, **options)

        monkeypatch.setattr(name, call)

    checked("builtins.open", open)
    checked("io.open", open)
    checked("os.stat", os.stat)
    checked("os.lstat", os.lstat)
    checked("os.listdir", os.listdir)
    checked("os.scandir", os.scandir)
    return lambda path: closed.append(os.fspath(path))


def forbid(monkeypatch: pytest.MonkeyPatch, name: str, closed: Path, number: int = errno.EACCES) -> None:
    """Let opening one file fail, although it can be looked up."""
    real = open

    def call(path: object, *args: Any, **options: Any) -> object:
        if isinstance(path, (str, Path)) and os.fspath(path) == str(closed):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(name, call)


def refused(path: Path) -> ModelError:
    with pytest.raises(ModelUnreadable) as caught:
        card_at(path)
    return caught.value


def test_a_part_without_read_permission_makes_the_model_broken(model: Path, close: Close) -> None:
    close(model / "unet" / "diffusion_pytorch_model.safetensors")
    found = recognize(candidate_at(model))
    assert found.code == "model_broken"
    with pytest.raises(ModelBroken):
        card_at(model)


@pytest.mark.parametrize(
    "name", ["unet/diffusion_pytorch_model.safetensors", "model_index.json", "vae/config.json", "unet/config.json"]
)
def test_a_file_without_read_permission_does_not_make_the_model_broken(
    model: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, "builtins.open", model / name)
    error = refused(model)
    assert (error.code, error.hint) == ("model_unreadable", "change its permissions")
    assert str(error) == f"{model / name} cannot be read: Permission denied"
    found = recognize(candidate_at(model))
    assert (found.problem, found.code) == (f"{model / name} cannot be read: Permission denied", "model_unreadable")
    assert str(refusal(found)) == str(error)


@pytest.mark.parametrize("as_vae", [False, True])
def test_a_single_file_without_read_permission_says_so(
    tmp_path: Path, as_vae: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", {"a": (1,)})
    forbid(monkeypatch, "builtins.open", path)
    with pytest.raises(ModelUnreadable) as caught:
        vae_at(path) if as_vae else card_at(path)
    assert (str(caught.value), caught.value.hint) == (
        f"{path} cannot be read: Permission denied",
        "change its permissions",
    )
    found = recognize(candidate_at(path))
    assert (found.problem, found.code) == ("it cannot be read: Permission denied", "model_unreadable")


def test_an_error_other_than_a_missing_permission_has_another_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", {"a": (1,)})
    forbid(monkeypatch, "builtins.open", path, errno.EIO)
    error = refused(path)
    assert str(error) == f"{path} cannot be read: {os.strerror(errno.EIO)}"
    assert error.hint == "check the drive on which it lies"


def test_a_file_in_a_closed_folder_is_refused_by_the_name_of_the_folder(tmp_path: Path, close: Close) -> None:
    path = write_safetensors(tmp_path / "shut/inner/fox.safetensors", {"a": (1,)})
    close(tmp_path / "shut/inner")  # the files in a closed folder cannot be looked up
    message = f"the folder {tmp_path / 'shut'} cannot be read: Permission denied"
    for error in (refused(path), missing(str(path), [], ["default"]), missing("shut/inner", [], [], base=tmp_path)):
        assert (str(error), error.code, error.hint) == (message, "model_unreadable", "change its permissions")
    assert recognize(candidate_at(path)).problem == message


def test_a_header_that_cannot_be_read_is_refused_with_the_reason(model: Path, close: Close) -> None:
    path = model / "vae" / "diffusion_pytorch_model.safetensors"
    close(path)
    with pytest.raises(ModelBroken, match=DENIED):
        read_header(path)


@pytest.mark.parametrize("name", ["", "unet", "unet/", "text_encoder/", "tokenizer/", "model_index.json"])
def test_a_folder_without_permission_is_recognized_as_broken(model: Path, close: Close, name: str) -> None:
    close(Path(model, name) if not name.endswith("/") else Path(f"{model / name}{os.sep}"))
    found = recognize(candidate_at(model))
    assert (bool(found.problem), found.name) == (True, "fox")


def test_a_folder_that_cannot_be_listed_has_no_weights(tmp_path: Path, close: Close) -> None:
    close(tmp_path)
    with pytest.raises(ModelBroken, match=DENIED):
        find_weights(tmp_path, "model")


def test_an_error_of_the_network_while_a_model_is_checked_is_its_problem(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(path: Path, **_: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle", str(path))

    monkeypatch.setattr("core.models.recognize.probe", stale)
    found = recognize(candidate_at(model))
    assert (found.problem, found.code) == ("it cannot be read: Stale file handle", "model_unreadable")
    monkeypatch.setattr("core.models.recognize.evidence_of", stale)
    found = recognize(candidate_at(model))
    assert (found.problem, found.code) == ("it cannot be read: Stale file handle", "model_unreadable")


def test_a_dangling_link_beside_the_settings_does_not_count(model: Path) -> None:
    card = probe(model)
    before = fingerprint(card), files_of(card)
    (model / "old.json").symlink_to(model / "none.json")
    (model / "unet" / "old.json").symlink_to(model / "none.json")
    assert (fingerprint(card), files_of(card)) == before
    (model / "new.json").write_text(json.dumps({}))
    assert fingerprint(card) != before[0]


def test_a_cache_folder_without_permission_is_taken_for_one_that_is_not_there(
    tmp_path: Path, close: Close, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    close(tmp_path)
    assert missing("org/fox", [], ["default"]).hint.startswith("to get it from the Hugging Face hub, run ")


def test_a_path_with_any_suffix_of_a_model_is_not_a_name_on_the_hub() -> None:
    for name in ("foldr/x.sft", "foldr/x.safetensors", "foldr/x.gguf"):
        assert missing(name, [], ["default"]).hint == "`models` lists the models"
