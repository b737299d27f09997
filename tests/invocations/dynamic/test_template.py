"""Templates beyond the documented forms: counts, random draws, symbols that are text, and errors."""

from __future__ import annotations

import itertools

import pytest

from invocations.dynamic.errors import DynamicError
from invocations.dynamic.template import PromptTemplate, parse_template
from invocations.dynamic.wildcards import Wildcards

NONE = Wildcards()
TEN = "{" + "|".join("abcdefghij") + "}"
DRAWN = [
    "a blue owl,fox in snow",
    "a blue fox,owl in snow",
    "a red fox,cat in snow",
    "a red cat,hen in snow",
]
SYMBOL_HINT = r"write `\{`, `\$` or `\%` for a symbol that is text"


def prompts(text: str) -> list[str]:
    return list(parse_template(text).all(NONE))


def error_of(text: str, wildcards: Wildcards = NONE) -> DynamicError:
    with pytest.raises(DynamicError) as caught:
        parse_template(text).count(wildcards)
    return caught.value


def test_a_billion_prompts_are_counted_without_making_any(monkeypatch: pytest.MonkeyPatch) -> None:
    template = parse_template(" ".join([TEN] * 9))
    monkeypatch.setattr(PromptTemplate, "_prompt", None)
    assert template.count(NONE) == 10**9


def test_the_first_of_a_billion_prompts_are_made_without_the_rest() -> None:
    template = parse_template(" ".join([TEN] * 9))
    assert list(itertools.islice(template.all(NONE), 2)) == ["a a a a a a a a a", "a a a a a a a a b"]


@pytest.mark.parametrize(
    "text",
    [
        "{3$$a|b|c|d|e}",
        "{2-3$${a|b}|c|{d|e|f}|g}",
        "{0-2$$a|{b|c}} {d|e}",
        "{a|{b|{c|d}}} ${v=!{x|y}}${v}",
        "{2$$a|a|b}",
    ],
)
def test_the_count_of_a_template_equals_the_number_of_its_prompts(text: str) -> None:
    found = prompts(text)
    assert parse_template(text).count(NONE) == len(found) == len(set(found))


def test_choices_of_several_among_many_alternatives_are_counted_by_a_formula() -> None:
    words = "|".join(f"w{index}" for index in range(1000))
    assert parse_template(f"{{3$${words}}}").count(NONE) == 1000 * 999 * 998


def test_a_count_too_large_to_print_is_an_error_but_prompts_can_be_drawn() -> None:
    template = parse_template(" ".join([TEN] * 101))
    with pytest.raises(DynamicError, match=r"the template has more than 10\*\*100 prompts; draw some of them instead"):
        template.count(NONE)
    assert len(template.draw(NONE, 3, 7)) == 3


def test_equal_alternatives_count_once_even_in_nested_groups() -> None:
    assert prompts("{a|b|a|{b|c}}") == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["a fox,  (red:1.2)", "", " a\n b ", "50% of $5", "a | b", "C# and #1", "snake__case"])
def test_a_text_without_dynamic_parts_is_returned_unchanged(text: str) -> None:
    template = parse_template(text)
    assert not template.is_dynamic
    assert list(template.all(NONE)) == template.draw(NONE, 1, 0) == [text]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        (r"\{a\|b\} \__c__", "{a|b} __c__"),
        (r"a \# b", "a # b"),
        (r"\${a}", "${a}"),
        (r"\(a\) {b}", r"\(a\) b"),
        ("costs $5 {b}", "costs $5 b"),
        ("a } b {c}", "a } b c"),
        ("a # the rest is a comment\n b", "a b"),
    ],
)
def test_a_symbol_after_a_backslash_or_without_a_meaning_is_text(text: str, prompt: str) -> None:
    assert prompts(text) == [prompt]


def test_draws_are_the_same_on_every_machine() -> None:
    template = parse_template("a {red|green|blue} {2$$fox|hen|owl|cat} in {3::snow|rain}")
    assert template.draw(NONE, 4, 7) == DRAWN


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    template = parse_template(f"{TEN} {TEN}")
    assert template.draw(NONE, 50, 3)[:20] == template.draw(NONE, 20, 3)
    assert template.draw(NONE, 50, 3) != template.draw(NONE, 50, 4)


def test_weights_decide_how_often_an_alternative_is_drawn() -> None:
    drawn = parse_template("{3::a|b|0::c}").draw(NONE, 4_000, 1)
    assert drawn.count("a") == pytest.approx(3_000, abs=120)
    assert drawn.count("c") == 0


def test_a_random_group_depends_on_the_seed_even_if_all_prompts_are_made() -> None:
    template = parse_template(f"{{a|b}} {{~{TEN}{TEN}}}")
    assert template.count(NONE) == 2
    assert list(template.all(NONE, 1)) == list(template.all(NONE, 1)) != list(template.all(NONE, 2))


def test_a_variable_chosen_once_has_one_value_in_a_random_prompt() -> None:
    for prompt in parse_template(f"${{v=!{TEN}}} ${{v}} ${{v}}").draw(NONE, 30, 2):
        assert len(set(prompt.split())) == 1


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a {red|blue house", "character 3: a group has no `}`", (2, 3)),
        ("a {red|{blue} house", "character 3: a group has no `}`", (2, 3)),
        ("a ${v=x", "character 3: a variable has no `}`", (2, 4)),
        ("a ${5} b", "character 3: `${` does not begin a variable", (2, 4)),
        ("a {x$$a|b}", "character 3: before `$$`, write how many alternatives to choose", (2, 6)),
        ("%{a {b|c}}", "character 1: a wrap is `%{text ... $$ inner text}`", (0, 10)),
        ("{" * 33, "character 33: braces can be nested at most 32 deep", (32, 33)),
    ],
)
def test_a_syntax_error_names_its_place(text: str, message: str, place: tuple[int, int]) -> None:
    error = error_of(text)
    hint = f"add a `}}`, or {SYMBOL_HINT}" if "has no `}`" in message else SYMBOL_HINT
    assert (error.message, (error.start, error.end), error.hint) == (message, place, hint)


def test_the_length_of_a_template_is_limited() -> None:
    assert error_of("a" * 100_001).message == "a template can have at most 100,000 characters"


def test_a_variable_without_a_value_is_an_error_with_its_place() -> None:
    error = error_of("a {b|${colour}} fox")
    assert error.message == "the variable `colour` is not set"
    assert error.hint == "set it with ${colour=value}, or write ${colour:default}"
    assert (error.start, error.end) == (5, 14)


def test_variables_that_contain_each_other_are_an_error() -> None:
    assert error_of("${a=x ${b}}${b=y ${a}}${a}").message == "the value of the variable `a` contains the variable"


@pytest.mark.parametrize(("text", "count"), [("{|}", 1), ("{a||}", 2), ("a {b|} {c|}", 4), ("{2$$a||}", 2)])
def test_equal_empty_alternatives_count_once(text: str, count: int) -> None:
    assert len(list(parse_template(text).all(Wildcards()))) == parse_template(text).count(Wildcards()) == count


@pytest.mark.parametrize(
    ("text", "is_random"),
    [("{a|b}", False), ("{~a|b}", True), ("{ ~a|b}", True), ("{a|{~b|c}}", True), ("{@a|b} ~", False), ("a", False)],
)
def test_a_template_is_random_if_one_of_its_groups_begins_with_a_tilde(text: str, is_random: bool) -> None:
    assert parse_template(text).is_random(Wildcards()) == is_random
