"""The errors of expressions, each with its whole text, its place and its hint."""

from __future__ import annotations

import pytest

from invocations.errors import ExpressionError
from invocations.expressions.expression import compile_expression
from invocations.language.errors import LanguageError, draw
from invocations.language.source import Source

QUOTES = "write strings in quotes and numbers without quotes"
REPEAT = "repeat the comparison, as in `seed == 1 or seed == 2`, or write `seed in (1, 2)`"
AFTER_IN = "a list can only follow `in`, as in `seed in (1, 2)`"
LISTS = "write a list such as `(1, 2, 3)`, or a string"
STRAIGHT = "strings are written in straight quotes: 'red' or \"red\""
FUNCTIONS = "the functions are `abs`, `ceil`, `floor`, `len`, `lower`, `max`, `min`, `round`, `sqrt`, `upper`"

MALFORMED = [
    ("", "", "the expression is empty", ""),
    ("   ", "", "the expression is empty", ""),
    ("seed = 1", "=", "`=` is not an operator", "write `==`"),
    ("seed === 1", "===", "`===` is not an operator", "write `==`"),
    ("seed := 1", ":=", "`:=` is not an operator", "write `==`"),
    ("seed !== 1", "!==", "`!==` is not an operator", "write `!=`"),
    ("seed <> 1", "<>", "`<>` is not an operator", "write `!=`"),
    ("seed => 1", "=>", "`=>` is not an operator", "write `>=`"),
    ("seed =< 1", "=<", "`=<` is not an operator", "write `<=`"),
    ("a && b", "&&", "`&&` is not an operator", "write `and`"),
    ("a || b", "||", "`||` is not an operator", "write `or`"),
    ("a | b", "|", "`|` is not an operator", "write `or`"),
    ("!a", "!", "`!` is not an operator", "write `not`"),
    ("2 ^ 3", "^", "`^` is not an operator", "write `**` for a power"),
    ("a ? b", "?", "`?` is not an operator", "write `and` or `or`"),
    ("seed is 1", "is", "an operator is missing before `is`", "write `==`"),
    (
        "seed == 1..4",
        "1..4",
        "`1..4` is a range, which an expression cannot contain",
        "write both limits: `1 <= NAME <= 4`",
    ),
    (
        "1.. < seed",
        "1..",
        "`1..` is a range, which an expression cannot contain",
        "write both limits: `1 <= NAME <= ...`",
    ),
    ("name == 'fox", "'fox", "the quote is never closed", ""),
    ('name == fox"', '"', "the quote is never closed", ""),
    ("name == “fox”", "“", "unexpected `“`", STRAIGHT),
    ("seed == $1", "$", "unexpected `$`", ""),
    ("steps[1]", "[", "unexpected `[`", ""),
    ("lambda: 1", ":", "unexpected `:`", ""),
    ("(seed).real", ".", "unexpected `.`", ""),
    ("seed steps", "steps", "an operator is missing before `steps`", ""),
    ("10 if seed", "if", "an operator is missing before `if`", ""),
    ("'a' 'b'", "'b'", "an operator is missing before `'b'`", ""),
    ("'abc'(1)", "(", "an operator is missing before `(`", ""),
    ("abs(1)(2)", "(", "an operator is missing before `(`", ""),
    ("1_000", "_000", "an operator is missing before `_000`", ""),
    ("seed <", "", "a value is missing after `<`", ""),
    ("seed < and 1", "and", "a value is missing after `<`", ""),
    ("< 1", "<", "a value is missing before `<`", ""),
    ("()", ")", "a value is missing after `(`", ""),
    ("seed in ()", ")", "a value is missing after `(`", ""),
    ("seed in (1,)", ")", "a value is missing after `,`", ""),
    ("min(1,, 2)", ",", "a value is missing after `,`", ""),
    ("(seed < 1", "(", "`(` is never closed", ""),
    ("seed in (1, 2", "(", "`(` is never closed", ""),
    ("abs(seed", "(", "`(` is never closed", ""),
    ("abs(seed steps)", "steps", "an operator is missing before `steps`", ""),
    ("seed < 1)", ")", "`)` has no `(` before it", ""),
    ("1, 2", ",", "unexpected `,`", AFTER_IN),
    ("seed == (1, 2)", ",", "unexpected `,`", AFTER_IN),
    ("seed == not 1", "not", "`not` cannot follow `==`", "write `(not ...)`"),
    ("- not tiled", "not", "`not` cannot follow `-`", "write `(not ...)`"),
    ("seed in not 1", "not", "`not` cannot follow `in`", "write `(not ...)`"),
    ("1e999", "1e999", "the number is too large", ""),
    ("1" * 500, "1" * 500, "the number is too large", ""),
]

