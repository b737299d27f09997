"""The rules by which inputs are filled: written, piped, named, typed, set, default; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.errors import Refusal

LINKS = (
    (
        "the example of the language links itself",
        'model default | prompt "a fox" --negative blur | noise --seed 7 | denoise | decode',
        [
            "1.model -> 2.model named",
            "1.model -> 3.model named",
            "1.model -> 4.model named",
            "2.conditioning -> 4.conditioning named",
            "3.noise -> 4.noise piped",
            "1.model -> 5.model named",
            "4.latents -> 5.latents piped",
        ],
    ),
    ("int enters float", "range 1 2 | iterate | blur --image a.png --radius @-1", None),
    ("a list goes into a loop", "range 1 4 | iterate | mul 10 | collect", None),
    (
        "the nearest of two of a name wins",
        "model | model other | prompt a fox",
        ["2.model -> 3.model named"],
    ),
    (
        "what feeds a node already is no candidate for its next input",
        "load a.png | load b.png | paste",
        ["2.image -> 3.image piped", "1.image -> 3.over typed"],
    ),
    (
        "a list output is named by a list input",
        "load '*.png' | grid",
        ["1.collection -> 2.images typed"],
    ),
    (
        "a mask enters an input for pictures",
        "load a.png | mask-grow | save",
        ["1.image -> 2.mask piped", "2.mask -> 3.image piped"],
    ),
    (
        "a list beside the bar is left alone where the words fill the input",
        "range 1 4 | mul 3 10",
        [],
    ),
    ("an optional input is linked by name", "load a.png | mask-grow | paste --image @1 --over @1", None),
    ("an optional input is not linked by type", "t2i a fox | upscale | blur", None),
    ("numbers never link by type", "range 1 2 | look --image a.png", None),
)


@pytest.mark.parametrize(("line", "expected"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_links_and_their_reasons(cook: Any, links: Any, line: str, expected: list[str] | None) -> None:
    made = links(cook(line))
    if expected is not None:
        assert made == expected


def test_121_a_written_value_beats_a_link(cook: Any, links: Any) -> None:
    assert links(cook("add 1 2 | mul --a 7 5")) == []
    made = cook("load a.png as a | load b.png | blur --image @a")
    assert links(made) == ["3.image -> 5.image written"]


def test_121_a_written_value_beats_a_named_link(cook: Any, links: Any) -> None:
    made = cook("model one | model two as two | prompt --model @1 a fox")
    assert links(made) == ["1.model -> 3.model written"]


def test_122_no_link_crosses_lines_without_a_reference(cook: Any) -> None:
    cook("load cat.png")
    assert cook.refusal("blur 2") == (
        "error: `blur` needs `image` (the image)\n"
        "  blur 2\n"
        "  ^^^^\n"
        "  write --image IMAGE, or pass a reference such as @1, or pipe an image into it"
    )


def test_a_leading_bar_continues_the_last_node(cook: Any, links: Any) -> None:
    cook("load cat.png")
    assert links(cook("| blur 2")) == ["1.image -> 2.image piped"]


def test_a_leading_bar_links_to_the_line_it_continues(cook: Any, links: Any) -> None:
    cook("model | prompt a fox")
    cook("| noise")
    assert links(cook("| denoise")) == [
        "1.model -> 4.model named",
        "2.conditioning -> 4.conditioning named",
        "3.noise -> 4.noise piped",
    ]


def test_a_leading_bar_links_no_further_than_its_chain(cook: Any) -> None:
    cook("model")
    cook("load cat.png")
    assert cook.codes("| encode") == ["missing_input"]


def test_a_leading_bar_needs_an_earlier_line(cook: Any) -> None:
    assert cook.refusal("| blur 2") == (
        "error: nothing to continue: no earlier line\n  | blur 2\n  ^\n  remove the leading bar"
    )


def test_no_link_turns_all_links_off(cook: Any) -> None:
    assert cook.codes("model | load a.png | blur --no-link") == ["missing_input"]


def test_link_takes_node_output_and_input(cook: Any, links: Any) -> None:
    cook("add 1 2 as sum")
    for node in ("1", "sum", "@sum", "@1"):
        number = cook.scope.next_number
        assert links(cook(f"mul 3 --link {node} value b")) == [f"1.value -> {number}.b written"]


def test_link_counts_back_with_a_negative_node(cook: Any, links: Any) -> None:
    assert links(cook("add 1 2 | say hi | mul --link -2 value b 4")) == ["1.value -> 3.b written"]


def test_link_node_links_outputs_to_inputs_of_their_names(cook: Any, links: Any) -> None:
    cook("model")
    cook("prompt a fox --model @1")
    assert "1.model -> 3.model written" in links(cook("encode cat.png --link-node 1"))


def test_link_node_falls_back_to_the_primary_output_and_input(cook: Any, links: Any) -> None:
    cook("add 1 2")
    assert links(cook("mul 5 --link-node 1")) == ["1.value -> 2.a written"]


OLD_STYLE = (
    ("add 1 --link 1 value", "`--link` needs 3 values", "--link takes NODE OUTPUT INPUT"),
    ("add 1 --link-node", "`--link-node` needs a value", "--link-node takes NODE"),
    ("add 1 --link 9 value b", "there is no earlier stage `@9`", "valid here: @1 (load)"),
    ("add 1 --link 1 picture b", "`load` has no output `picture`", "its outputs are `image`, `collection`"),
    ("add 1 --link 1 image c", "`add` has no input `c`", "its inputs are `a`, `b`"),
    ("add 1 --link 1 image b", "`@1.image` produces image, but `b` of `add` takes int or float", ""),
    ("add 1 2 --link-node 1", "`load` has no output that `add` takes", "its outputs are image (image)"),
)


@pytest.mark.parametrize(("line", "message", "hint"), OLD_STYLE)
def test_an_invalid_link_option_is_refused(cook: Any, line: str, message: str, hint: str) -> None:
    cook("load cat.png")
    text = cook.refusal(line)
    assert message in text
    assert hint in text


REFUSALS = (
    (
        "range 1 4 | mul 10",
        """\
