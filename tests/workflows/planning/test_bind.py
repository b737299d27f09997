"""Which argument fills which input: options, flags, positional arguments, free text, lists."""

from __future__ import annotations

from typing import Any

import pytest

CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("bare words fill the positions in order", "add 1 2", {"a": 1, "b": 2}),
    ("an option takes the word after it", "add --b 2 --a 1", {"a": 1, "b": 2}),
    ("an option takes the value after an equals sign", "add --a=1 -- 2", {"a": 1, "b": 2}),
    ("a negative number is a word", "add -1 -2.5", {"a": -1, "b": -2.5}),
    ("bare words fill the inputs that no option fills", "add --a 1 2", {"a": 1, "b": 2}),
    ("free text takes all bare words", "say a fox's den  in snow", {"text": "a fox's den in snow"}),
    ("a quoted word is part of a free text", "say a 'red | fox' --no-link", {"text": "a red | fox"}),
    ("a whole free text may be quoted", "say 'two  spaces'", {"text": "two  spaces"}),
    ("after two dashes everything is a bare word", "say -- --tiled", {"text": "--tiled"}),
    ("the last positional list takes the rest", "list 1 2.5 none", {"items": [1, 2.5, None]}),
    ("a list is written with commas", "list --items [1,2]", {"items": [1, 2]}),
)


