"""What is remembered about a model is used until its files, what the user states about it, or the program change."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models import catalog
from invocations.services.errors import ServiceError
from invocations.services.models import memo
from invocations.services.models.local import MEMO, LocalModels
from invocations.services.models.memo import MAX_MODELS
from invocations.values import ModelRef
from tests.at_once import threaded_at_once
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published
from tests.core.models.test_cards import TEXT, put
from tests.single_files import UNET, VAE

SHAPES = published()["sd1-checkpoint"].shapes
Make = Callable[[], LocalModels]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the models whose cards are read, in order."""
    read: list[str] = []
    plain = catalog.card_at

    def card_at(path: Path, **options: object) -> object:
        read.append(str(path))
        return plain(path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(catalog, "card_at", card_at)
    return read


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Returns a new service with the same store, as in another process."""
    return lambda: LocalModels([tmp_path / "models"], base=tmp_path, store=tmp_path / "store")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(shutil.copytree(DEFAULT_PATH, tmp_path / "fox"))


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(write_safetensors(tmp_path / "own/fox.safetensors", SHAPES))


def change(path: str, old: str, new: str) -> None:
    """Replace text in a file and change the file's time, as any editor does."""
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")
    os.utime(path, ns=(1, 1))


def test_a_model_that_was_found_is_not_read_again(make: Make, folder: str, file: str, reads: list[str]) -> None:
    for path in ("default", folder, file):
        first = make()
        ref, settings = first.find(path), first.settings_of(path)
        assert reads
        reads.clear()
        later = make()
        later.check(path)
        assert later.find(path) == ref
        assert later.settings_of(path) == settings == later.settings(ref)
        assert later.default_of(ref, "clip_skip") == settings.clip_skip
        assert reads == []


def test_a_model_whose_fingerprint_is_not_needed_is_not_remembered(make: Make, tmp_path: Path) -> None:
    make().check("default")
    assert make().settings_of("default").name == "default"
    assert not (tmp_path / "store" / MEMO).exists()


def test_a_changed_file_of_a_folder_is_noticed(make: Make, folder: str) -> None:
    first = make().find(folder)
    assert make().settings_of(folder).steps != 7
    Path(folder, "defaults.json").write_text(json.dumps({"steps": 7}))
    assert make().settings_of(folder).steps == 7
    assert make().find(folder).name != first.name


@pytest.mark.parametrize("name", ["unet/notes.json", "notes/notes.json"])
def test_a_file_that_is_added_to_a_folder_is_noticed(make: Make, folder: str, name: str) -> None:
    first = make().find(folder)
    Path(folder, name).parent.mkdir(exist_ok=True)
    Path(folder, name).write_text("{}")
    assert make().find(folder).name != first.name  # all settings beside the parts count for the fingerprint


def test_changed_weights_of_the_same_size_are_noticed(make: Make, folder: str) -> None:
    first = make().find(folder)
    weights = Path(folder, "vae", "diffusion_pytorch_model.safetensors")
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(1, 1))
    assert make().find(folder).name != first.name


def test_a_folder_that_lacks_a_part_later_is_refused(make: Make, folder: str) -> None:
    make().find(folder)
    shutil.rmtree(Path(folder, "vae"))
    with pytest.raises(ServiceError, match="its folder `vae` is missing"):
        make().check(folder)


def test_a_note_beside_a_file_is_noticed_when_it_is_added_changed_and_removed(make: Make, file: str) -> None:
    note = Path(file).with_suffix(".json")
    assert make().find(file) == make().find(file)
    assert make().settings_of(file).clip_skip == 0
    for skip in (2, 3):
        note.write_text(json.dumps({"clip skip": skip}))
        os.utime(note, ns=(skip, skip))
        make().find(file)
        assert make().settings_of(file).clip_skip == skip - 1
    note.unlink()
    assert make().settings_of(file).clip_skip == 0


