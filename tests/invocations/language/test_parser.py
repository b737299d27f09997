"""Tokens are parsed into a tree of stages, arguments and names, or the line is refused with all its errors."""

from __future__ import annotations

import pytest

from invocations.language import Option, Positional, Reference, Refusal, Source, Value, Word, parse
from tests.invocations.language.trees import codes, stage, tree


def test_a_pipeline_is_parsed_into_its_stages_in_order() -> None:
    line = tree("t2i a fox | upscale 4 | save fox.png")
    assert [s.command.text for s in line.stages] == ["t2i", "upscale", "save"]
    assert not line.continues


def test_a_comment_may_follow_a_pipe_symbol() -> None:
    assert tree("t2i a fox | # then\n# larger\nupscale 4") == tree("t2i a fox | upscale 4")


@pytest.mark.parametrize(
    "word",
    ["(fox)1.3", "fox++", "fox--", "a,b;c:d", "100%", "é", "a@b", "me@home.org", "-5", "-0.5", "-.5", "-", "-1,2",
     "1e-3", "a=b", "狐", "🦊", "C:\\dir\\fox.png", "*.png", "[1,2]", "{}", "a\x00b", "~/x", "$HOME", "!!", "—", "as"],
)  # fmt: skip
def test_words_with_special_characters_are_parsed_as_plain_words(word: str) -> None:
    assert stage(f"x {word} 1 2").arguments[0] == Positional(Word(word))


OPTIONS = [
    ("--tiled", Option("tiled")),
    ("--no-tiled", Option("no-tiled")),
    ("--a_b2", Option("a_b2")),
    ("--scale=4", Option("scale", Word("4"), glued=True)),
    ("--scale=-4", Option("scale", Word("-4"), glued=True)),
    ("--mode=--x", Option("mode", Word("--x"), glued=True)),
    ("--sep=", Option("sep", Word(""), glued=True)),
    ("--sep=''", Option("sep", Word("", "'"), glued=True)),
    ("--sep==", Option("sep", Word("="), glued=True)),
    ("--sep=#", Option("sep", Word("#"), glued=True)),
    ("--text='a b'", Option("text", Word("a b", "'"), glued=True)),
    ("--text=it's", Option("text", Word("it's"), glued=True)),
    ("--image=@fox.image", Option("image", Reference("fox", "image"), glued=True)),
    ("-n", Option("n", short=True)),
    ("-n5", Option("n", Word("5"), glued=True, short=True)),
    ("-n=5", Option("n", Word("5"), glued=True, short=True)),
    ("-n-5", Option("n", Word("-5"), glued=True, short=True)),
    ("-n@fox", Option("n", Reference("fox"), glued=True, short=True)),
    ("-steps", Option("s", Word("teps"), glued=True, short=True)),
]


@pytest.mark.parametrize(("written", "option"), OPTIONS)
def test_an_option_is_parsed(written: str, option: Option) -> None:
    assert stage(f"x {written}").arguments == (option,)
    assert stage(f"x {written} y").arguments == (option, Positional(Word("y")))


def test_a_word_after_an_option_is_parsed_as_positional_even_if_the_option_takes_a_value() -> None:
    assert stage("upscale --tiled a.png").arguments == (Option("tiled"), Positional(Word("a.png")))


REFERENCES = [
    ("@fox", Reference("fox")),
    ("@fox.image", Reference("fox", "image")),
    ("@fox-2", Reference("fox-2")),
    ("@_.x_1", Reference("_", "x_1")),
    ("@3", Reference(3)),
    ("@0", Reference(0)),
    ("@-1", Reference(-1)),
    ("@-12.latents", Reference(-12, "latents")),
    ("@fox*", Reference("fox", each=True)),
    ("@3*", Reference(3, each=True)),
    ("@-1.image*", Reference(-1, "image", each=True)),
]


@pytest.mark.parametrize(("written", "reference"), REFERENCES)
def test_a_reference_is_parsed(written: str, reference: Reference) -> None:
    assert stage(f"x {written}").arguments == (Positional(reference),)


@pytest.mark.parametrize(
    "written",
    [
        "@",
        "@.x",
        "@fox.",
        "@fox.a.b",
        "@--1",
        "@-",
        "@1x",
        "@fox,",
        "@fox.3",
        "@é",
        "@@",
        "@" + "9" * 5000,
        "@²",
        "@٣",
        "@*",
        "@**",
    ],
)
def test_the_error_for_a_malformed_reference_names_the_valid_forms(written: str) -> None:
    with pytest.raises(Refusal) as caught:
        tree(f"x {written}")
    (error,) = caught.value.errors
    assert error.code == "bad_reference"
    assert "@name, @3, @-1 or @name.output" in (error.hint or "")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("@x**", "@x*"), ("@x*.image", "@x.image*"), ("@x.*", "@x*"), ("@*x", "@x*"), ("@-1*.a*", "@-1.a*")],
)
def test_the_error_for_a_misplaced_star_suggests_the_right_place(written: str, meant: str) -> None:
    with pytest.raises(Refusal) as caught:
        tree(f"x {written}")
    (error,) = caught.value.errors
    assert (error.code, error.hint) == ("bad_reference", f"did you mean `{meant}`?")


def test_a_reference_with_a_star_differs_from_one_without() -> None:
    assert stage("x @p*") != stage("x @p")
    assert stage("x @p*") == stage("x  @p*")


