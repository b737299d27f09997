"""A value that a template does not use is refused: after a `|`, positional words may have filled the wrong inputs."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.errors import Refusal
from invocations.language.source import Source
from invocations.placeholders import names_in
from workflows.planning.plan_line import plan_line

CATALOG = open_registry()
LOOPS = "list 1 2 | iterate as c | list 3 4 | iterate as o"


def plan(line: str) -> Any:
    return plan_line(Source(None, line), catalog=CATALOG)


def test_words_that_fill_the_wrong_inputs_after_a_pipe_symbol_are_refused() -> None:
    line = f"{LOOPS} | format 'a {{a}} {{b}}' @c @o"
    with pytest.raises(Refusal) as caught:
        plan(line)
    at = line.index("@o")
    assert str(caught.value) == (
        "error: `format` has a value for `c`, but its template has no {c}\n"
        f"  {line}\n"
        f"  {' ' * at}^^\n"
        "  `a` is piped in, and bare words fill the inputs after it; to fill others: --a VALUE, --b VALUE"
    )


@pytest.mark.parametrize(
    "line",
    [
        f"{LOOPS} | format 'a {{a}} {{b}}' --a @c --b @o",
        f"{LOOPS} | format 'a {{a}} {{b}}' @c",
        f"{LOOPS} | format 'a {{a}} {{b}} {{c}}' @c @o",
        f"{LOOPS} | format 'a {{}} {{}} {{}}' @c @o",
        f"{LOOPS} | format '{{b}}' @c",
        "format '{a} {b}' 1 2",
        "format '{} {}' 1 2",
        "format '{b:.2f} {a}' 1 2",
        "add 1 2 | format '{a:03} apples'",
    ],
)
def test_a_template_that_uses_every_written_value_is_valid(line: str) -> None:
    assert plan(line).stages


@pytest.mark.parametrize("line", ["format '{a}' 1 2", "format 'hello' 1", "format '{{a}}' 1", "format '{} {a}' 1 2"])
def test_a_value_without_a_placeholder_is_refused(line: str) -> None:
    with pytest.raises(Refusal) as caught:
        plan(line)
    assert [error.code for error in caught.value.errors] == ["unused_value"]


def test_the_names_of_the_inputs_that_a_template_uses_are_found() -> None:
    assert names_in("{a} {{b}} {c:.2f} {} {x.y}", "abcd") == {"a", "c"}
    assert names_in("{} {}", "abcd") == {"a", "b"}
