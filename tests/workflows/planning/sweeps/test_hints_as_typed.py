"""Hints for wrong lines of a sweep: the line that a hint suggests has the meaning that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.planning.sweeps.test_other_notations import check_hint, only_error
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
    (
        "t2i a boat --seed 1,2 --steps 2 grid",
        "`t2i` has no input for `grid`",
        "grid",
        "write `|` before `grid`",
        "t2i a boat --seed 1,2 --steps 2 | grid",
    ),
    (
        "t2i a boat --steps 2 save x.png",
        "`t2i` has no input for `save`",
        "save",
        "write `|` before `save`",
        "t2i a boat --steps 2 | save x.png",
    ),
    (
        "t2i a boat --seed 1,2 | grid 2",
        "`grid` has no input for `2`",
        "2",
        "it takes only options, such as --columns 2",
        "t2i a boat --seed 1,2 | grid --columns 2",
    ),
    (
        "t2i a boat --seed 1,2 | grid two",
        "`grid` has no input for `two`",
        "two",
        "it takes no positional arguments, only options",
        "t2i a boat --seed 1,2 | grid --title two",
    ),
    (
        "t2i a boat --seed 1..3 | blur 0,2,4 | collect --by blur | grid",
        "there is no axis `blur` to close: the items have only `seed` and `radius`",
        "blur",
        "did you mean `radius`?",
        "t2i a boat --seed 1..3 | blur 0,2,4 | collect --by radius | grid",
    ),
    (
        't2i a red house --vary "red house=blue boat" --vary red=green | grid',
        "`red house` and `red` overlap in `prompt`, so only one of them can be replaced",
        "red=green",
        'write --vary "red house=blue boat,green house"',
        't2i a red house --vary "red house=blue boat,green house" | grid',
    ),
    (
        't2i a red house --vary red=green --vary "red house=blue boat" | grid',
        "`red` and `red house` overlap in `prompt`, so only one of them can be replaced",
        '"red house=blue boat"',
        'write --vary "red house=blue boat,green house"',
        't2i a red house --vary "red house=blue boat,green house" | grid',
    ),
    (
        't2i a red house boat --vary "red house=x" --vary "house boat=y"',
        "`red house` and `house boat` overlap in `prompt`, so only one of them can be replaced",
        '"house boat=y"',
        "replace them together by a single `--vary`",
        't2i a red house boat --vary "red house boat=x boat,red y"',
    ),
    (
        "i2i in/ a castle",
        "`i2i` needs an image as its first argument",
        "in/",
        "for the images in a folder, write `in/*.png`",
        "i2i *.png a castle",
    ),
)


ONLY = "only `sweep` takes `{}`"
APPLY = "the options of `sweep` apply to the names after it"
MOVED = (  # a line, and its hint with the line to write
    (
        't2i a boat --steps 2,10 --guidance 3 --where "steps > 9" | grid',
        ONLY.format("--where"),
        'sweep steps=2,10 --where "steps > 9" | t2i a boat --guidance 3 | grid',
    ),
    (
        "t2i a boat --seed 1,2 | i2i a castle --strength .4,.8 --where 'seed == 1 or strength > .5' | grid",
        ONLY.format("--where"),
        "sweep t2i.seed=1,2 strength=.4,.8 --where 't2i.seed == 1 or strength > .5' | t2i a boat | i2i a castle | grid",
    ),
    (
        "t2i a boat --seed=1..9 --limit 3 | save {axis.seed}.png",
        ONLY.format("--limit"),
        "sweep seed=1..9 --limit 3 | t2i a boat | save {axis.seed}.png",
    ),
    (
        "t2i a boat -s 4,8 --sample=1 --negative blur",
        ONLY.format("--sample"),
        "sweep steps=4,8 --sample=1 | t2i a boat --negative blur",
    ),
    (
        'sweep seed=1..4 --where "steps > 9" | t2i a boat --steps 2,10 | grid',
        APPLY,
        'sweep steps=2,10 seed=1..4 --where "steps > 9" | t2i a boat | grid',
    ),
    (
        'sweep --where "seed > 1" | t2i a boat --seed 1..4',
        APPLY,
        'sweep seed=1..4 --where "seed > 1" | t2i a boat',
    ),
)


@pytest.mark.parametrize(("line", "reason", "mended"), MOVED, ids=[case[0] for case in MOVED])
def test_a_condition_on_inputs_of_stages_hints_at_a_sweep_line(
    workspace: Workspace, line: str, reason: str, mended: str
) -> None:
    assert only_error(workspace, line).hint == f"{reason}: write {mended}"
    assert workspace.plan(mended).nodes


def test_a_condition_without_axes_hints_at_sweep(workspace: Workspace) -> None:
    assert only_error(workspace, "t2i a boat --limit 3").hint == "only `sweep` takes `--limit`; see `help sweeps`"
    assert only_error(workspace, "sweep seed=1..3 --where 'sed < 2' | t2i a --steps 2,3").hint == "did you mean `seed`?"


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=[case[0] for case in CASES])
def test_a_hint_suggests_what_was_meant(
    workspace: Workspace, cat: Path, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    check_hint(workspace, line, message, marked, hint, mended)


def test_a_note_says_that_a_group_with_commas_is_a_single_alternative(workspace: Workspace) -> None:
    note = "`{red, blue}` is a single alternative; for several, write {red|blue}"
    assert workspace.plan('t2i "a {red, blue} boat" --dynamic').notes == (note,)
    assert workspace.plan('t2i "a {red, dark|blue} boat" --dynamic').notes == ()


def test_names_of_commands_can_be_values_of_a_text(workspace: Workspace) -> None:
    assert workspace.plan("sweep prompt=fox blur | t2i").nodes
    assert workspace.plan("sweep word=fox blur | t2i --prompt @1.word").nodes


def test_a_part_of_a_replaced_word_can_be_replaced_if_it_also_occurs_elsewhere(workspace: Workspace) -> None:
    assert workspace.plan('t2i a red house and a red boat --vary "red house=hut" --vary red=blue').nodes
    assert (
        "overlap" in only_error(workspace, 't2i a red house and a red boat --vary red=a --vary "red house=b"').message
    )
