"""The kind and family that the user states for a model are remembered across processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.services.errors import SaveFailed
from invocations.services.models.choices import NONE, ModelChoices


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


def test_a_stated_kind_that_cannot_be_stored_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveFailed):
        ModelChoices(tmp_path / "file" / "choices.json").state(tmp_path / "a", "lora", "")


def test_without_a_file_a_stated_kind_is_remembered_until_the_process_ends(tmp_path: Path) -> None:
    choices = ModelChoices(None)
    choices.state(tmp_path / "a", "lora", "sd1")
    assert choices.of(tmp_path / "a") == ("lora", "sd1")
