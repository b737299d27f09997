"""Any string is split into tokens: words, pipe symbols, quotes, comments, spaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import Pipeline, Positional, Source, Word, is_name, tokenize
from tests.invocations.language.trees import codes, stage, tree


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(Source(None, text))]


def test_a_line_is_split_into_tokens() -> None:
    assert kinds("t2i 'a fox' --steps=20 -n5 @fox -- -x|save \\\n# keep") == [
        ("word", "t2i"),
        ("quoted", "'a fox'"),
        ("option", "--steps"),
        ("equals", "="),
        ("word", "20"),
        ("option", "-n"),
        ("word", "5"),
        ("reference", "@fox"),
        ("end_of_options", "--"),
        ("word", "-x"),
        ("bar", "|"),
        ("word", "save"),
        ("continuation", "\\\n"),
        ("comment", "# keep"),
    ]


def test_a_token_holds_its_decoded_value() -> None:
    values = [token.value for token in tokenize(Source(None, "a \"b\\\"c\" 'd' --scale -n @e.f 'g"))]
    assert values == ["a", 'b"c', "d", "scale", "n", "@e.f", "g"]


@pytest.mark.parametrize("name", ["steps", "t2i.steps", "blur.2.radius", "my-recipe.t2i.clip-skip"])
def test_an_option_may_name_a_stage_of_a_recipe(name: str) -> None:
    assert kinds(f"x --{name}=3") == [("word", "x"), ("option", f"--{name}"), ("equals", "="), ("word", "3")]


@pytest.mark.parametrize("name", [".steps", "t2i.", "t2i..steps", "2.radius", "t2i.-x", "t2i.2x"])
def test_a_dot_in_an_option_stands_between_names_or_numbers(name: str) -> None:
    assert kinds(f"x --{name}") == [("word", "x"), ("bad_option", f"--{name}")]


BROKEN = [("'a b", "unclosed"), ("@", "bad_reference"), ("--5", "bad_option"), ('"', "unclosed")]


@pytest.mark.parametrize(("text", "kind"), BROKEN)
def test_invalid_text_also_becomes_a_token(text: str, kind: str) -> None:
    assert kinds(f"x {text}") == [("word", "x"), (kind, text)]


@given(st.text() | st.text(alphabet="ab'\"\\|#@-=. \n\t\r\ufeff1"))
def test_tokens_cover_the_whole_line_except_spaces(text: str) -> None:
    at = 0
    for token in tokenize(Source(None, text)):
        assert token.span.start >= at
        assert not text[at : token.span.start].strip("\ufeff \t\r\x0b\x0c").strip()
        assert text[token.span.start : token.span.end] == token.text != ""
        at = token.span.end
    assert not text[at:].replace("\ufeff", "").strip()


@pytest.mark.parametrize(("text", "answer"), [("fox", True), ("_", True), ("a-1_b", True), ("aé狐", True)])
def test_a_name_begins_with_a_letter_from_a_to_z_or_an_underscore(text: str, answer: bool) -> None:
    assert is_name(text) is answer


@pytest.mark.parametrize("text", ["", "1a", "-a", "é", "a.b", "a b", "a\n", "a|"])
def test_an_empty_word_or_one_with_a_character_that_names_do_not_allow_is_not_a_name(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize("line", ["add 1 2|mul 5", "add 1 2 |mul 5", "add 1 2| mul 5", "add 1 2 |\nmul 5"])
def test_a_pipe_symbol_needs_no_spaces_around_it(line: str) -> None:
    assert tree(line) == tree("add 1 2 | mul 5")


@pytest.mark.parametrize(
    "line", ["join 'a|b'", 'join "a|b"', "join --separator='a|b'", "join -s'a|b'", "join -s='a|b'"]
)
def test_117_a_pipe_symbol_inside_quotes_is_plain_text(line: str) -> None:
    (argument,) = stage(line).arguments
    assert argument.value == Word("a|b", '"' if '"' in line else "'")


@pytest.mark.parametrize("word", ["fox's", "don't", "rock'n'roll", "dogs'", 'a"b', '5"', "o'clock,", '="x'])
def test_118_a_quote_inside_a_word_is_an_ordinary_character(word: str) -> None:
    assert stage(f"t2i a {word} den").arguments[1] == Positional(Word(word))


@pytest.mark.parametrize(
    "line", ["t2i 'tis the season", 't2i "a fox | save x.png', "a | b --c='d | e", "t2i '", 't2i a "b\\"']
)
def test_119_an_unclosed_quote_is_reported_as_one_error(line: str) -> None:
    assert codes(line) == ["unclosed_quote"]


@pytest.mark.parametrize(
    "line", ["", " \t ", "# a comment", "   # a comment", "#!shebang", "\n\n", "# one\n  # two\n", "\ufeff"]
)
def test_120_comments_and_blank_lines_are_ignored(line: str) -> None:
    assert tree(line) == Pipeline()


@pytest.mark.parametrize(
    "line", ["save # keep", "save  #\tkeep this | one", "save #", "save\n# keep", "# head\nsave", "save # 'x"]
)
def test_120_a_comment_after_a_space_ends_the_line(line: str) -> None:
    assert tree(line) == tree("save")


@pytest.mark.parametrize("word", ["#ff8800", "a#", "#1,", "##"])
def test_a_hash_next_to_a_letter_is_part_of_a_word(word: str) -> None:
    assert stage(f"pad {word}").arguments == (Positional(Word(word)),)


QUOTES = [
    (r'"a b"', "a b"),
    (r'"say \"hi\""', 'say "hi"'),
    (r'"a\\b"', "a\\b"),
    (r'"a\nb\tc"', "a\nb\tc"),
    (r'"C:\dir"', "C:\\dir"),
    ('"it\'s"', "it's"),
    ('""', ""),
    ("'a b'", "a b"),
    (r"'a\nb'", "a\\nb"),
    (r"'a\'", "a\\"),
    ("'say \"hi\"'", 'say "hi"'),
    ("'# no comment'", "# no comment"),
    ("'two\nlines'", "two\nlines"),
    ("'@fox'", "@fox"),
    ("'--x'", "--x"),
]


@pytest.mark.parametrize(("written", "text"), QUOTES)
def test_quotes_are_removed_and_escapes_decoded(written: str, text: str) -> None:
    assert stage(f"x {written}").arguments == (Positional(Word(text, written[0])),)  # type: ignore[arg-type]


CONTINUED = ["t2i a \\\nfox", "t2i a\\\nfox", "t2i a \\\r\nfox", "t2i a \\  \nfox", "\\\nt2i a fox", "t2i a fox \\\n"]


@pytest.mark.parametrize("line", CONTINUED)
def test_a_backslash_at_the_end_of_a_line_joins_it_to_the_next_line(line: str) -> None:
    assert tree(line) == tree("t2i a fox")


SPACES = [
    "t2i\ta  fox ",
    "t2i\u00a0a\u00a0fox",
    "\ufefft2i a fox",
    "t2i a\u3000fox\r\n",
    "t2i a\u2028fox",
    "t2i a\x0bfox",
]


@pytest.mark.parametrize("line", SPACES)
def test_any_unicode_whitespace_separates_words(line: str) -> None:
    assert tree(line) == tree("t2i a fox")
