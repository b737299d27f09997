"""The index is a cache: if anything is wrong with it, models are recognized again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.models import recognize as recognize_module
from core.models.recognize import recognize
from core.models.recognized import Recognized
from core.models.scan import ModelCandidate, candidate_at
from invocations.services.models.choices import ModelChoices
from invocations.services.models.code_state import code_state
from invocations.services.models.index import IndexedModel, ModelIndex
from invocations.services.models.known import INDEX, RecognizedModels
from tests.core.models.headers import write_safetensors

ROW = IndexedModel("/m/fox.safetensors", "1 2 3", '{"kind": "lora"}', 5.0)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the name of each model is appended when its file is opened."""
    names: list[str] = []

    def count(candidate: ModelCandidate, **stated: str) -> Recognized:
        names.append(candidate.name)
        return recognize(candidate, **stated)

    monkeypatch.setattr(recognize_module, "recognize", count)
    return names


@pytest.fixture
def models(tmp_path: Path) -> list[ModelCandidate]:
    paths = [write_safetensors(tmp_path / "m" / f"{name}.safetensors", {name: (1,)}) for name in ("fox", "owl")]
    return [candidate_at(path) for path in paths]


def known(folder: Path) -> RecognizedModels:
    """Return the state that a new process starts with."""
    return RecognizedModels(ModelChoices(None), folder / "store")


def test_rows_that_were_written_can_be_read(tmp_path: Path) -> None:
    index = ModelIndex(tmp_path / "a" / INDEX, rules=1)
    assert index.read() == {}
    other = ROW._replace(path="/m/owl")
    index.write([ROW, other], [])
    assert index.read() == {ROW.path: ROW, other.path: other}
    index.write([ROW._replace(stamp="4")], [other.path])
    assert index.read() == {ROW.path: ROW._replace(stamp="4")}


def test_rows_written_under_other_rules_are_dropped(tmp_path: Path) -> None:
    ModelIndex(tmp_path / INDEX, rules=1).write([ROW], [])
    changed = ModelIndex(tmp_path / INDEX, rules=2)
    assert changed.read() == {}
    changed.write([ROW._replace(path="/m/owl")], [])
    assert list(changed.read()) == ["/m/owl"]


def test_a_known_file_is_not_opened_again_by_another_process(
    models: list[ModelCandidate], opened: list[str], tmp_path: Path
) -> None:
    first = known(tmp_path).recognized(models)
    assert opened == ["fox", "owl"]
    assert [(each.identity, each.size_bytes) for each in known(tmp_path).recognized(models)] == [
        (each.identity, each.size_bytes) for each in first
    ]
    assert opened == ["fox", "owl"]


def test_only_a_file_that_has_changed_is_opened_again(
    models: list[ModelCandidate], opened: list[str], tmp_path: Path
) -> None:
    one = known(tmp_path)
    one.recognized(models)
    write_safetensors(models[0].path, {"other": (7,)})
    opened.clear()
    for each in (one, known(tmp_path)):
        assert each.recognized(models)[0].identity.why == ("no rule knows its tensor `other`",)
    assert opened == ["fox"]


def test_each_file_in_the_index_costs_one_stat(
    models: list[ModelCandidate], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(tmp_path).recognized(models)
    asked: list[str] = []
    real = os.stat
    one = known(tmp_path)
    one.added(models[0].path)  # reads the index
    monkeypatch.setattr(os, "stat", lambda path, **rest: asked.append(str(path)) or real(path, **rest))
    one.recognized(models)
    assert asked == [str(each.path) for each in models]


def test_a_model_whose_file_was_removed_is_dropped_from_the_index(models: list[ModelCandidate], tmp_path: Path) -> None:
    known(tmp_path).recognized(models)
    models[0].path.unlink()
    known(tmp_path).recognized(models[1:], [tmp_path / "m"])
    assert list(ModelIndex(tmp_path / "store" / INDEX, code_state()).read()) == [str(models[1].path)]


def test_the_models_of_other_folders_stay_in_the_index(models: list[ModelCandidate], tmp_path: Path) -> None:
    known(tmp_path).recognized(models)
    known(tmp_path).recognized([], [tmp_path / "elsewhere"])
    assert known(tmp_path).added(models[0].path) is not None


def _damage(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def _not_sqlite(path: Path) -> None:
    path.write_bytes(b"hello" * 2000)


def _other_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("drop table models")
        connection.execute("create table models (a)")
        connection.commit()


def _bad_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update models set data = '{\"identity\": 3'")
        connection.commit()


@pytest.mark.parametrize("harm", [_damage, _truncate, _not_sqlite, _other_table, _bad_rows])
def test_a_damaged_index_is_rebuilt(
    harm: Callable[[Path], None], models: list[ModelCandidate], opened: list[str], tmp_path: Path
) -> None:
    first = known(tmp_path).recognized(models)
    harm(tmp_path / "store" / INDEX)
    for _ in range(2):
        assert [each.identity for each in known(tmp_path).recognized(models)] == [each.identity for each in first]
    opened.clear()
    known(tmp_path).recognized(models)
    assert opened == []


def test_a_locked_index_is_ignored(
    models: list[ModelCandidate], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invocations.services.models.index.TIMEOUT_S", 0.0)
    known(tmp_path).recognized(models[:1])
    with closing(sqlite3.connect(tmp_path / "store" / INDEX, isolation_level=None)) as other:
        other.execute("begin exclusive")
        assert len(known(tmp_path).recognized(models)) == 2


def test_an_index_that_cannot_be_written_is_ignored(models: list[ModelCandidate], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    one = RecognizedModels(ModelChoices(None), tmp_path / "file" / "store")
    assert len(one.recognized(models)) == len(one.recognized(models)) == 2


def test_a_file_whose_name_is_not_utf_8_is_recognized_each_time_and_hides_no_other(
    models: list[ModelCandidate], opened: list[str], tmp_path: Path
) -> None:
    odd = tmp_path / "m" / os.fsdecode(b"caf\xe9.safetensors")
    os.rename(write_safetensors(tmp_path / "m" / "cafe.safetensors", {"cafe": (1,)}), odd)
    every = [*models, candidate_at(odd)]
    for _ in range(2):
        assert [each.path for each in known(tmp_path).recognized(every)] == [each.path for each in every]
    assert opened == ["fox", "owl", odd.stem, odd.stem]
    process = known(tmp_path)
    process.recognized(every)
    odd.unlink()
    process.recognized(models, [tmp_path / "m"])
    assert opened == ["fox", "owl", *[odd.stem] * 3]
    assert set(ModelIndex(tmp_path / "store" / INDEX, code_state()).read()) == {str(m.path) for m in models}
