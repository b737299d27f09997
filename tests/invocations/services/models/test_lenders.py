"""Models that lend parts are found by several threads at once, while files come and go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from core.models import folder_evidence
from core.models.scan import candidate_at
from invocations.services.errors import ServiceError
from invocations.services.models.choices import ModelChoices
from invocations.services.models.known import RecognizedModels
from invocations.services.models.library import ModelLibrary
from invocations.services.models.local import LocalModels
from tests.at_once import threaded_at_once
from tests.core.models.test_cards import TEXT, UNET, VAE
from tests.core.models.test_cards import put as put_network
from tests.invocations.services.models.test_library import put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a UNet in a file of its own, and what may lend it a VAE and a text encoder."""
    put_network(tmp_path / "models/fox.safetensors", UNET)
    put_network(tmp_path / "models/vae/mse.safetensors", VAE)
    return put_network(tmp_path / "models/text_encoders/clip_l.safetensors", TEXT).parents[1]


def vae_of(models: LocalModels) -> str:
    return models.card(models.find("fox")).borrowed["vae"]


def test_lenders_are_recognized_and_listed_by_several_threads_at_once(tmp_path: Path) -> None:
    for number in range(24):
        put(tmp_path / f"{number}/models/{number}.safetensors", "sd-vae")
    known = RecognizedModels(ModelChoices(None), tmp_path / "store")
    library = ModelLibrary([tmp_path / f"{number}/models" for number in range(12)], known)

    def look(number: int) -> int:
        path = tmp_path / f"{number}/models/none.safetensors"
        library.models()
        known.added(path)
        return len(library.lenders(path))

    assert threaded_at_once(24, look) == [12] * 12 + [13] * 12
    assert len(library.models()) == 13


@pytest.mark.parametrize("method", ["recognized", "added"])
def test_models_are_recognized_under_a_lock(
    method: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = RecognizedModels(ModelChoices(None), tmp_path / "store")
    plain, free = known._indexed, []

    def check() -> object:
        thread = Thread(target=lambda: free.append(known._lock.acquire(blocking=False)))
        thread.start()
        thread.join()
        return plain()

    monkeypatch.setattr(known, "_indexed", check)
    path = folder / "fox.safetensors"
    work: dict[str, Callable[[], object]] = {
        "recognized": lambda: known.recognized([candidate_at(path)]),
        "added": lambda: known.added(path),
    }
    work[method]()
    assert free
    assert not any(free)


def test_a_model_that_is_deleted_while_it_is_read_is_listed_as_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = put(tmp_path / "ink/diffusion_pytorch_model.safetensors", "sd-vae")
    (tmp_path / "ink/config.json").write_text("{}")
    plain = folder_evidence._size
    monkeypatch.setattr(folder_evidence, "_size", lambda files: weights.unlink() or plain(files))
    library = ModelLibrary([tmp_path], RecognizedModels(ModelChoices(None)))
    (found,) = library.lenders(tmp_path / "fox.safetensors")
    assert (found.name, found.code) == ("ink", "model_broken")
    assert found.problem == "it cannot be read: No such file or directory"


def test_a_lender_that_is_added_later_is_used_without_a_restart(folder: Path, tmp_path: Path) -> None:
    models = LocalModels([folder])
    assert vae_of(models) == "mse"
    put_network(folder / "fox.vae.safetensors", VAE)
    assert vae_of(models) == "fox.vae"
    (folder / "fox.vae.safetensors").unlink()
    assert vae_of(models) == "mse"
    put_network(tmp_path / "more/fox.vae.safetensors", VAE)
    models.search(str(tmp_path / "more"))
    assert vae_of(models) == "fox.vae"


def test_a_file_that_becomes_a_lender_in_place_is_used(folder: Path) -> None:
    late = folder / "fox.vae.safetensors"
    late.write_bytes(b"")  # as at the beginning of a copy
    models = LocalModels([folder])
    assert vae_of(models) == "mse"
    late.write_bytes((folder / "vae/mse.safetensors").read_bytes())
    assert vae_of(models) == "fox.vae"


def test_parts_are_not_borrowed_from_the_models_of_another_workspace(folder: Path, tmp_path: Path) -> None:
    alone = put_network(tmp_path / "alone/fox.safetensors", UNET)
    rich, poor = LocalModels([folder / "vae", folder / "text_encoders", alone.parent]), LocalModels([alone.parent])
    assert vae_of(rich) == "mse"
    with pytest.raises(ServiceError, match="it lacks a VAE and CLIP L, and none of your models can lend them"):
        poor.find("fox")
    assert vae_of(rich) == "mse"


def test_a_folder_that_is_added_changes_neither_the_lenders_nor_the_key_of_a_model(
    folder: Path, tmp_path: Path
) -> None:
    put_network(tmp_path / "own/fox.safetensors", UNET)
    for name in ("a-first.safetensors", "clip_a.safetensors"):
        put_network(tmp_path / "added" / name, TEXT if "clip" in name else VAE)
    own = tmp_path / "own"
    before, after = LocalModels([own, folder / "vae", folder]), LocalModels([own, folder / "vae", folder])
    after.search(str(tmp_path / "added"))
    for models in (before, after):
        card = models.card(models.find(str(own / "fox.safetensors")))
        assert card.borrowed == {"vae": "mse", "text_encoder": "clip_l"}
    assert before.find(str(own / "fox.safetensors")).name == after.find(str(own / "fox.safetensors")).name


def test_parts_are_borrowed_from_beside_the_file_then_from_its_folder_of_models_then_from_others(
    tmp_path: Path,
) -> None:
    own = put_network(tmp_path / "own/unet/deep/deeper/down/fox.safetensors", UNET)
    put_network(tmp_path / "own/clip_l.safetensors", TEXT)
    models = LocalModels([tmp_path / "others", tmp_path / "own"])
    for path, lender in (
        (tmp_path / "others/a.safetensors", "a"),
        (tmp_path / "own/elsewhere/b.safetensors", "b"),
        (own.with_name("c.safetensors"), "c"),
    ):
        put_network(path, VAE)
        assert models.card(models.find("fox")).borrowed["vae"] == lender
