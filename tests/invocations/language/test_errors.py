"""The rendering of an invalid line: what is wrong, the line, a caret under the error, and what to do next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import SYNTAX_CODES, LanguageError, Refusal, Source, Span, draw, parse, read

DRAWN = {
    "t2i a red fox | save 'fox.png": """\
error: the quote ' is never closed
  t2i a red fox | save 'fox.png
                       ^
  close the quote with '; to begin a value with ', write it in "..."
""",
    't2i "a red fox | save': """\
error: the quote " is never closed
  t2i "a red fox | save
      ^
  close the quote with "
""",
    "t2i '90s fox's den": """\
error: missing space after the closing '
  t2i '90s fox's den
               ^
  to begin a value with ', write it in "..."
""",
    't2i "say "hi" to me"': """\
error: missing space after the closing "
  t2i "say "hi" to me"
            ^^^
  inside "..." write a quote as \\"
""",
    "t2i a fox --steps:20": """\
error: `--steps:20` is not an option
  t2i a fox --steps:20
            ^^^^^^^^^^
  options are written --name, --name value or --name=value; quote it to use it as text
""",
    "upscale @fox.": """\
error: `@fox.` is not a reference
  upscale @fox.
          ^^^^^
  references are written @name, @3, @-1 or @name.output, or @name* for each item; quote it to use it as text
""",
    "add 1 2 as 3d": """\
error: `3d` is not a valid name
  add 1 2 as 3d
             ^^
  names consist of letters, digits, _ and -, and start with a letter a to z or _; quote "as" to use it as text
""",
    "add 1 2 as | mul 5": """\
error: `as` needs a name
  add 1 2 as | mul 5
          ^^
  add a name, or quote "as" to use it as text
""",
    "add 1 2 --as a --as b": """\
error: the stage has two names
  add 1 2 --as a --as b
                 ^^^^
  keep only one name
""",
    "t2i a fox | | save": """\
error: no command between these two `|`
  t2i a fox | | save
            ^^^
  add a command, or remove the `|`
""",
    "t2i a fox |": """\
error: no command after this `|`
  t2i a fox |
            ^
  add a command, or remove the `|`
""",
    "@fox | upscale 4": """\
error: a stage starts with a command, not a reference
  @fox | upscale 4
  ^^^^
  pass it to an input of a command: --input @fox
""",
    "'t2i' a fox": """\
error: a stage starts with a command, not a quoted string
  't2i' a fox
  ^^^^^
  write the command first, without quotes
""",
    "--steps 20 t2i": """\
error: a stage starts with a command, not an option
  --steps 20 t2i
  ^^^^^^^
  write the command first, then its options
""",
    "-- t2i": """\
error: a stage starts with a command, not --
  -- t2i
  ^^
  write the command first, then its options
""",
    "add 1 \\": """\
error: the line ends in a backslash, but nothing follows
  add 1 \\
        ^
  remove the backslash, or continue on the next line
""",
    "add 1 2\nmul 5": """\
error: a second line starts here, but only one is expected
  mul 5
  ^^^
  join the two lines with |