def test_a_model_that_borrows_parts_is_read_each_time(make: Make, tmp_path: Path, reads: list[str]) -> None:
    bare = str(put(tmp_path / "own/fox.safetensors", UNET))
    put(tmp_path / "models/mse.safetensors", VAE)
    put(tmp_path / "models/clip_l.safetensors", TEXT)
    make().find(bare)
    assert make().settings_of(bare).borrowed == {"vae": "mse", "text_encoder": "clip_l"}
    put(tmp_path / "models/fox.vae.safetensors", VAE)
    assert make().settings_of(bare).borrowed["vae"] == "fox.vae"
    assert reads == [bare] * 3


def test_a_stated_family_counts_and_what_was_remembered_returns_with_it(
    make: Make, file: str, reads: list[str]
) -> None:
    make().find(file)
    make().state(file, None, "sd2")
    with pytest.raises(ServiceError, match="it lacks OpenCLIP H, and none of your models can lend it"):
        make().check(file)
    make().state(file, None, "auto")
    reads.clear()
    assert make().settings_of(file).family == "sd1"
    assert reads == []


def test_a_stated_kind_counts(make: Make, file: str) -> None:
    models = make()
    models.find(file)
    make().state(file, "lora", None)
    for each in (models, make()):
        with pytest.raises(ServiceError, match="it is a LoRA, not a model that generates images"):
            each.find(file)


def test_other_code_reads_the_model_again(
    make: Make, folder: str, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = make().find(folder)
    reads.clear()
    monkeypatch.setattr(memo, "code_state", lambda: 1)
    assert make().find(folder) == ref
    assert reads == [folder]
    make().check(folder)
    assert reads == [folder]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"check": 1, "models": "{}"}', '{"check": 1, "models": 2}'])
def test_a_damaged_memo_is_replaced(make: Make, folder: str, reads: list[str], tmp_path: Path, text: str) -> None:
    ref = make().find(folder)
    (tmp_path / "store" / MEMO).write_text(text)
    reads.clear()
    assert (make().find(folder), reads) == (ref, [folder])
    assert (make().find(folder), reads) == (ref, [folder])


def test_a_memo_in_which_a_digit_was_changed_is_not_used(
    make: Make, folder: str, tmp_path: Path, reads: list[str]
) -> None:
    ref, steps = make().find(folder), make().settings_of(folder).steps
    change(str(tmp_path / "store" / MEMO), f'\\"steps\\": {steps}', f'\\"steps\\": {steps + 1}')
    reads.clear()
    assert (make().find(folder), make().settings_of(folder).steps, reads) == (ref, steps, [folder])


def test_a_memo_that_cannot_be_written_is_ignored(folder: str, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where a folder is needed")
    models = LocalModels(store=tmp_path / "store")
    assert models.find(folder) == models.find(folder)


def test_the_name_of_a_model_counts(make: Make, folder: str) -> None:
    """A model that is found by its path is also known by the name in its reference, and by no other name."""
    models = make()
    ref = models.find(folder)
    assert ref == ModelRef(ref.name, "fox", folder)
    assert models.settings(ref).name == "fox"
    assert models.settings(ModelRef(ref.name, "owl", folder)).name == "owl"


def test_several_services_remember_models_at_once(make: Make, tmp_path: Path, reads: list[str]) -> None:
    folders = [str(shutil.copytree(DEFAULT_PATH, tmp_path / f"fox{number}")) for number in range(4)]
    threaded_at_once(4, lambda number: make().find(folders[number]))
    reads.clear()
    assert [make().settings_of(each).name for each in folders] == ["fox0", "fox1", "fox2", "fox3"]
    assert reads == []


def test_the_models_that_were_kept_first_are_dropped(make: Make, tmp_path: Path, reads: list[str]) -> None:
    names = [f"{number}/fox" for number in range(MAX_MODELS)]  # each is also remembered by its own name
    for name in names:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).symlink_to(DEFAULT_PATH)
        make().find(str(tmp_path / name))
    reads.clear()
    make().check(str(tmp_path / names[-1]))
    assert reads == []
    make().check(str(tmp_path / names[0]))
    assert reads == [str(tmp_path / names[0])]