KINDS = [
    ("seed == 1 or 2", "2", "`or` needs conditions, not a number", REPEAT),
    ("1 and seed == 1", "1", "`and` needs conditions, not a number", REPEAT),
    ("not 'a'", "'a'", "`not` needs a condition, not a string", "compare it, as in `not seed == 1`"),
    ("'a' * 3", "'a'", "`*` needs numbers, not a string", ""),
    ("1 + (seed < 2)", "(seed < 2)", "`+` needs numbers, not yes/no", ""),
    ("-'a'", "'a'", "`-` needs a number, not a string", ""),
    ("1 == '1'", "==", "`==` cannot compare a number with a string", QUOTES),
    ("'a' < 2", "<", "`<` cannot compare a string with a number", QUOTES),
    ("1 == yes", "==", "`==` cannot compare a number with yes/no", ""),
    ("1 < none", "<", "`<` cannot compare a number with none", ""),
    ("yes < no", "<", "`<` compares numbers or strings, not yes/no", ""),
    ("1 in 2", "in", "`in` cannot look for a number in a number", LISTS),
    ("seed < 1 < 'a'", "<", "`<` cannot compare a number with a string", QUOTES),
    ("abs('a')", "'a'", "`abs` needs numbers, not a string", ""),
    ("len(1)", "1", "`len` needs a string or a list, not a number", ""),
    ("lower(1)", "1", "`lower` needs a string, not a number", ""),
    ("abs()", "abs()", "`abs` takes 1 value, not 0", ""),
    ("min(1)", "min(1)", "`min` takes at least 2 values, not 1", ""),
    ("round(1, 2, 3)", "round(1, 2, 3)", "`round` takes 1 or 2 values, not 3", ""),
    ("abz(1)", "abz", "there is no function `abz`", "did you mean `abs`?"),
    ("open('x')", "open", "there is no function `open`", FUNCTIONS),
    ("seed.real(1)", "seed.real", "there is no function `seed.real`", FUNCTIONS),
]

RUN_TIME = [
    ("1 / seed", "/", "division by zero", ""),
    ("1 // seed", "//", "division by zero", ""),
    ("1 % seed", "%", "division by zero", ""),
    ("seed ** -1", "**", "division by zero", ""),
    ("9 ** 9 ** 9", "**", "the result is too large", ""),
    ("10.0 ** 200 * 10.0 ** 200", "*", "the result is too large", ""),
    ("(-8) ** .5", "**", "a negative number has no real power with the exponent 0.5", ""),
    ("sqrt(-1)", "sqrt", "a negative number has no square root", ""),
    ("round(1.5, .5)", "round", "the number of digits must be a whole number from -15 to 15, not 0.5", ""),
    ("round(1.5, 99)", "round", "the number of digits must be a whole number from -15 to 15, not 99", ""),
    ("name < 1", "<", "`<` cannot compare a string with a number", QUOTES),
    ("seed == name", "==", "`==` cannot compare a number with a string", QUOTES),
    ("seed in (1, name)", "in", "`==` cannot compare a number with a string", QUOTES),
    ("seed in name", "in", "`in` cannot look for a number in a string", LISTS),
    ("name + 1", "name", "`+` needs numbers, not a string", ""),
    ("abs(name)", "name", "`abs` needs numbers, not a string", ""),
    ("seed == 1 or name", "name", "`or` needs conditions, not a string", REPEAT),
    ("image == 1", "==", "`==` cannot compare a value of type object with a number", ""),
    ("other == 1", "other", "`other` has no value", ""),
]


def refused(text: str, values: dict[str, object]) -> tuple[str, str, str]:
    """Return the place, the message and the hint of the error that an expression raises."""
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text).value(values)
    error = raised.value
    assert 0 <= error.span.start <= error.span.end <= len(text)
    return text[error.span.start : error.span.end], error.message, error.hint


@pytest.mark.parametrize(("text", "place", "message", "hint"), MALFORMED, ids=[f"{case[0]:.30}" for case in MALFORMED])
def test_a_malformed_expression_is_refused_with_its_place(text: str, place: str, message: str, hint: str) -> None:
    assert refused(text, {}) == (place, message, hint)