error: `range` produces list of int, but `a` of `mul` takes int or float
  range 1 4 | mul 10
              ^^^
  put `iterate` between them to run `mul` once for each item""",
    ),
    (
        "t2i a fox | grid",
        """\
error: `t2i` produces image, but `images` of `grid` takes list of image
  t2i a fox | grid
              ^^^^
  put `collect` between them to make a list""",
    ),
    (
        "t2i a fox as a | grid @a",
        """\
error: `@1.image` produces image, but `images` of `grid` takes list of image
  t2i a fox as a | grid @a
                        ^^
  put `collect` between them to make a list""",
    ),
    (
        "range 1 4 as r | add @r 1",
        """\
error: `@1.collection` produces list of int, but `a` of `add` takes int or float
  range 1 4 as r | add @r 1
                       ^^
  put `iterate` between them to run `add` once for each item""",
    ),
    (
        "t2i a fox as a | say @a",
        """\
error: `@1.image` produces image, but `text` of `say` takes string
  t2i a fox as a | say @a
                       ^^""",
    ),
    (
        "load a.png | halves | both x --two @1",
        """\
error: `one` of `both` has 2 equally near candidates
  load a.png | halves | both x --two @1
                        ^^^^
  write `--one @2.left` or `--one @2.right`""",
    ),
    (
        "load a.png as a | if yes --then 3 --otherwise @a",
        """\
error: `if` receives int and image, but both must be of the same type
  load a.png as a | if yes --then 3 --otherwise @a
                                                ^^""",
    ),
    (
        "add 1 2 | if yes red --then @1",
        """\
error: `if` receives int or float and string, but both must be of the same type
  add 1 2 | if yes red --then @1
                   ^^^""",
    ),
    (
        "noise",
        """\
error: `noise` needs `model` (the model)
  noise
  ^^^^^
  write --model MODEL, or pass a reference such as @1""",
    ),
    (
        "denoise --model default",
        """\
error: `denoise` needs `conditioning` (the conditioning)
  denoise --model default
  ^^^^^^^
  write --conditioning @N
