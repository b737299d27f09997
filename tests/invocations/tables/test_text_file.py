"""Text files in every encoding that is accepted, and the errors for all others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.errors import TextFileError
from invocations.tables.text_file import decoded, kept_lines, lines_of

TEXT = "a fox\r\nein Fuchs, größer\n狐\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_with_or_without_a_byte_order_mark_is_decoded(encoding: str) -> None:
    assert decoded(TEXT.encode(encoding), "a.txt") == TEXT


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xfe\xff", "utf-16-be"), (b"\x00\x00\xfe\xff", "utf-32-be")])
def test_a_file_in_big_endian_order_is_decoded(mark: bytes, encoding: str) -> None:
    assert decoded(mark + TEXT.encode(encoding), "a.txt") == TEXT


SAVE_AS = "save it as UTF-8; in a spreadsheet, choose `CSV UTF-8`"
UNDECODABLE = [
    (b"a\nb\r\ngr\xf6\xdfer\n", "`a.txt`, line 3: not UTF-8", SAVE_AS),
    (b"\xff\xfea\x00\n\x00b", "`a.txt`, line 2: not UTF-16", SAVE_AS),
    ("a fox".encode("utf-16-le"), "`a.txt` is not a text file: it contains null bytes", "save it as UTF-8 text"),
    (b"\x89PNG\r\n\x1a\n\x00", "`a.txt`, line 1: not UTF-8", SAVE_AS),
]


@pytest.mark.parametrize(("data", "message", "hint"), UNDECODABLE, ids=[case[1] for case in UNDECODABLE])
def test_a_file_in_another_encoding_is_refused_with_the_line(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(TextFileError) as raised:
        decoded(data, "a.txt")
    assert (raised.value.message, raised.value.hint) == (message, hint)


def test_lines_end_at_newlines_only() -> None:
    assert lines_of("a\r\nb\rc\n\nd\x0be\u2028f\x85g") == ["a", "b", "c", "", "d\x0be\u2028f\x85g"]
    assert lines_of("a\n") == ["a"]
    assert lines_of("") == []


def test_empty_lines_and_comments_are_left_out() -> None:
    text = "# prompts\n  a fox  \n\n\t\n#a boat\na #1 house\n"
    assert kept_lines(text, comment="#") == ["a fox", "a #1 house"]
    assert kept_lines(text) == ["# prompts", "a fox", "#a boat", "a #1 house"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_the_lines_of_a_file_are_read_back_in_every_encoding(lines: list[str]) -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        data = "".join(f"{line}\r\n" for line in lines).encode(encoding)
        assert lines_of(decoded(data, "a.txt")) == lines
