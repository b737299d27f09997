"""Any text is split into tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import Source, is_name, tokenize


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


def test_a_token_has_its_decoded_value() -> None:
    values = [token.value for token in tokenize(Source(None, "a \"b\\\"c\" 'd' --scale -n @e.f 'g"))]
    assert values == ["a", 'b"c', "d", "scale", "n", "@e.f", "g"]


BROKEN = [("'a b", "unclosed"), ("@", "bad_reference"), ("--5", "bad_option"), ('"', "unclosed")]


@pytest.mark.parametrize(("text", "kind"), BROKEN)
def test_invalid_text_is_a_token_too(text: str, kind: str) -> None:
    assert kinds(f"x {text}") == [("word", "x"), (kind, text)]


@given(st.text() | st.text(alphabet="ab'\"\\|#@-=. \n\t\r\ufeff1"))
def test_tokens_cover_the_whole_text_except_spaces(text: str) -> None:
    at = 0
    for token in tokenize(Source(None, text)):
        assert token.span.start >= at
        assert not text[at : token.span.start].strip("\ufeff \t\r\x0b\x0c").strip()
        assert text[token.span.start : token.span.end] == token.text != ""
        at = token.span.end
    assert not text[at:].replace("\ufeff", "").strip()


@pytest.mark.parametrize(("text", "answer"), [("fox", True), ("_", True), ("a-1_b", True), ("aé狐", True)])
def test_a_name_begins_with_a_to_z_or_an_underscore(text: str, answer: bool) -> None:
    assert is_name(text) is answer


@pytest.mark.parametrize("text", ["", "1a", "-a", "é", "a.b", "a b", "a\n", "a|"])
def test_these_are_not_names(text: str) -> None:
    assert not is_name(text)
