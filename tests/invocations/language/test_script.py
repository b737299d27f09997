"""The lines of a script are split into statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import Refusal, Source, is_incomplete, parse, split_lines, split_script, tokenize

SCRIPT = """\ufeff# a poster
model default

t2i 'a red
fox' |
  # then larger
  upscale 4 \\
    --tiled
save poster.png  # keep
"""


def statements(text: str) -> list[tuple[int, str]]:
    return [(s.line, s.source.slice(s.span)) for s in split_script(Source("poster.inv", text))]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_script_is_split_into_statements(newline: str) -> None:
    assert statements(SCRIPT.replace("\n", newline)) == [
        (2, "model default"),
        (4, "t2i 'a red\nfox' |\n  # then larger\n  upscale 4 \\\n    --tiled"),
        (9, "save poster.png"),
    ]


def test_a_statement_records_its_position_in_the_script() -> None:
    _, second, _ = split_script(Source("poster.inv", SCRIPT))
    place = second.source.text.index("--tiled")
    assert second.source.name == "poster.inv"
    assert second.source.first_line == 4
    assert second.source.line_column(place) == (8, 5)


@pytest.mark.parametrize("text", ["", "\n\n", "# a\n  # b", "\ufeff", " \t\r\n"])
def test_120_blank_lines_and_comments_are_not_statements(text: str) -> None:
    assert statements(text) == []


def test_119_an_open_quote_at_the_end_of_a_script_is_reported_as_one_error() -> None:
    text = 'add 1 2\nt2i \'a fox\nadd 3 4\nadd 5 6 | save "x"\n'
    first, second = split_script(Source("poster.inv", text))
    parse(first.source)
    with pytest.raises(Refusal) as caught:
        parse(second.source)
    assert [error.code for error in caught.value.errors] == ["unclosed_quote"]
    assert str(caught.value).startswith("poster.inv:2:5: error: ")


@pytest.mark.parametrize(("text", "line"), [("add 1 |", 1), ("add 1\nadd 2 \\", 2), ("add 1 |\n\n# c\n", 1)])
def test_an_unfinished_statement_at_the_end_of_a_script_is_refused(text: str, line: int) -> None:
    last = list(split_script(Source(None, text)))[-1]
    assert last.line == line
    with pytest.raises(Refusal):
        parse(last.source)


INCOMPLETE = [
    "t2i 'a",
    't2i "a',
    "a |",
    "a |\n",
    "a | # c",
    "a |\n# c\n",
    "a \\",
    "\\",
    "a\\",
    "|",
    "a | 'b\n",
    "x --a='b",
]
COMPLETE = ["", "a", "a # |", "a '|'", "a \\\n", "# 'a", "a #'", "it's", 'a "\\""', "a \\ b", "a '\\'", "# a \\"]


@pytest.mark.parametrize("text", INCOMPLETE)
def test_a_line_is_incomplete_if_more_must_follow(text: str) -> None:
    assert is_incomplete(text)


@pytest.mark.parametrize("text", COMPLETE)
def test_a_line_is_complete_if_nothing_more_must_follow(text: str) -> None:
    assert not is_incomplete(text)


def test_a_statement_is_yielded_as_soon_as_its_last_line_is_read() -> None:
    read: list[str] = []

    def lines() -> Iterator[str]:
        for line in ("add 1 |\n", "mul 2\n", "add 3\n"):
            read.append(line)
            yield line

    first = next(split_lines(lines()))
    assert first.source.text == "add 1 |\nmul 2"
    assert read == ["add 1 |\n", "mul 2\n"]


def joined_one_by_one(text: str) -> list[tuple[int, str]]:
    """Split a script in the simplest way: add lines to a statement until it is complete."""
    found: list[tuple[int, str]] = []
    held: list[str] = []
    for number, line in enumerate([*text.split("\n"), None], 1):
        if line is not None:
            held.append(line.removesuffix("\r"))
        if line is None or not is_incomplete("\n".join(held)):
            source = Source(None, "\n".join(held), number - len(held) + (line is not None))
            tokens = [t for t in tokenize(source) if t.kind not in ("comment", "newline")]
            if tokens:
                found.append((source.line_column(tokens[0].span.start)[0], source.text))
            held = []
    return found


@given(st.text(alphabet="ab'\"\\|#-= \n\r"))
def test_lines_are_joined_until_the_statement_is_complete(text: str) -> None:
    assert [(s.line, s.source.text) for s in split_script(Source(None, text))] == joined_one_by_one(text)


@given(st.text(alphabet="ab'\"\\|#-= \n"))
def test_a_line_that_can_be_parsed_is_complete(text: str) -> None:
    try:
        parse(Source(None, text))
    except Refusal:
        return
    assert not is_incomplete(text)