""",
}


def refusal(line: str, name: str | None = None, first_line: int = 1) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(Source(name, line, first_line))
    return caught.value


@pytest.mark.parametrize(("line", "drawn"), DRAWN.items())
def test_an_invalid_line_is_drawn_with_carets_under_the_errors(line: str, drawn: str) -> None:
    assert str(refusal(line)) + "\n" == drawn


def test_every_error_code_has_an_example() -> None:
    assert {error.code for line in DRAWN for error in refusal(line).errors} == SYNTAX_CODES.keys()


def test_126_an_error_in_a_script_begins_with_file_line_and_column() -> None:
    text = "t2i a fox |\n  upscale @. |\n  save --5"
    assert str(refusal(text, "poster.inv", 12)).split("\n") == [
        "poster.inv:13:11: error: `@.` is not a reference",
        "    upscale @. |",
        "            ^^",
        "  references are written @name, @3, @-1 or @name.output, or @name* for each item; quote it to use it as text",
        "poster.inv:14:8: error: `--5` is not an option",
        "    save --5",
        "         ^^^",
        "  options are written --name, --name value or --name=value; quote it to use it as text",
    ]


def test_errors_are_reported_in_the_order_of_their_positions() -> None:
    late, early = LanguageError("b", "later", Span(4, 5)), LanguageError("a", "earlier", Span(0, 1))
    assert Refusal([late, early], Source(None, "x | y")).errors == (early, late)


def under(line: str, piece: str) -> list[str]:
    """Return the drawn line and the carets under one part of the line."""
    start = line.index(piece)
    error = LanguageError("a", "wrong", Span(start, start + len(piece)))
    return [text[2:] for text in draw(error, Source(None, line)).split("\n")[1:]]


PLACES = [
    ("a\tb @", "@", "a    b @", "       ^"),
    ("狐の子 @", "@", "狐の子 @", "       ^"),
    ("🦊 fox @", "fox", "🦊 fox @", "   ^^^"),
    ("x 狐狐 y", "狐狐", "x 狐狐 y", "  ^^^^"),
    ("é @", "@", "é @", "  ^"),
    ("e\u0301 @", "@", "e\u0301 @", "  ^"),
    ("a\x00\x1b[31m @", "@", "a\\x00\\x1b[31m @", " " * 14 + "^"),
    ("a\u202eb @", "@", "a\\u202eb @", " " * 9 + "^"),
    ("a\udc80 @", "@", "a\\x80 @", " " * 6 + "^"),
    ("a b\r\nc", "b", "a b", "  ^"),
    ("a\nb c\nd", "c", "b c", "  ^"),
    ("x 'a\nb' y", "'a\nb'", "x 'a", "  ^^"),
]


@pytest.mark.parametrize(("line", "piece", "shown", "carets"), PLACES)
def test_the_caret_is_under_the_error(line: str, piece: str, shown: str, carets: str) -> None:
    assert under(line, piece) == [shown, carets]


def test_an_error_at_the_end_of_the_line_has_a_caret_after_it() -> None:
    assert draw(LanguageError("a", "wrong", Span(3, 3)), Source(None, "add")) == "error: wrong\n  add\n     ^"


def test_an_error_without_a_line_is_shown_as_its_message_alone() -> None:
    assert draw(LanguageError("a", "wrong", Span(0, 0), "do this", ("and that",)), Source(None, "")) == (
        "error: wrong\n  do this\n  and that"
    )


def test_a_message_shows_control_characters_as_escapes() -> None:
    error = LanguageError("a", "no `\x1b[2J`", Span(0, 0), "did you mean `\n`?")
    assert draw(error, Source("a\x07.inv", "")) == "a\\x07.inv:1:1: error: no `\\x1b[2J`\n  did you mean `\\n`?"


LONG = "word " * 100


@pytest.mark.parametrize(
    ("line", "head", "tail"),
    [("@. " + LONG, False, True), (LONG + "@. " + LONG, True, True), (LONG + "@.", True, False)],
)
def test_a_long_line_is_cut_to_a_window_around_the_error(line: str, head: bool, tail: bool) -> None:
    shown, carets = under(line, "@.")
    assert len(shown) <= 100
    assert (shown.startswith("…"), shown.endswith("…")) == (head, tail)
    assert shown[carets.index("^") :].startswith("@.")
    assert carets.count("^") == 2


@pytest.mark.parametrize("width", [0, 20, 40, 79])
def test_the_window_fits_the_available_columns(width: int) -> None:
    line = LONG + "@. " + LONG
    shown = draw(refusal(line).errors[0], Source(None, line), width=width).split("\n")[1]
    assert len(shown) <= max(width, 20)
    assert "@." in shown


def test_an_error_longer_than_the_window_is_underlined_as_far_as_it_is_visible() -> None:
    shown, carets = under("x " + "狐" * 300 + " y", "狐" * 300)
    assert shown.endswith("…")
    assert carets.count("^") == 2 * shown.count("狐") > 90


def test_no_more_than_twenty_errors_are_drawn() -> None:
    drawn = str(refusal("x " + "@ " * 22)).split("\n")
    assert drawn[-1] == "and 2 more errors"
    assert sum(line.startswith("error: ") for line in drawn) == 20


@given(st.text() | st.text(alphabet="ab'\"\\|#@-=. \n\t\r狐\x00\udc80as"), st.booleans())
def test_any_string_is_parsed_or_refused_with_errors_that_can_be_drawn(text: str, in_script: bool) -> None:
    source = Source("a.inv" if in_script else None, text)
    _, errors = read(source)
    assert str(Refusal(errors, source)).encode("utf-8") or not errors
    assert {error.code for error in errors} <= SYNTAX_CODES.keys()
    assert all(0 <= error.span.start < error.span.end <= len(text) for error in errors)
    if errors:
        with pytest.raises(Refusal):
            parse(source)
    else:
        parse(source)


@given(st.text(), st.integers(-5, 30), st.integers(-5, 30))
def test_any_span_can_be_drawn(text: str, start: int, end: int) -> None:
    drawn = draw(LanguageError("a", text, Span(start, end), text, (text,)), Source(text, text))
    assert drawn.encode("utf-8")
    assert all(char.isprintable() or char in "\n\u200c\u200d\u3000\xa0" for char in drawn)
