"""A `|` means that a later stage uses the result; a line is refused if no later stage does."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.planning.plan_line import plan_line


def test_a_piped_result_that_no_later_stage_uses_is_refused(cook: Any) -> None:
    assert cook.refusal("load x.png | t2i a house") == (
        "error: the result of `load` (image) is unused: `t2i` does not accept it\n"
        "  load x.png | t2i a house\n"
        "  ^^^^^^^^^^\n"
        "  write the commands on separate lines, or name the result with `--as NAME` to use it later"
    )


@pytest.mark.parametrize(
    "line",
    [
        "add 1 2 | t2i a house | blur 2",
        "load x.png | collect | collect | grid",
        "load x.png | t2i a house | blur --image @2 --no-link",
        "load x.png | t2i 'a house, --no-link'",
        "range 1 4 | mul 3 10",
        "add 1 2 | mul --a 7 5",
        "say hello | add 1 2",
    ],
)
def test_a_piped_value_or_image_that_no_later_stage_uses_is_refused_whatever_its_type(cook: Any, line: str) -> None:
    assert cook.codes(line) == ["unused_result"]


@pytest.mark.parametrize(
    "line",
    [
        "load x.png",
        "load x.png as x | t2i a house",
        "load x.png as x | t2i a house | paste --over @x",
        "load x.png | t2i a house | paste --over @1",
        "load x.png | save y.png | t2i a house",
        "load x.png | t2i a house --no-link",
        "model default | prompt fox | noise",
        "add 1 2 | mul 5",
    ],
)
def test_a_result_that_is_named_saved_or_used_later_is_not_refused(cook: Any, line: str) -> None:
    assert cook(line).stages


def test_an_unused_result_is_not_reported_if_the_line_has_other_errors(cook: Any) -> None:
    assert cook.codes("load x.png | t2i a house --sed 7") == ["unknown_option"]


def test_results_that_a_continued_line_may_use_are_not_refused(cook: Any, links: Any) -> None:
    cook("model default | prompt fox | noise")
    assert cook("| denoise | decode").stages


def test_an_unfinished_line_is_accepted_because_later_stages_may_use_the_results(cook: Any) -> None:
    from invocations.language.source import Source

    assert plan_line(Source(None, "load x.png | t2i a house"), catalog=cook.catalog, is_part=True).stages
