"""Changes of the stages of a line: only the words that are concerned change, and each link is the wanted one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.language.errors import Refusal
from workflows.editing.edit import edit_line
from workflows.editing.edits import (
    AddStage,
    Edit,
    Inexpressible,
    LinkInput,
    MoveStage,
    NameStage,
    RemoveStage,
    UnlinkInput,
)
from workflows.problems import Refused
from workflows.workspace import Workspace

MODEL = "model default | prompt a fox | noise | denoise | decode"
SECOND_MODEL = "model default as model | prompt a fox | noise | model | denoise --model @model | decode --model @model"
FLIPPED = "load cat.png as f | flip as flip"
CHANGES: list[tuple[str, Edit, str]] = [
    ("t2i a fox | blur 2 | blend @1", NameStage(1, "fox"), "t2i --as fox a fox | blur 2 | blend @1"),
    ("add 1 2 | mul 3", NameStage(1, "sum"), "add 1 2 as sum | mul 3"),
    ("add 1 -- -2 | mul 3", NameStage(1, "sum"), "add --as sum 1 -- -2 | mul 3"),
    ("add 1 2 as x | sub --b @x", NameStage(1, "sum"), "add 1 2 as sum | sub --b @sum"),
    ("t2i --as fox a fox | blur 2", NameStage(1, ""), "t2i a fox | blur 2"),
    ("t2i --as=fox a fox | blur 2", NameStage(1, ""), "t2i a fox | blur 2"),
    ("add 1 2 as sum | mul 3", NameStage(1, ""), "add 1 2 | mul 3"),
    ("t2i a fox | blur 2 | blend", LinkInput(3, "other", 1), "t2i a fox | blur 2 | blend"),
    ("add 1 2 | mul 3 | sub 4", LinkInput(3, "b", 1), "add 1 2 as add | mul 3 | sub --b @add"),
    ("add 1 2 as x | mul 3 | sub --b=4", LinkInput(3, "b", 1), "add 1 2 as x | mul 3 | sub --b @x"),
    ("t2i a | blur 2 | scale 2", LinkInput(3, "image", 1), "t2i --as t2i a | blur 2 as blur | scale 2 --image @t2i"),
    ("t2i a fox | blur 2 | scale 2", UnlinkInput(3, "image"), "t2i a fox | blur 2 | scale 2 --no-link"),
    ("add 1 2 as x | mul --b @x", UnlinkInput(2, "b"), "add 1 2 as x | mul"),
    ("add 1 2 as x | mul --link x value b", UnlinkInput(2, "b"), "add 1 2 as x | mul"),
    ("load cat.png as f | flip | blend @f", UnlinkInput(3, "other"), f"{FLIPPED} | blend --no-link --image @flip"),
    ("t2i a fox | blur 2", AddStage("scale", 1, {"factor": "2"}), "t2i a fox | scale 2 | blur 2"),
    ("t2i a fox | blur 2", AddStage("scale", 2, {"factor": "2"}), "t2i a fox | blur 2 | scale 2"),
    ("t2i a fox # why", AddStage("blur", 1), "t2i a fox | blur # why"),
    ("blur 2", AddStage("load", 0, {"source": "cat.png"}), "load cat.png | blur 2"),
    ("", AddStage("t2i", 0, {"prompt": "a | b, --c", "tiled": "yes"}), 't2i "a | b, --c" --tiled'),
    (MODEL, AddStage("model", 3), SECOND_MODEL),
    ("t2i a as f | blur 2 | blend @f", RemoveStage(1), "blur 2 | blend"),
    ("t2i a as f | blur 2 | blend @f", RemoveStage(2), "t2i a as f | blend @f"),
    ("t2i a as f | blur 2 | blend @f", RemoveStage(3), "t2i a as f | blur 2"),
    ("t2i a fox", RemoveStage(1), ""),
    ("t2i a fox | blur 2 | scale 2 # note", MoveStage(3, 1), "t2i a fox | scale 2 | blur 2 # note"),
    ("t2i a as f | blur 2 | blend @f | scale 2", MoveStage(2, 3), "t2i a as f | blend @f | blur 2 | scale 2"),
    (MODEL, MoveStage(2, 3), "model default | noise | prompt a fox | denoise | decode"),
    ("t2i 'a | b' \\\n | blur 2", NameStage(2, "z"), "t2i 'a | b' \\\n | blur 2 as z"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "edit", "expected"), CHANGES, ids=range(len(CHANGES)))
def test_a_change_leaves_all_other_words_alone(
    workspace: Workspace, cat: Path, text: str, edit: Edit, expected: str
) -> None:
    assert edit_line(workspace, text, [edit]) == expected


def test_changes_are_made_one_after_the_other(workspace: Workspace) -> None:
    edits = [AddStage("blur", 1, {"radius": "2"}), AddStage("blend", 2), LinkInput(3, "other", 1), NameStage(2, "soft")]
    assert edit_line(workspace, "t2i a fox", edits) == "t2i a fox | blur 2 as soft | blend"


def test_a_result_of_an_earlier_line_is_linked_by_its_name_or_number(workspace: Workspace) -> None:
    workspace.run("add 1 2 as n")
    workspace.run("add 3 4")
    assert edit_line(workspace, "mul 5 6", [LinkInput(3, "b", 1)]) == "mul 5 --b @n"
    assert edit_line(workspace, "mul 5 6", [LinkInput(3, "b", 2)]) == "mul 5 --b @2"


MISFIT = "`@1.image` produces an image, but `radius` of `blur` takes a float"
REFUSED: list[tuple[str, Edit, str, str]] = [
    ("add 1 2", NameStage(7, "x"), "unknown_stage", "the line has no stage 7"),
    ("add 1 2", NameStage(1, "a b"), "bad_name", "`a b` is not a valid name"),
    ("add 1 2 as x | mul 3", NameStage(2, "x"), "duplicate_name", "stage 1 is named `x` already"),
    ("t2i a | blur 2", LinkInput(2, "iamge", 1), "unknown_option", "`blur` has no input `iamge`"),
    ("t2i a | blur 2", LinkInput(2, "image", 1, "picture"), "unknown_output", "`t2i` has no output `picture`"),
    ("t2i a | nosuch 2", LinkInput(2, "image", 1), "unknown_command", "stage 2 has an unknown command"),
    ("nosuch | blur 2", LinkInput(2, "image", 1), "no_output", "`nosuch` has no output"),
    ("t2i a | blur 2", LinkInput(2, "radius", 1), "type_mismatch", MISFIT),
    ("add 1 2", UnlinkInput(1, "a"), "not_linked", "nothing is linked to `a` of stage 1"),
    ("add 1 2", AddStage("blurr", 1), "unknown_command", "there is no command `blurr`"),
    ("t2i a", AddStage("blur", 1, {"size": "2"}), "unknown_option", "`blur` has no input `size`"),
    ("t2i a", AddStage("blur", 1, {"radius": "x"}), "bad_value", "`radius` takes a number, not `x`"),
    ("add 1 2", MoveStage(1, 1), "bad_value", "stage 1 cannot be moved after itself"),
    ("add 1 2", MoveStage(1, 5), "unknown_stage", "the line has no stage 5"),
    ("add 1 2", RemoveStage(0), "unknown_stage", "the line has no stage 0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "edit", "code", "message"), REFUSED, ids=range(len(REFUSED)))
def test_a_change_that_makes_no_sense_is_refused(
    workspace: Workspace, text: str, edit: Edit, code: str, message: str
) -> None:
    with pytest.raises(Refused) as refused:
        edit_line(workspace, text, [edit])
    assert (refused.value.code, refused.value.message) == (code, message)


AFTER = "stage 2 cannot use a result of stage 3, which is not before it"
LATER = "stage 3 would use a result of stage 1, which comes after it"
NOT_EXPRESSIBLE: list[tuple[str, Edit, str]] = [
    ("t2i a | blur 2 | scale", LinkInput(2, "image", 3), AFTER),
    ("t2i a as f | blur 2 | blend @f", NameStage(1, ""), "a later stage refers to `@f`"),
    ("t2i a as f | blur 2 | blend @f | scale 2", MoveStage(1, 4), LATER),
]  # fmt: skip


@pytest.mark.parametrize(("text", "edit", "message"), NOT_EXPRESSIBLE, ids=range(len(NOT_EXPRESSIBLE)))
def test_a_change_that_no_line_expresses_says_why(workspace: Workspace, text: str, edit: Edit, message: str) -> None:
    with pytest.raises(Inexpressible) as refused:
        edit_line(workspace, text, [edit])
    assert (refused.value.code, refused.value.message) == ("not_expressible", message)


@pytest.mark.parametrize(("text", "code"), [("add 1 2\nadd 3 4", "several_lines"), ('t2i "a', "unclosed_quote")])
def test_only_one_complete_line_can_be_changed(workspace: Workspace, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        edit_line(workspace, text, [NameStage(1, "x")])
    assert [error.code for error in refusal.value.errors] == [code]


STAGES = ("blur 2", "scale 2", "blur 3 as soft", "flip", "scale --factor=3")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(STAGES), min_size=1, max_size=4, unique=True), st.data())
def test_a_stage_that_is_added_and_removed_leaves_the_line_as_it_was(stages: list[str], data: st.DataObject) -> None:
    with Workspace.open(services=None) as workspace:
        text = " | ".join(["t2i a fox --seed 7", *stages])
        after = data.draw(st.integers(1, len(stages) + 1))
        added = edit_line(workspace, text, [AddStage("invert", after)])
        assert added != text
        assert edit_line(workspace, added, [RemoveStage(after + 1)]) == text
        moved = edit_line(workspace, text, [MoveStage(2, after)]) if after != 2 else text
        assert sorted(moved.split(" | ")) == sorted(text.split(" | "))