error: `denoise` needs `noise` (the noise)
  denoise --model default
  ^^^^^^^
  write --noise @N, or pipe latents into it""",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_an_impossible_link_is_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text


def test_a_list_may_be_made_of_several_references(cook: Any, links: Any) -> None:
    cook("t2i a fox as fox")
    cook("t2i a hare as hare")
    assert links(cook("grid @fox @hare")) == [
        "1.decode.image -> 3.collect.item written",
        "2.decode.image -> 3.collect.2.item written",
        "3.collect.collection -> 3.collect.2.earlier written",
        "3.collect.2.collection -> 3.images written",
    ]


def test_a_list_takes_values_or_references_not_both(cook: Any) -> None:
    cook("add 1 2 as sum")
    assert cook.refusal("list 1 @sum") == (
        "error: a list takes values or references to single results, not both, and no other lists\n"
        "  list 1 @sum\n"
        "       ^^^^^^\n"
        "  use only values, or only references"
    )


def test_a_set_default_comes_after_all_links_and_before_the_inputs_own(cook: Any) -> None:
    cook.defaults = {"a": "9", "b": "5", "scale": "3", "blur.radius": "4"}
    made = cook("add 1 2 | mul")
    assert dict(made.nodes[1].inputs) == {"b": 5}
    assert [value.origin for value in made.values if value.node == "2"] == ["set"]
    assert dict(cook("load a.png | upscale | blur").nodes[-1].inputs) == {"radius": 4.0}


def test_an_invalid_default_is_refused_when_it_is_needed(cook: Any) -> None:
    cook.defaults = {"scale": "huge"}
    cook("load a.png | upscale 2")
    assert cook.refusal("load a.png | upscale") == (
        "error: the default set for `scale` is `huge`, but it takes a number\n"
        "  load a.png | upscale\n"
        "               ^^^^^^^\n"
        "  write --scale in the line, or `unset scale`"
    )
    cook.defaults = {"scale": "99"}
    assert cook.codes("load a.png | upscale") == ["bad_default"]


def test_values_record_their_origin(cook: Any) -> None:
    cook.defaults = {"guidance": "3"}
    made = cook("model | prompt a fox | noise --width 64 | denoise | decode")
    origins = {f"{value.node}.{value.input}": value.origin for value in made.values}
    assert origins["1.name"] == "default"
    assert origins["2.text"] == "written"
    assert origins["3.width"] == "written"
    assert origins["3.height"] == "model"
    assert origins["3.seed"] == "drawn"
    assert origins["4.guidance"] == "set"
    assert origins["4.steps"] == "model"
    assert origins["4.strength"] == "default"


def test_only_an_input_that_depends_on_the_model_has_the_models_default(cook: Any) -> None:
    made = cook("encode a.png --model fox")
    assert {value.input: (value.value, value.origin) for value in made.values if value.node == "1"} == {
        "seed": (None, "default")
    }


def test_an_image_written_as_a_path_is_loaded(cook: Any, links: Any) -> None:
    made = cook("blur --image cat.png")
    assert [(node.id, node.type) for node in made.nodes] == [("1.load", "load"), ("1", "blur")]
    assert made.nodes[0].inputs["source"] == "cat.png"
    assert links(made) == ["1.load.image -> 1.image written"]


def test_an_image_can_come_from_standard_input(cook: Any) -> None:
    assert cook("blur --image -").nodes[0].inputs["source"] == "-"


def test_a_pattern_is_loaded_as_a_list(cook: Any, links: Any) -> None:
    assert links(cook("grid *.png")) == ["1.load.collection -> 1.images written"]


def test_a_mask_written_as_a_path_is_loaded_and_converted(cook: Any, links: Any) -> None:
    made = cook("load cat.png | paste --over dog.png --mask m.png")
    assert links(made)[-2:] == ["2.load.2.image -> 2.mask-grow.mask written", "2.mask-grow.mask -> 2.mask written"]
    assert dict(made.nodes[-2].inputs) == {"pixels": 0}


def test_a_model_written_as_a_name_is_loaded(cook: Any, links: Any) -> None:
    made = cook("noise --model dream")
    assert dict(made.nodes[0].inputs) == {"name": "dream"}
    assert links(made) == ["1.model.model -> 1.model written"]


def test_a_default_model_is_loaded_if_none_is_linked(cook: Any, links: Any) -> None:
    made = cook("prompt a fox")
    assert dict(made.nodes[0].inputs) == {"name": "default"}
    assert links(made) == ["1.model.model -> 1.model default"]


RESULTS = (
    ("add 1 2 | mul 5", ["2.value"]),
    ("add 1 2 | say hi", ["1.value", "2.text"]),
    ("model | prompt a fox", ["2.conditioning"]),
    ("t2i a fox | look", []),
    ("t2i a fox as a | blur | paste --over @a", ["3.image"]),
)


@pytest.mark.parametrize(("line", "results"), RESULTS)
def test_every_unconsumed_stage_is_a_result(cook: Any, line: str, results: list[str]) -> None:
    assert [f"{offer.node}.{offer.output}" for offer in cook(line).results] == results


def test_a_type_is_preserved_through_a_loop(cook: Any) -> None:
    assert str(cook("load '*.png' | iterate | blur | collect").results[0].type) == "list of image"
    with pytest.raises(Refusal, match="produces string, but `a` of `mul`"):
        cook("list red green | iterate as word | mul @word 2")
