"""The errors in sweeps, each with its whole text."""

from __future__ import annotations

from typing import Any

import pytest

REFUSALS = (
    (
        "t2i a fox --seed 8..1",
        """\
error: the range `8..1` is empty
  t2i a fox --seed 8..1
                   ^^^^
  write 1..8, or 8..1:-1 to count down""",
    ),
    (
        "load a.png | blur 0..1",
        """\
error: the range `0..1` needs a step or a count
  load a.png | blur 0..1
                    ^^^^
  write 0..1:0.1 (a step) or 0..1/11 (how many)""",
    ),
    (
        "load a.png | mirror --tiled 1..3",
        """\
error: `mirror` has no input for `1..3`
  load a.png | mirror --tiled 1..3
                              ^^^^
  for both values, write --tiled=yes,no""",
    ),
    (
        "upscale a.png --tiled=1..3",
        """\
error: `tiled` takes yes or no, not `1..3`
  upscale a.png --tiled=1..3
                        ^^^^""",
    ),
    (
        "t2i a fox --seed 1..4 --seed 9",
        """\
error: `seed` already has several values
  t2i a fox --seed 1..4 --seed 9
                               ^
  write all of them at once: --seed A,B,C""",
    ),
    (
        "add 1 2 as n | mul --b @n*",
        """\
error: `@n*` is each item of a list, but `@n` (add) produces an int or float
  add 1 2 as n | mul --b @n*
                         ^^^
  write @n""",
    ),
    (
        "load a.png | upscale 2,9",
        """\
error: `scale` must be 1 to 8, not 9
  load a.png | upscale 2,9
                         ^""",
    ),
    (
        "load a.png | upscale --width 64..80",
        """\
error: `width` must be a multiple of 8, not 65
  load a.png | upscale --width 64..80
                               ^^^^^^
  nearest: 64 or 72""",
    ),
    (
        "load a.png | upscale --method nearest,bicubik",
        """\
error: `method` takes one of lanczos, nearest, bicubic, not `bicubik`
  load a.png | upscale --method nearest,bicubik
                                        ^^^^^^^
  did you mean `bicubic`?""",
    ),
    (
        "t2i a fox --steps 4x",
        """\
error: `4x` draws random seeds, but `steps` is not a seed
  t2i a fox --steps 4x
                    ^^
  for a single value, write 4; to draw numbers from a range, write for example 1..50?4""",
    ),
    (
        "t2i a fox --steps 1..1000 --seed 1..1000",
        """\
error: the sweep has 1000 x 1000 = 1000000 items, but at most 100000 are possible
  t2i a fox --steps 1..1000 --seed 1..1000
                    ^^^^^^^^^^^^^^^^^^^^^^
  write fewer values""",
    ),
    (
        "add 1..1000 2 | mul 1..1000",
        """\
error: the sweep has 1000 x 1000 = 1000000 items, but at most 100000 are possible
  add 1..1000 2 | mul 1..1000
                      ^^^^^^^
  write fewer values""",
    ),
    (
        "crop_to a.png --box 1..4",
        """\
error: `box` takes a whole number for each item, not `1..4`
  crop_to a.png --box 1..4
                      ^^^^
  a list takes no ranges: write its items, or link the list that `range` returns""",
    ),
    (
        "t2i a fox --vary cat=dog",
        """\
error: `cat` does not occur in `prompt`
  t2i a fox --vary cat=dog
                   ^^^^^^^
  write --vary WORD=A,B with a word from the text""",
    ),
    (
        "add 1 2 --vary a=b",
        """\
error: `--vary` replaces a word in a text, but `add` has no text
  add 1 2 --vary a=b
                 ^^^""",
    ),
    (
        "t2i a fox --dynamic",
        """\
error: `--dynamic` needs a template, but the text has no alternatives and no wildcards
  t2i a fox --dynamic
            ^^^^^^^^^
  for example {red|blue}""",
    ),
)

DYNAMIC = (
    (
        't2i "{a|b}" --dynamic=2 --dynamic',
        """\
error: `--dynamic` is given twice
  t2i "{a|b}" --dynamic=2 --dynamic
                          ^^^^^^^^^
  write --dynamic for all prompts, or --dynamic=20""",
    ),
    (
        'add 1 "{a|b}" --dynamic',
        """\
error: `b` takes a number, not `{a|b}`
  add 1 "{a|b}" --dynamic
        ^^^^^^^
error: `--dynamic` expands a prompt, but `add` has none
  add 1 "{a|b}" --dynamic
                ^^^^^^^^^""",
    ),
)


@pytest.mark.parametrize(("line", "text"), DYNAMIC, ids=[case[0] for case in DYNAMIC])
def test_a_misused_dynamic_option_is_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


FORGOTTEN = (
    (
        't2i "a {red|blue} house" | sheet',
        """\
error: `t2i` produces an image, but `images` of `sheet` takes a list of image
  t2i "a {red|blue} house" | sheet
                             ^^^^^
  `{red|blue}` is treated as plain words; did you forget `--dynamic`?""",
    ),
    (
        't2i "a {red|blue} house" --seed 1,2 --zip prompt,seed',
        """\
error: `prompt` has only one value, so it cannot be zipped
  t2i "a {red|blue} house" --seed 1,2 --zip prompt,seed
                                            ^^^^^^
  `{red|blue}` is treated as plain words; did you forget `--dynamic`?""",
    ),
    (
        "t2i a __beast__ as p | blur @p*",
        """\
error: `@p*` is each item of a list, but `@p` (t2i) produces an image
  t2i a __beast__ as p | blur @p*
                              ^^^
  `__beast__` is treated as plain words; did you forget `--dynamic`?""",
    ),
    (
        "t2i a __beast__ --wildcards words",
        """\
error: `--wildcards` has no effect without `--dynamic`
  t2i a __beast__ --wildcards words
                  ^^^^^^^^^^^
  add --dynamic, or --dynamic=20 for 20 random prompts""",
    ),
)


@pytest.mark.parametrize(("line", "text"), FORGOTTEN, ids=[case[0] for case in FORGOTTEN])
def test_an_error_caused_by_a_missing_dynamic_option_suggests_the_option(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (
            "t2i a house | sheet",
            "to make a list, write several values (see `help sweeps`), or put `collect` between them",
        ),
        ('t2i "a {red|blue} house" --dynamic --seed 1 --steps 8..1', "write 1..8, or 8..1:-1 to count down"),
        ('t2i "a {red|blue} house" --steps 8..1', "write 1..8, or 8..1:-1 to count down"),
    ],
)
def test_an_error_that_a_missing_dynamic_option_did_not_cause_keeps_its_hint(cook: Any, line: str, hint: str) -> None:
    assert cook.refusal(line).splitlines()[-1].strip() == hint


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_a_sweep_with_a_mistake_is_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text