@pytest.mark.parametrize(("line", "inputs"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_arguments_fill_the_expected_inputs(cook: Any, line: str, inputs: dict[str, Any]) -> None:
    assert dict(cook(line).nodes[-1].inputs) == inputs


PIPED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("upscale 4", {"scale": 4.0}),
    ("upscale -x 4", {"scale": 4.0}),
    ("upscale -x4", {"scale": 4.0}),
    ("upscale -x=4", {"scale": 4.0}),
    ("upscale --tiled 3", {"tiled": True, "scale": 3.0}),
    ("upscale -t", {"tiled": True}),
    ("upscale --no-tiled", {"tiled": False}),
    ("upscale --tiled=no", {"tiled": False}),
    ("upscale --width none", {"width": None}),
    ("upscale --width=64 --method nearest", {"width": 64, "method": "nearest"}),
    ("crop_to --box 1,2 --box 3", {"box": [1, 2, 3]}),
    ("crop-to --box 1", {"box": [1]}),
    ("tag red 'big, round'", {"labels": ["red", "big, round"]}),
    ("tag red,blue", {"labels": ["red", "blue"]}),
    ("""tag --more '{"a": [1, null]}'""", {"more": {"a": [1, None]}}),
    ("tint tomato", {"color": "#ff6347"}),
    ("tint #F80", {"color": "#ff8800"}),
)


@pytest.mark.parametrize(("stage", "inputs"), PIPED)
def test_arguments_after_a_piped_image_fill_the_expected_inputs(cook: Any, stage: str, inputs: dict[str, Any]) -> None:
    if stage.startswith("crop-to"):
        cook.catalog = {**cook.catalog, "crop-to": cook.catalog["crop_to"]}
    assert dict(cook(f"load cat.png | {stage}").nodes[-1].inputs) == inputs


def test_positional_arguments_skip_the_piped_input(cook: Any) -> None:
    assert dict(cook("add 1 2 | mul 5").nodes[-1].inputs) == {"b": 5}


def test_positional_arguments_fill_the_primary_input_if_the_piped_output_does_not_fit(cook: Any) -> None:
    assert dict(cook("say --as greeting hello | add 1 2").nodes[-1].inputs) == {"a": 1, "b": 2}


def test_positional_arguments_fill_the_primary_input_if_links_are_off(cook: Any) -> None:
    made = cook("add 1 2 | mul 3 4 --no-link")
    assert dict(made.nodes[-1].inputs) == {"a": 3, "b": 4}
    assert made.links == ()


def test_a_piped_image_and_a_path_are_planned_as_the_same_nodes(cook: Any, links: Any) -> None:
    piped, written = cook("load cat.png | i2i a dog"), cook("i2i cat.png a dog")
    assert [node.type for node in piped.nodes] == [node.type for node in written.nodes]
    assert [dict(node.inputs) for node in piped.nodes] == [dict(node.inputs) for node in written.nodes]


def test_a_reference_can_be_a_positional_argument(cook: Any, links: Any) -> None:
    cook("t2i --as fox a fox")
    assert "1.decode.image -> 2.encode.image written" in links(cook("i2i @fox a dog"))


def test_dashes_and_underscores_in_options_are_interchangeable(cook: Any) -> None:
    assert cook("load https://a.b/c.png --allow-url").nodes[0].inputs["allow_url"] is True
    assert cook("load https://a.b/c.png --allow_url").nodes[0].inputs["allow_url"] is True


REFUSALS = (
    (
        "load cat.png | upscale --scael 4",
        """\
error: `upscale` has no input `scael`
  load cat.png | upscale --scael 4
                         ^^^^^^^
  did you mean `--scale`? (float, 1 to 8, default 2)""",
    ),
    (
        "load cat.png | upscale --nothing-like-it 4",
        """\
error: `upscale` has no input `nothing-like-it`
  load cat.png | upscale --nothing-like-it 4
                         ^^^^^^^^^^^^^^^^^
  its inputs are --image, --scale, --method, --tiled, --width""",
    ),
    (
        "load cat.png | upscale -z 4",
        """\
error: `upscale` has no input `-z`
  load cat.png | upscale -z 4
                         ^^
  its short options are -x (--scale), -t (--tiled)""",
    ),
    (
        "add 1 2 -z",
        """\
error: `add` has no input `-z`
  add 1 2 -z
          ^^""",
    ),
    (
        "load cat.png | upscale --scale",
        """\
error: `--scale` needs a value
  load cat.png | upscale --scale
                         ^^^^^^^
  --scale takes a float, 1 to 8, default 2""",
    ),
    (
        "load cat.png | upscale --scale -z 1",
        """\
error: `--scale` needs a value
  load cat.png | upscale --scale -z 1
                         ^^^^^^^
  --scale takes a float, 1 to 8, default 2; if its value begins with a hyphen, write --scale=-z
error: `upscale` has no input `-z`
  load cat.png | upscale --scale -z 1
                                 ^^
  its short options are -x (--scale), -t (--tiled)""",
    ),
    (
        "load cat.png | upscale --scale --fox",
        """\
error: `--scale` needs a value
  load cat.png | upscale --scale --fox
                         ^^^^^^^
  --scale takes a float, 1 to 8, default 2; if its value begins with a hyphen, write --scale=--fox
error: `upscale` has no input `fox`
  load cat.png | upscale --scale --fox
                                 ^^^^^
  its inputs are --image, --scale, --method, --tiled, --width""",
    ),
    (
        "load cat.png | upscale --scale --tiled",
        """\
error: `--scale` needs a value
  load cat.png | upscale --scale --tiled
                         ^^^^^^^
  --scale takes a float, 1 to 8, default 2""",
    ),
    (
        "load cat.png | upscale --no-tiled=yes",
        """\
error: `--no-tiled` takes no value
  load cat.png | upscale --no-tiled=yes
                         ^^^^^^^^^^^^^^
  write `--no-tiled` or `--tiled`""",
    ),
    (
        "add 1 2 --no-link=yes",
        """\
error: `--no-link` takes no value
  add 1 2 --no-link=yes
          ^^^^^^^^^^^^^""",
    ),
    (
        "load cat.png | upscale --tiled --no-tiled",
        """\
error: `tiled` is given twice
  load cat.png | upscale --tiled --no-tiled
                                 ^^^^^^^^^^
  it takes one value""",
    ),
    (
        "add 1 2 3",
        """\
error: `add` has no input for `3`
  add 1 2 3
          ^
  it takes 2 positional arguments: A, B""",
    ),
    (
        "add 1 2 | mul 3 4",
        """\
error: `mul` has no input for `4`
  add 1 2 | mul 3 4
                  ^
  `a` is piped in; to set it instead: --a VALUE""",
    ),
    (
        "t2i a fox --steps 4 in snow",
        """\
error: `t2i` has no input for `in`
  t2i a fox --steps 4 in snow
                      ^^
  `prompt` ends at the first option after it: put all its words before that option""",
    ),
    (
        "load cat.png | look hard",
        """\
error: `look` has no input for `hard`
  load cat.png | look hard
                      ^^^^
  it takes no positional arguments, only options""",
    ),
    (
        "add 1 2 | upscale --help",
        """\
error: `--help` works only on the command line or at the interactive prompt
  add 1 2 | upscale --help
                    ^^^^^^
  write `help upscale`""",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_an_argument_that_fits_no_input_is_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


def test_the_word_after_an_unknown_option_is_not_reported(cook: Any) -> None:
    assert cook.codes("add 1 2 --bogus three") == ["unknown_option"]
