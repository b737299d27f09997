"""Names of images on the shelf contain nothing that a path, a pattern or an option could."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.errors import BadValue
from invocations.storing.gallery.names import checked_name, is_name, name_of_file, numbered


@pytest.mark.parametrize(
    ("written", "name"),
    [("house", "house"), (" house.PNG ", "house"), ("a.b.webp", "a.b"), ("Über-2_b+c", "Über-2_b+c"), ("e\u0301", "é")],
)
def test_a_name_is_kept_without_the_suffix_of_an_image(written, name):
    assert checked_name(written) == name


@pytest.mark.parametrize(
    "written",
    ["", ".", "..", ".png", "-", "-x", "a/b", "a\\b", "~", "~x", "C:", "C:x", "a*", "a?", "[a]", "{a}", "a b", "a|b",
     "@a", "$a", "a\0b", "a\nb", "http://x", "a" * 64, "0" * 64, "a.", "'a'", '"', "\u202e", "<b>", "a%2fb"],
)  # fmt: skip
def test_what_could_be_a_path_a_pattern_or_an_id_is_no_name(written):
    if written == "a" * 64 or written == "0" * 64:
        assert not is_name(written)
    with pytest.raises(BadValue) as refused:
        checked_name(written)
    assert refused.value.field == "name"
    assert refused.value.hint.startswith("use letters, digits")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("house.png", "house"), ("C:\\Users\\me\\IMG 2024 (1).JPG", "IMG-2024-1"), ("/home/me/.hidden.webp", "hidden"),
        ("../../etc/passwd", "passwd"), ("...", ""), ("\0\0", ""), ("x" * 300 + ".png", "x" * 60), ("日本.png", "日本"),
    ],
)  # fmt: skip
def test_the_name_of_a_file_becomes_a_name_as_far_as_possible(file, name):
    assert name_of_file(file) == name


@given(st.text(max_size=80))
def test_no_name_contains_a_character_with_a_meaning(text):
    for found in (name_of_file(text), text if is_name(text) else ""):
        assert not re.search(r"[/\\:~*?\[\]{}|@$\s\"'<>%\0-\x1f]", found)
        assert not found.startswith(("-", "."))
        if found:
            assert checked_name(found) in (found, found.rpartition(".")[0])
            assert is_name(numbered(found, 12))