@pytest.mark.parametrize(("text", "place", "message", "hint"), KINDS, ids=[case[0] for case in KINDS])
def test_values_of_the_wrong_kind_are_refused_before_anything_is_evaluated(
    text: str, place: str, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text)
    assert (raised.value.message, raised.value.hint) == (message, hint)
    assert text[raised.value.span.start : raised.value.span.end] == place


@pytest.mark.parametrize(("text", "place", "message", "hint"), RUN_TIME, ids=[case[0] for case in RUN_TIME])
def test_a_value_that_cannot_be_used_is_refused_with_its_place(text: str, place: str, message: str, hint: str) -> None:
    assert refused(text, {"seed": 0, "name": "fox", "image": object()}) == (place, message, hint)


UNKNOWN = [
    ("sed == 1", ["steps", "seed"], "there is no axis `sed`", "did you mean `seed`?"),
    ("euler == 1", ["steps", "seed"], "there is no axis `euler`",
     "known: `steps`, `seed`; a string is written in quotes: 'euler'"),
    ("abs == 1", ["seed"], "there is no axis `abs`", "`abs` is a function: write `abs(...)`"),
    ("x == 1", [], "there is no axis `x`", "no names are known; a string is written in quotes: 'x'"),
    ("x == 1", list("abcdefghi"), "there is no axis `x`",
     "known: `a`, `b`, `c`, `d`, `e`, `f`, `g`, `h`, ...; a string is written in quotes: 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "known", "message", "hint"), UNKNOWN, ids=[case[3][:20] for case in UNKNOWN])
def test_an_unknown_name_is_an_error_that_suggests_what_to_write(
    text: str, known: list[str], message: str, hint: str
) -> None:
    [error] = compile_expression(text).errors(known, "axis")
    assert (error.message, error.hint) == (message, hint)


def test_every_unknown_name_is_reported_once() -> None:
    errors = list(compile_expression("a == 1 or seed == 2 or b == a").errors({"seed"}))
    assert [error.message for error in errors] == ["there is no name `a`", "there is no name `b`"]


@pytest.mark.parametrize(
    ("text", "kind"), [("seed + 1", "a number"), ("'a'", "a string"), ("none", "none"), ("len('a')", "a number")]
)
def test_an_expression_that_is_not_a_condition_is_refused_where_a_condition_is_needed(text: str, kind: str) -> None:
    expression = compile_expression(text)
    for check in (expression.check_condition, lambda: expression.is_true({"seed": 1})):
        with pytest.raises(ExpressionError) as raised:
            check()
        assert raised.value.message == f"the expression is {kind}, but a condition is needed"
        assert raised.value.hint == "compare it, as in `steps > 20`"


def test_a_name_whose_value_is_not_a_condition_is_refused_once_the_value_is_known() -> None:
    expression = compile_expression("seed")
    expression.check_condition()
    with pytest.raises(ExpressionError, match=r"^the expression is a number, but a condition is needed$"):
        expression.is_true({"seed": 1})


LONG = [
    ("1 " + "+ 1 " * 999, "the expression is nested deeper than 100 levels"),
    ("(" * 101 + "1" + ")" * 101, "the expression is nested deeper than 100 levels"),
    ("not " * 500 + "yes", "the expression is nested deeper than 100 levels"),
    ("- " * 500 + "1", "the expression is nested deeper than 100 levels"),
    ("2 " + "** 2 " * 500, "the expression is nested deeper than 100 levels"),
    ("a in (" * 500 + "1", "the expression is nested deeper than 100 levels"),
    ("abs(" * 500 + "1", "the expression is nested deeper than 100 levels"),
    ("1 < " * 1001 + "2", "the expression has more than 2,000 words and symbols"),
]


@pytest.mark.parametrize(("text", "message"), LONG, ids=[text[:12] for text, _ in LONG])
def test_the_length_and_the_depth_of_an_expression_are_limited(text: str, message: str) -> None:
    assert refused(text, {})[1] == message


def test_an_error_in_an_expression_can_be_drawn_with_a_caret() -> None:
    text = "strength < .6 or sed = 1"
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text)
    error = raised.value
    drawn = draw(LanguageError(error.code, error.message, error.span, error.hint), Source(None, text))
    assert drawn == (
        "error: `=` is not an operator\n  strength < .6 or sed = 1\n                       ^\n  write `==`"
    )
