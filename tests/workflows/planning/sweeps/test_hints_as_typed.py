"""Hints for wrong lines of a sweep: the line that a hint suggests has the meaning that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.planning.sweeps.test_other_notations import only_error
from workflows.workspace import Workspace

UNQUOTED = "the value of `{}` has spaces, so it needs quotes"
CASES = (  # a line, the message, the marked words, the hint, and the line after the hint was followed
    (
        "t2i a red house --vary red=very red,blue --seed 1 | grid",
        UNQUOTED.format("--vary"),
        "red=very red,blue",
        'write --vary "red=very red,blue"',
        't2i a red house --vary "red=very red,blue" --seed 1 | grid',
    ),
    (
        "t2i a red house --vary red=blue green",
        UNQUOTED.format("--vary"),
        "red=blue green",
        'write --vary "red=blue green"; for 2 replacements, write --vary red=blue,green',
        "t2i a red house --vary red=blue,green",
    ),
    (
        "t2i a red house --vary red house=blue boat",
        "`--vary` takes a word and its replacements, such as red=blue,green",
        "red",
        'write --vary "red house=blue boat"',
        't2i a red house --vary "red house=blue boat"',
    ),
    (
        "t2i a red house --vary red=blue --vary red=green,blue",
        "`red` is replaced by two `--vary` options",
        "red=green,blue",
        "write --vary red=blue,green",
        "t2i a red house --vary red=blue,green",
    ),
    (
        "t2i a Fox --vary fox=cat",
        "`fox` does not occur in `prompt`",
        "fox=cat",
        "write --vary Fox=cat",
        "t2i a Fox --vary Fox=cat",
    ),
    (
        "t2i --prompt a cat --prompt a boat --seed 1 | grid",
        UNQUOTED.format("--prompt"),
        "a cat",
        'write --prompt "a cat" --prompt "a boat"',
        't2i --prompt "a cat" --prompt "a boat" --seed 1 | grid',
    ),
    (
        't2i --prompt "a cat" --prompt a boat',
        UNQUOTED.format("--prompt"),
        "a boat",
        'write --prompt "a cat" --prompt "a boat"',
        't2i --prompt "a cat" --prompt "a boat"',
    ),
    (
        "t2i a --seed 1,2 --steps 2,3,4 --zip seed,steps --zip-short",
        "`--zip-short` needs a value",
        "--zip-short",
        "write --zip-short seed,steps instead of --zip seed,steps",
        "t2i a --seed 1,2 --steps 2,3,4 --zip-short seed,steps",
    ),
    (
        't2i "a {red|blue house" --dynamic',
        "character 3: a group has no `}`",
        "{",
        r"add a `}`, or write `\{`, `\$` or `\%` for a symbol that is text",
        't2i "a {red|blue} house" --dynamic',
    ),
    (
        "sweep seed=1..4 t2i a boat | grid",
        "`t2i` is a command, not a value of `seed`",
        "t2i",
        "write `|` before `t2i`",
        "sweep seed=1..4 | t2i a boat | grid",
    ),
    (
        "t2i a fox -steps 10",
        "the option `--steps` begins with two hyphens",
        "-steps",
        "write --steps 10",
        "t2i a fox --steps 10",
    ),
    (
        't2i "a __color__ boat" --dynamic --wildcards nowhere',
        "there is no folder `nowhere`",
        "nowhere",
        "name a folder that contains wildcard files",
        "t2i a boat",
    ),
)


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=[case[0] for case in CASES])
def test_a_hint_suggests_what_was_meant(
    workspace: Workspace, cat: Path, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    error = only_error(workspace, line)
    assert (error.message, error.hint) == (message, hint)
    assert line[error.span.start : error.span.end] == marked
    assert workspace.plan(mended).nodes


def test_a_note_says_that_a_group_with_commas_is_a_single_alternative(workspace: Workspace) -> None:
    note = "`{red, blue}` is a single alternative; for several ones, write {red|blue}"
    assert workspace.plan('t2i "a {red, blue} boat" --dynamic').notes == (note,)
    assert workspace.plan('t2i "a {red, dark|blue} boat" --dynamic').notes == ()


def test_names_of_commands_can_be_values_of_a_text(workspace: Workspace) -> None:
    assert workspace.plan("sweep prompt=fox blur | t2i").nodes
    assert workspace.plan("sweep word=fox blur | t2i --prompt @1.word").nodes
