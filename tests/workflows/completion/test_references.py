"""Completion of references to earlier results: which ones are suggested, in which order and how quickly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.long_sessions import additions
from invocations.catalog.snapshot import built_in
from invocations.language.source import Source
from invocations.sessions.session import Session
from tests.steps import steps
from tests.workflows.completion.offers import offered
from workflows.completion.context import CompletionContext
from workflows.completion.references import MAX_REFERENCES
from workflows.completion.suggest import suggest
from workflows.completion.values import MAX_RESULTS
from workflows.planning.plan_line import analyze_line, plan_line
from workflows.planning.scope import Scope

KEYS = ["mul ", "mul @", "mul @n", "mul @9", "mul @n9", "mul @n99", "blur --image @", "add 1 2 | mul --b @", "graph @"]


def with_results(context: CompletionContext, count: int, *, names: bool = False) -> CompletionContext:
    """Return a context whose session has this many earlier `add` stages."""
    session = Session("s", 0.0, built_in().get)
    session.apply(additions(count, names=names))
    return replace(context, scope=Scope.of(session))


def followed_by(context: CompletionContext, *lines: str) -> CompletionContext:
    """Return the context with these lines added to its session."""
    for line in lines:
        plan = plan_line(Source(None, line), catalog=context.catalog, scope=context.scope)
        context.scope.add(plan.stage_outputs)
    return context


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("key", KEYS)
def test_the_time_to_complete_a_reference_does_not_grow_with_the_number_of_results(
    key: str, names: bool, context: CompletionContext
) -> None:
    few, many = (with_results(context, count, names=names) for count in (1000, 8000))
    for context in (few, many):
        suggest(key, len(key), context)  # the first completion builds the index of names and types
    assert steps(lambda: suggest(key, len(key), many)) <= 2 * steps(lambda: suggest(key, len(key), few))


def test_a_mistyped_name_is_compared_with_the_latest_names_only(context: CompletionContext) -> None:
    def checked(count: int) -> int:
        scope = with_results(context, count, names=True).scope
        line = Source(None, "mul @x9999 2")
        return steps(lambda: analyze_line(line, catalog=context.catalog, scope=scope))

    assert checked(6000) <= 1.1 * checked(1500)


@pytest.mark.parametrize(("key", "most"), [("mul @", MAX_REFERENCES), ("mul ", MAX_RESULTS), ("mul @12", 100)])
def test_only_suggested_results_are_described(key: str, most: int, context: CompletionContext) -> None:
    described: list[str] = []

    def result(node: str, output: str) -> str:
        described.append(node)
        return ""

    known = replace(with_results(context, 2000), results=result)
    shown = [each for each in suggest(key, len(key), known) if each.text.startswith("@")]
    assert len(described) == len(shown) <= most


def test_the_latest_results_come_first(context: CompletionContext) -> None:
    long = with_results(context, 3000)
    assert offered("mul @^", long)[:3] == ["@3000", "@2999", "@2998"]
    assert offered("mul ^", long)[:2] == ["@3000", "@2999"]
    assert offered("mul @^", long)[-1] == f"@{3001 - MAX_REFERENCES}"


def test_a_result_that_fits_the_input_comes_first_even_if_it_is_old(context: CompletionContext) -> None:
    lines = ["add 1 2", "t2i --as fox a fox", *["add 1 2"] * 300]
    long = followed_by(replace(context, scope=Scope()), *lines)
    assert offered("blur --image @^", long)[:3] == ["@fox", "@2", "@302"]
    assert offered("blur --image @2^", long)[:2] == ["@2", "@299"]
    assert offered("blur --image ^", long)[:2] == ["@fox", "@2"]


def test_typed_digits_match_every_stage_number_that_begins_with_them(context: CompletionContext) -> None:
    long = with_results(context, 3000)
    assert offered("mul @29^", long)[:3] == ["@2999", "@2998", "@2997"]
    assert offered("mul @123^", long) == [*[f"@{number}" for number in range(1239, 1229, -1)], "@123"]
    assert offered("mul @3001^", long) == []
    assert offered("mul @0^", long) == []
    assert offered(f"mul @{'9' * 5000}^", long) == []


def test_a_name_among_thousands_is_found_by_its_prefix_and_a_recent_one_by_scattered_letters(
    context: CompletionContext,
) -> None:
    long = followed_by(with_results(context, 3000, names=True), "t2i a fox | blur 2 as NightFox", "add 1 2")
    assert offered("show @night^", long) == ["@NightFox"]
    assert offered("show @Nfx^", long) == ["@NightFox"]
    assert offered("mul @n299^", long)[:2] == ["@n2999", "@n2998"]
    assert offered("mul @n123^", long)[10] == "@n123"


def test_a_name_shared_by_several_stages_refers_to_the_latest(context: CompletionContext) -> None:
    known = followed_by(replace(context, scope=Scope()), "add 1 2 as sum", "add 3 4 as sum", "t2i --as a a fox")
    assert offered("mul @^", known) == ["@sum", "@2", "@1", "@a", "@3"]
    assert offered("blur 2 | mul 2 as sum | mul @^", known)[:3] == ["@sum", "@5", "@2"]
    assert offered("mul @sum.^", known) == ["@sum.value"]
