"""The values of expressions, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.expressions.expression import compile_expression
from invocations.language.source import Span

VALUES = {
    "seed": 1,
    "strength": 0.5,
    "i2i.strength": 0.7,
    "name": "fox",
    "tiled": True,
    "mask": None,
    "class": 3,
    "é": 4,
}

CONDITIONS = [
    ("strength < .6 or seed == 2", True),
    ("strength < .6 and seed == 2", False),
    ("i2i.strength > strength", True),
    ("1 <= seed <= 4", True),
    ("0 < seed < 1", False),
    ("seed == 1 != 2", True),
    ("not seed == 2", True),
    ("not (seed == 1) or seed == 1", True),
    ("seed in (1, 2, 3)", True),
    ("seed not in (1, 2, 3)", False),
    ("seed + 1 in (seed, 2)", True),
    ("not seed in (1, 2)", False),
    ("'o' in name", True),
    ('"o" in (name)', True),
    ("name not in 'a fox'", False),
    ("name == 'fox'", True),
    ('name == "FOX"', False),
    ("lower('FOX') == name and upper(name) == 'FOX'", True),
    ("name < 'gnu'", True),
    ("tiled", True),
    ("not tiled", False),
    ("tiled == yes", True),
    ("tiled != no and tiled == true", True),
    ("mask == none", True),
    ("seed != None", True),
    ("mask in (none, 1)", True),
    ("class == 3 and é == 4", True),
    ("'and' == 'or' or 'a' != \"it's\"", True),
]

NUMBERS = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("2 ** 3 ** 2", 512),
    ("-2 ** 2", -4),
    ("2 ** -1", 0.5),
    ("-seed - -2", 1),
    ("10 - 3 - 2", 5),
    ("6 / 3", 2),
    ("7 / 2", 3.5),
    ("7 // 2", 3),
    ("-7 // 2", -4),
    ("7 % 3", 1),
    ("-7 % 3", 2),
    ("1.5 + .5", 2.0),
    ("2e3 + 1.", 2001.0),
    ("007", 7),
    ("abs(-3) + abs(2)", 5),
    ("min(3, 1, 2) + max(1, 2)", 3),
    ("round(2.5) + round(3.5)", 6),
    ("round(2.567, 1)", 2.6),
    ("round(1234, -2)", 1200),
    ("floor(-1.5) + ceil(1.2)", 0),
    ("floor(2) * ceil(3)", 6),
    ("sqrt(16)", 4.0),
    ("len(name) + len('')", 3),
]


@pytest.mark.parametrize(("text", "expected"), CONDITIONS, ids=[text for text, _ in CONDITIONS])
def test_a_condition_is_true_or_false(text: str, expected: bool) -> None:
    expression = compile_expression(text)
    expression.check_condition()
    assert expression.is_true(VALUES) is expected


@pytest.mark.parametrize(("text", "expected"), NUMBERS, ids=[text for text, _ in NUMBERS])
def test_numbers_are_computed_and_integers_stay_integers(text: str, expected: Any) -> None:
    found = compile_expression(text).value(VALUES)
    assert found == expected
    assert type(found) is type(expected)


def test_the_names_in_an_expression_are_listed_with_the_place_of_their_first_use() -> None:
    names = compile_expression("i2i.strength < .6 or seed == 1 and i2i.strength == abs(seed)").names
    assert names == {"i2i.strength": Span(0, 12), "seed": Span(21, 25)}


def test_the_second_condition_is_only_evaluated_if_it_matters() -> None:
    assert compile_expression("seed == 1 or 1 / (seed - 1) > 2").is_true({"seed": 1}) is True
    assert compile_expression("seed != 1 and 1 / (seed - 1) > 2").is_true({"seed": 1}) is False


def test_the_middle_value_of_a_chained_comparison_is_computed_once() -> None:
    class Counting(dict[str, Any]):
        count = 0

        def __getitem__(self, name: str) -> Any:
            self.count += 1
            return super().__getitem__(name)

    values = Counting(seed=3)
    assert compile_expression("1 < seed < 5").is_true(values)
    assert values.count == 1


def test_spaces_and_newlines_between_words_have_no_meaning() -> None:
    assert compile_expression(" seed\n\t==  1 ").is_true({"seed": 1})
    assert compile_expression("seed==1or seed==2").is_true({"seed": 2})


def test_a_list_of_many_items_and_a_long_chain_of_conditions_are_evaluated() -> None:
    numbers = ", ".join(map(str, range(500)))
    chain = " or ".join(f"seed == {number}" for number in range(300))
    assert compile_expression(f"seed in ({numbers})").is_true({"seed": 499})
    assert compile_expression(chain).is_true({"seed": 299})
