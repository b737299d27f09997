"""Models, schedulers and files in a line are checked by a callback during planning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from invocations.language.errors import Refusal
from invocations.language.source import Source
from invocations.spec import FieldSpec
from tests.workflows.planning.kitchen import CATALOG
from workflows.planning.plan_line import Objection, Plan, plan_line


class Shelf:
    """A lookup that knows one model and one file, and records every query."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, field: FieldSpec, value: Any, beside: Mapping[str, Any]) -> Objection | None:
        self.asked.append((field.completes, value))
        if value in ("default", "fox.png", "my model,v2 (final)"):
            return None
        return Objection(f"{field.completes}_missing", f"there is no {field.completes} `{value}`", "look on the shelf")


def planned(line: str, shelf: Shelf, **defaults: str) -> Plan:
    return plan_line(Source(None, line), catalog=CATALOG, defaults=defaults, check=shelf)


def test_a_missing_name_is_reported_together_with_all_other_errors() -> None:
    with pytest.raises(Refusal) as refused:
        planned("model fxo | load hare.png | add 1 x", Shelf())
    assert str(refused.value) == (
        "error: there is no model `fxo`\n"
        "  model fxo | load hare.png | add 1 x\n"
        "        ^^^\n"
        "  look on the shelf\n"
        "error: there is no file `hare.png`\n"
        "  model fxo | load hare.png | add 1 x\n"
        "                   ^^^^^^^^\n"
        "  look on the shelf\n"
        "error: `b` takes a number, not `x`\n"
        "  model fxo | load hare.png | add 1 x\n"
        "                                    ^"
    )
    assert [error.code for error in refused.value.errors] == ["model_missing", "file_missing", "bad_value"]


def test_a_default_set_by_the_user_is_also_looked_up() -> None:
    with pytest.raises(Refusal) as refused:
        planned("t2i fox", Shelf(), model="fxo")
    assert str(refused.value) == (
        "error: the default set for `model` is invalid: there is no model `fxo`\n  t2i fox\n  ^^^\n"
        "  look on the shelf\n  write `--model` in the line, or `unset model`"
    )


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        (
            "my model,v2 (final)",
            "`--model` takes one word, so a name with spaces needs quotes",
            'write --model "my model,v2 (final)"; for several names, write commas without spaces between them',
        ),
        (
            "default a fox",
            "`--model` takes one word: quote a name with spaces, or separate several names with commas",
            "the words of `prompt` are written before the options",
        ),
        ('"my model,v3 (final)"', "there is no model `my model,v3 (final)`", "look on the shelf"),
        (
            '"default, fox"',
            "there is no model `default, fox`",
            "to use several values, write default,fox without quotes",
        ),
        (
            "default, fox",
            "the values of `model` are separated by commas, without spaces",
            "write --model default,fox",
        ),
    ],
)
def test_a_name_of_a_model_with_spaces_and_commas_leads_to_one_error(written: str, message: str, hint: str) -> None:
    with pytest.raises(Refusal) as refused:
        planned(f"t2i fox --model {written}", Shelf())
    error = refused.value.errors[0]
    assert (error.message, error.hint) == (message, hint)
    names = {each.message for each in refused.value.errors[1:]}
    assert names <= {"there is no model `fox`"}  # the second of two names


def test_each_value_is_looked_up_only_once() -> None:
    shelf = Shelf()
    planned("t2i fox --model default", shelf)
    planned("t2i fox", shelf)
    planned("load fox.png | save", shelf)
    assert shelf.asked == [("model", "default"), ("file", "fox.png")]
