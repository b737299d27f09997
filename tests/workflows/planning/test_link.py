"""How an input is filled: by a written value, the pipe, a name, a type or a default; and which links are refused."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.errors import Refusal

LINKS = (
    (
        "a line that needs no reference",
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
    (
        "an integer fits an input for floats",
        "range 1 2 | iterate | blur --image a.png --radius @-1",
        ["1.collection -> 2.collection piped", "3.load.image -> 3.image written", "2.item -> 3.radius written"],
    ),
    (
        "a list goes through a loop",
        "range 1 4 | iterate | mul 10 | collect",
        ["1.collection -> 2.collection piped", "2.item -> 3.a piped", "3.value -> 4.item piped"],
    ),
    (
        "the nearest of two outputs with the same name wins",
        "model | model other | prompt a fox",
        ["2.model -> 3.model named"],
    ),
    (
        "an output that already feeds a node is no candidate for its other inputs",
        "load a.png | load b.png | paste",
        ["2.image -> 3.image piped", "1.image -> 3.over typed"],
    ),
    (
        "a list input takes a list output by type",
        "load '*.png' | add 1 2 --as sum | grid",
        ["1.collection -> 3.images typed"],
    ),
    (
        "a pattern makes a list, which is piped",
        "load '*.png' | grid",
        ["1.collection -> 2.images piped"],
    ),
    (
        "a mask fits an input for images",
        "load a.png | mask-grow | save",
        ["1.image -> 2.mask piped", "2.mask -> 3.image piped"],
    ),
    (
        "a piped list is ignored if positional arguments fill the input",
        "range 1 4 as r | mul 3 10",
        [],
    ),
    (
        "an optional input is linked by name",
        "load a.png | mask-grow | paste --image @1 --over @1",
        [
            "1.image -> 2.mask piped",
            "1.image -> 3.image written",
            "1.image -> 3.over written",
            "2.mask -> 3.mask named",
        ],
    ),
    (
        "an optional input, here `latents`, is not linked by type",
        "model | prompt a fox | noise | noise | denoise",
        [
            "1.model -> 2.model named",
            "1.model -> 3.model named",
            "1.model -> 4.model named",
            "1.model -> 5.model named",
            "2.conditioning -> 5.conditioning named",
            "4.noise -> 5.noise piped",
        ],
    ),
)


@pytest.mark.parametrize(("line", "expected"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_inputs_are_linked_for_the_expected_reasons(cook: Any, links: Any, line: str, expected: list[str]) -> None:
    assert links(cook(line)) == expected


def test_a_required_number_is_not_linked_by_type(cook: Any) -> None:
    assert cook.refusal("add 1 2 | load a.png | mul 3").startswith("error: `mul` needs `b` (the b)\n")


def test_121_a_written_value_takes_precedence_over_a_link(cook: Any, links: Any) -> None:
    assert links(cook("add 1 2 as three | mul --a 7 5")) == []
    made = cook("load a.png as a | load b.png as b | blur --image @a")
    assert links(made) == ["3.image -> 5.image written"]


def test_121_a_written_value_takes_precedence_over_a_link_by_name(cook: Any, links: Any) -> None:
    made = cook("model one | model two as two | prompt --model @1 a fox")
    assert links(made) == ["1.model -> 3.model written"]


def test_122_no_link_crosses_lines_without_a_reference(cook: Any) -> None:
    cook("load cat.png")
    assert cook.refusal("blur 2") == (
        "error: `blur` needs an image as its first argument\n"
        "  blur 2\n       ^\n  write blur PATH [RADIUS], or ... | blur [RADIUS]"
    )


def test_a_leading_pipe_symbol_continues_the_last_node(cook: Any, links: Any) -> None:
    cook("load cat.png")
    assert links(cook("| blur 2")) == ["1.image -> 2.image piped"]


def test_a_leading_pipe_symbol_creates_links_to_the_continued_line(cook: Any, links: Any) -> None:
    cook("model | prompt a fox")
    cook("| noise")
    assert links(cook("| denoise")) == [
        "1.model -> 4.model named",
        "2.conditioning -> 4.conditioning named",
        "3.noise -> 4.noise piped",
    ]


def test_a_leading_pipe_symbol_creates_no_links_to_lines_that_are_not_continued(cook: Any) -> None:
    cook("model")
    cook("load cat.png")
    assert cook.codes("| encode") == ["missing_input"]


def test_a_leading_pipe_symbol_without_an_earlier_line_is_refused(cook: Any) -> None:
    assert cook.refusal("| blur 2") == (
        "error: nothing to continue: the session has no earlier line\n  | blur 2\n  ^\n  remove the leading `|`"
    )


REFUSALS = (
    (
        "t2i a fox | grid",
        """\
error: `t2i` produces an image, but `images` of `grid` takes a list of image
  t2i a fox | grid
              ^^^^
  to make a list, write several values (see `help sweeps`), or put `collect` between them""",
    ),
    (
        "t2i a fox as a | grid @a",
        """\
error: `@1.image` produces an image, but `images` of `grid` takes a list of image
  t2i a fox as a | grid @a
                        ^^
  to make a list, write several values (see `help sweeps`), or put `collect` between them""",
    ),
    (
        "range 1 4 as r | add @r 1",
        """\
error: `@1.collection` produces a list of int, but `a` of `add` takes an int or float
  range 1 4 as r | add @r 1
                       ^^
  write @r* to run `add` once for each item""",
    ),
    (
        "t2i a fox as a | say @a",
        """\
error: `@1.image` produces an image, but `text` of `say` takes a string
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


def test_a_default_set_by_the_user_overrides_the_default_of_the_node_but_not_a_link(cook: Any) -> None:
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
        "  write `--scale` in the line, or `unset scale`"
    )
    cook.defaults = {"scale": "99"}
    assert cook.codes("load a.png | upscale") == ["bad_default"]


def test_the_type_of_an_item_is_preserved_through_a_loop(cook: Any) -> None:
    assert str(cook("load '*.png' | iterate | blur | collect").results[0].type) == "list of image"
    with pytest.raises(Refusal, match="produces a string, but `a` of `mul`"):
        cook("list red green | iterate as word | mul @word 2")
