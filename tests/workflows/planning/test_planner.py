"""Planning a line stage by stage: unknown commands, names, results, and every error at once."""

from __future__ import annotations

from typing import Any

import pytest

REFUSALS = (
    (
        "t2i a fox | history",
        """\
error: `history` is a shell directive and cannot be part of a pipeline
  t2i a fox | history
              ^^^^^^^
  write it on a line of its own""",
    ),
    (
        "load cat.png | upscal 4",
        """\
error: there is no command `upscal`
  load cat.png | upscal 4
                 ^^^^^^
  did you mean `upscale`?""",
    ),
    (
        "xyzzy",
        """\
error: there is no command `xyzzy`
  xyzzy
  ^^^^^
  `nodes` lists the commands""",
    ),
    (
        "load {red|blue} fox",
        """\
error: there is no command `blue}`
  load {red|blue} fox
            ^^^^^
  `|` passes a result on; to write it in a prompt, quote the prompt""",
    ),
    (
        "load cat.png as cat | blur as cat",
        """\
error: two stages of this line are named `cat`
  load cat.png as cat | blur as cat
                                ^^^
  rename one of them""",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_a_stage_that_cannot_be_planned_is_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


def test_all_errors_in_a_line_are_reported_at_once(cook: Any) -> None:
    line = "t2i a fox --steps 0 --bogus 1 | upscale 9 --method best | frobnicate | add 1 two"
    assert cook.codes(line) == [
        "out_of_range",
        "unknown_option",
        "out_of_range",
        "bad_value",
        "unknown_command",
        "bad_value",
    ]


def test_an_error_in_a_script_begins_with_file_line_and_column(cook: Any) -> None:
    assert cook.refusal("add 1 two", name="poster.inv").startswith("poster.inv:1:7: error: `b` takes")


RESULTS = (
    ("add 1 2 | mul 5", ["2.value"]),
    ("add 1 2 as a | say hi", ["1.value", "2.text"]),
    ("model | prompt a fox", ["2.conditioning"]),
    ("t2i a fox | look", []),
    ("t2i a fox as a | blur | paste --over @a", ["3.image"]),
)


@pytest.mark.parametrize(("line", "results"), RESULTS)
def test_every_stage_whose_output_is_unused_is_a_result(cook: Any, line: str, results: list[str]) -> None:
    assert [f"{offer.node}.{offer.output}" for offer in cook(line).results] == results
