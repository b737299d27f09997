"""Values that are refused: numbers, choices, colors, JSON, lists, ranges, references."""

from __future__ import annotations

from typing import Any

import pytest

REFUSALS = (
    (
        "add 1 two",
        """\
error: `b` takes a number, not `two`
  add 1 two
        ^^^""",
    ),
    (
        "range 1 2.5",
        """\
error: `stop` takes a whole number, not `2.5`
  range 1 2.5
          ^^^""",
    ),
    (
        "range 1 $n",
        """\
error: `stop` takes a whole number, not `$n`
  range 1 $n
          ^^
  to use the variable, write `${n}`""",
    ),
    (
        "range 1 ''",
        """\
error: `stop` takes a whole number, not an empty string
  range 1 ''
          ^^""",
    ),
    (
        "if maybe 1 2",
        """\
error: `condition` takes yes or no, not `maybe`
  if maybe 1 2
     ^^^^^""",
    ),
    (
        "load cat.png | upscale --method lanczo",
        """\
error: `method` takes one of lanczos, nearest, bicubic, not `lanczo`
  load cat.png | upscale --method lanczo
                                  ^^^^^^
  did you mean `lanczos`?""",
    ),
    (
        "load cat.png | tint tomatoe",
        """\
error: `color` takes a color (a CSS name, #rgb[a], #rrggbb[aa], rgb(), rgba(), hsl(), hsv() or hsb()), not `tomatoe`
  load cat.png | tint tomatoe
                      ^^^^^^^
  did you mean `tomato`?""",
    ),
    (
        "say a caf\udce9",
        """\
error: `text` is not UTF-8
  say a caf\\xe9
      ^^^^^^^^^
  enter it as UTF-8, or save its file as UTF-8""",
    ),
    (
        "load cat.png | tag --more {",
        """\
error: `more` takes JSON, not `{`
  load cat.png | tag --more {
                            ^""",
    ),
    (
        "load cat.png | crop_to --box 1,x",
        """\
error: `box` takes a whole number for each item, not `x`
  load cat.png | crop_to --box 1,x
                                 ^""",
    ),
    (
        "t2i a fox --steps 0",
        """\
error: `steps` must be 1 to 1000, not 0
  t2i a fox --steps 0
                    ^""",
    ),
    (
        "load cat.png | blur 0",
        """\
error: `radius` must be more than 0, not 0
  load cat.png | blur 0
                      ^""",
    ),
    (
        "load cat.png | upscale --width 100",
        """\
error: `width` must be a multiple of 8, not 100
  load cat.png | upscale --width 100
                                 ^^^
  nearest: 96 or 104""",
    ),
    (
        "decode --latents x.pt --model default",
        """\
error: `latents` takes latents (a reference such as @1), not `x.pt`
  decode --latents x.pt --model default
                   ^^^^""",
    ),
    (
        "add 1 2 | collect --item 3",
        """\
error: `--item` takes a reference, not a value
  add 1 2 | collect --item 3
                           ^
  pass a reference such as @1""",
    ),
    (
        "load cat.png as cat | t2i a @cat on a mat",
        """\
error: a reference cannot be part of the text of `prompt`
  load cat.png as cat | t2i a @cat on a mat
                              ^^^^
  to use it literally, quote it: "@cat"; to insert a result into a string, use `format`""",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_a_value_that_the_input_cannot_accept_is_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


def test_a_list_may_contain_values_or_references_but_not_both(cook: Any) -> None:
    cook("add 1 2 as sum")
    assert cook.refusal("list 1 @sum") == (
        "error: a list can contain either values or references to single results, but no other lists\n"
        "  list 1 @sum\n"
        "       ^^^^^^\n"
        "  use only values, or only references"
    )
