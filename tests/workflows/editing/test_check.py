"""A text checked for an editor: its pieces, its errors and its plan, with their places."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows.completion.checker import MAX_REMEMBERED, LineChecker
from workflows.completion.word_kinds import KINDS
from workflows.decompile.flatten import ExposedInputs
from workflows.editing.check import check_text
from workflows.workspace import Workspace

from .conftest import Check


def cut(text: str, span: list[int]) -> str:
    return text[span[0] : span[1]]


PIECES = [
    ("t2i a fox --steps 20", "command:t2i word:a word:fox option:--steps number:20"),
    ("t2i 'a b' --steps 8,x", "command:t2i quoted:'a b' option:--steps number:8 word:,x"),
    ("sweep seed=1..4 | t2i fox", "command:sweep option:seed equals:= number:1..4 bar:| command:t2i word:fox"),
    ("set steps 3", "directive:set word:steps number:3"),
    ("add 1 2 as x # y", "command:add number:1 number:2 word:as word:x comment:# y"),
    ("add 1 | mul @1", "command:add number:1 bar:| command:mul reference:@1"),
    ('t2i "a', 'command:t2i unclosed:"a'),
    ("add 1 \\\n 2", "command:add number:1 continuation:\\\n number:2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "pieces"), PIECES)
def test_each_piece_of_a_text_has_a_kind(check: Check, text: str, pieces: str) -> None:
    tokens = check(text)["tokens"]
    assert " ".join(f"{each['kind']}:{cut(text, each['span'])}" for each in tokens) == pieces
    assert {each["kind"] for each in tokens} <= set(KINDS)


@pytest.mark.parametrize("text", [text for text, _ in PIECES])
def test_pieces_are_in_order_and_do_not_overlap(check: Check, text: str) -> None:
    places = [place for each in check(text)["tokens"] for place in each["span"]]
    assert places == sorted(places)


def test_an_error_has_code_message_hint_and_place(check: Check) -> None:
    text = "t2i a fox --stesp 20 | blur 2"
    (error,) = check(text)["errors"]
    assert (error["code"], cut(text, error["span"]), error["pending"]) == ("unknown_option", "--stesp", False)
    assert error["hint"] == "did you mean `--steps`? (int, 1 to 1000, default from the model)"
    assert error["message"] == "`t2i` has no input `stesp`"


PENDING = [
    ("t2i a fox --ste", None, True),
    ("t2i a fox --ste ", None, False),
    ("t2i a fox --ste | blur 2", None, False),
    ("t2i a fox --ste", 0, False),
    ("add 1", None, True),
    ("t2i a fox | ", None, True),
]


@pytest.mark.parametrize(("text", "cursor", "pending"), PENDING)
def test_an_error_that_more_typing_may_fix_is_pending(
    check: Check, text: str, cursor: int | None, pending: bool
) -> None:
    assert [each["pending"] for each in check(text, cursor)["errors"]] == [pending]


def test_without_a_cursor_only_missing_words_are_pending(checker: LineChecker) -> None:
    exposed = ExposedInputs(checker.workspace.catalog)
    found = [check_text(checker, text, None, exposed)["errors"][0]["pending"] for text in ("t2i x --ste", "add 1")]
    assert found == [False, True]


@pytest.mark.parametrize(
    ("text", "unfinished"), [("add 1 2", False), ('t2i "a', True), ("add 1 2 |", True), ("", False)]
)
def test_a_text_that_may_continue_on_the_next_line_is_unfinished(check: Check, text: str, unfinished: bool) -> None:
    assert check(text)["unfinished"] is unfinished


def test_a_plan_has_the_places_of_what_is_written(check: Check) -> None:
    text = "t2i a fox --steps 20 as fox | blur 2 | blend @fox"
    plan = check(text)["plan"]
    assert plan["format"] == "plan/1"
    assert [cut(text, each["span"]) for each in plan["stages"]] == [
        "t2i a fox --steps 20 as fox",
        "blur 2",
        "blend @fox",
    ]
    written = {each["input"]: cut(text, each["span"]) for each in plan["values"] if each["origin"] == "written"}
    assert written == {"text": "a fox", "steps": "20", "radius": "2"}
    (link,) = [each for each in plan["edges"] if each["input"] == "other"]
    assert cut(text, link["span"]) == "@fox"


def test_a_seed_that_will_be_drawn_is_not_told(check: Check) -> None:
    seeds = [each["value"] for each in check("t2i a fox")["plan"]["values"] if each["input"] == "seed"]
    assert seeds == [None]


def test_a_line_with_errors_has_forms_but_no_plan(check: Check) -> None:
    found = check("t2i a fox --steps 5000")
    assert found["plan"] is None
    assert [each["command"] for each in found["forms"]] == ["t2i"]


def test_places_are_counted_from_the_start_of_the_text(check: Check) -> None:
    text = "add 1 2\nmul 3 4"
    (form,) = check(text)["forms"]
    assert (form["command"], form["span"]) == ("mul", [8, 15])
    (form,) = check(text, 3)["forms"]
    assert (form["command"], form["span"]) == ("add", [0, 7])


def test_places_are_counted_in_characters_not_bytes(check: Check) -> None:
    text = "t2i 🦊 ä --steps 20"
    steps = next(each for each in check(text)["forms"][0]["inputs"] if each["name"] == "steps")
    assert cut(text, steps["span"]) == "20"


def test_a_plan_after_earlier_lines_refers_to_their_stages(workspace: Workspace, check: Check) -> None:
    workspace.run("add 1 2")
    found = check("mul @1 4")
    assert [each["stage"] for each in found["forms"]] == [2]
    assert found["plan"]["edges"][0]["source"] == "1"


HOSTILE = ["\0", "\u202e", "|" * 300, "@" * 300, "-" * 300, "'", '"\\', "a" * 5000, "t2i " + "x | " * 100, "\n" * 100]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_checked(check: Check, text: str) -> None:
    found: dict[str, Any] = check(text)
    assert json.loads(json.dumps(found)) == found
    assert all(0 <= each["span"][0] <= each["span"][1] <= len(text) for each in found["tokens"])


def test_the_diagnoses_of_few_lines_are_remembered(checker: LineChecker) -> None:
    for number in range(3 * MAX_REMEMBERED):
        checker.check(f"add 1 {number}")
    assert len(checker._remembered) <= MAX_REMEMBERED