def test_the_word_as_followed_by_a_name_at_the_end_of_a_stage_names_the_stage() -> None:
    named = stage("t2i a fox as fox")
    assert named.name == "fox"
    assert named.arguments == (Positional(Word("a")), Positional(Word("fox")))


@pytest.mark.parametrize("line", ["t2i dressed as a king", "t2i a 'as' fox", "t2i a as 'fox'", "t2i -- a as fox", "as"])
def test_the_word_as_in_another_position_or_in_quotes_is_plain_text(line: str) -> None:
    assert stage(line).name is None


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        ("t2i --as fox a fox", "fox", ["a", "fox"]),
        ("t2i a fox --as fox", "fox", ["a", "fox"]),
        ("t2i a --as=fox fox", "fox", ["a", "fox"]),
        ("t2i --as 'fox' a fox", "fox", ["a", "fox"]),
        ("t2i --as fox a man as santa", "fox", ["a", "man", "as", "santa"]),
        ("t2i --as fox dressed as", "fox", ["dressed", "as"]),
        ("t2i --as fox -- --as b", "fox", ["--as", "b"]),
    ],
)
def test_the_as_option_names_the_stage_wherever_it_is_written(line: str, name: str, words: list[str]) -> None:
    named = stage(line)
    assert (named.name, named.as_option) == (name, True)
    assert [argument.value.text for argument in named.arguments] == words  # type: ignore[union-attr]


def test_each_stage_can_have_a_name() -> None:
    assert [s.name for s in tree("t2i a fox as fox|upscale 4 as big | save").stages] == ["fox", "big", None]


def test_after_two_dashes_everything_is_positional() -> None:
    dashed = stage("t2i --steps 4 -- --x -n as fox @a -- 'b'")
    assert dashed.end_of_options == 2
    later: list[Value] = [Word(text) for text in ("--x", "-n", "as", "fox")]
    later += [Reference("a"), Word("--"), Word("b", "'")]
    assert dashed.arguments[2:] == tuple(Positional(value) for value in later)


def test_two_dashes_apply_only_to_their_stage() -> None:
    assert tree("a -- --x | b --x").stages[1].arguments == (Option("x"),)


def test_a_leading_pipe_symbol_marks_the_pipeline_as_a_continuation() -> None:
    line = tree("| save")
    assert line.continues
    assert line == tree("\n |\n# c\nsave")


def test_spans_are_positions_in_the_original_line() -> None:
    source = Source(None, "  t2i a --scale='x y'  as big | save  # c")
    line = parse(source)
    first, second = line.stages
    option = first.arguments[1]
    assert isinstance(option, Option)
    assert isinstance(option.value, Word)
    spans = [
        line.span,
        first.span,
        first.command.span,
        option.span,
        option.name_span,
        option.value.span,
        first.name_span,
    ]
    texts = [
        "t2i a --scale='x y'  as big | save",
        "t2i a --scale='x y'  as big",
        "t2i",
        "--scale='x y'",
        "--scale",
        "'x y'",
        "big",
    ]
    assert [source.slice(span) for span in spans] == texts
    assert source.slice(second.span) == "save"


def test_trees_that_differ_only_in_spans_are_equal() -> None:
    assert tree("a  b") == tree(" a b ")
    assert tree("a b") != tree("a 'b'")


REFUSED = [
    ("a | | b", ["empty_stage"]),
    ("a |", ["empty_stage"]),
    ("a || | b |", ["empty_stage", "empty_stage", "empty_stage"]),
    ("|", ["empty_stage"]),
    ("| |", ["empty_stage", "empty_stage"]),
    ("a | # b", ["empty_stage"]),
    ("--x 1", ["not_a_command"]),
    ("-n 1", ["not_a_command"]),
    ("@fox | a", ["not_a_command"]),
    ("'t2i' a", ["not_a_command"]),
    ("-- a", ["not_a_command"]),
    ("@ a", ["bad_reference"]),
    ("a --5", ["bad_option"]),
    ("a ---", ["bad_option"]),
    ("a --=5", ["bad_option"]),
    ("a --x:5", ["bad_option"]),
    ("a --é", ["bad_option"]),
    ("a 'b'c", ["missing_blank"]),
    ("a 'b''c'", ["missing_blank"]),
    ("a --x='b'c", ["missing_blank"]),
    ("a 'b'--x=5", ["missing_blank"]),
    ("a b as 3d", ["bad_name"]),
    ("a b as -", ["bad_name"]),
    ("a b as", ["missing_name"]),
    ("a as | b", ["missing_name"]),
    ("a b --as", ["missing_name"]),
    ("a --as --tiled", ["missing_name"]),
    ("a --as 3d b", ["bad_name"]),
    ("a --as @b c", ["bad_name"]),
    ("a --as x --as y", ["named_twice"]),
    ("a \\", ["unfinished_line"]),
    ("\\", ["unfinished_line"]),
    ("a\nb\nc", ["several_lines"]),
    ("a @ --5 | 'b' 'x", ["bad_reference", "bad_option", "not_a_command", "unclosed_quote"]),
]


@pytest.mark.parametrize(("line", "expected"), REFUSED)
def test_all_errors_in_a_line_are_reported_at_once(line: str, expected: list[str]) -> None:
    assert codes(line) == expected
