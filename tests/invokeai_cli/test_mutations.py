"""A sample of `make attack`: randomly changed documents of every format are read or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.documents import FORMATS, Format
from tests.attacks.mutations import attack, mutated

SAMPLE = 12


@pytest.mark.parametrize("format_", FORMATS, ids=[each.name for each in FORMATS])
def test_a_randomly_changed_document_causes_no_traceback(format_: Format, tmp_path: Path) -> None:
    assert list(attack(format_, range(SAMPLE), 1, tmp_path / "w")) == []


def test_the_attack_detects_a_traceback_and_can_reproduce_the_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import random

    from workflows.settings import resolve

    def broken(path: str) -> dict[str, object]:
        raise ZeroDivisionError

    monkeypatch.setattr(resolve, "read_file", broken)
    settings = next(each for each in FORMATS if each.name == "settings")
    first, second = (list(attack(settings, range(2), 1, tmp_path / "w")) for _ in range(2))
    assert [each.number for each in first] == [0, 1]
    assert "ZeroDivisionError" in first[0].what
    assert [str(each) for each in first] == [str(each) for each in second]
    assert mutated(b"a fox", random.Random(1)) == mutated(b"a fox", random.Random(1))
