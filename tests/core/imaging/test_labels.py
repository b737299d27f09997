"""How labels are broken into lines, made smaller and shortened, and which fonts draw them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.imaging import fonts
from core.imaging.edges import Edges
from core.imaging.fonts import drawable, font_of, missing, size_for
from core.imaging.grid import missing_characters
from core.imaging.labels import Labels, laid_out, width_of

SIZE = 12
FONT = font_of(SIZE)


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make Pillow's built-in font the only font."""
    monkeypatch.setattr(fonts, "INSTALLED", ())
    fonts._best.cache_clear()
    yield
    fonts._best.cache_clear()


def lines(text: str, *, fits: str, size: int = SIZE) -> list[str]:
    """Return the lines of a label that may be as wide as the string `fits` in the usual font size."""
    found = laid_out([text], width_of(fits, font_of(size)), size)
    assert sizes(found) == size
    return found.texts[0]


def sizes(labels: Labels) -> float:
    return float(getattr(labels.font, "size", 0))


@pytest.mark.parametrize(
    ("text", "fits", "expected"),
    [
        ("steps 10", "steps 10", ["steps 10"]),
        ("steps  10\nmore", "steps 10", ["steps 10", "more"]),
        ("a red fox in snow", "a red fo", ["a red", "fox in", "snow"]),
        ("dpmpp_2m_karras", "dpmpp_2m_", ["dpmpp_2m_", "karras"]),
        ("dpm-2-ancestral", "ancestral", ["dpm-2-", "ancestral"]),
        ("red,green,blue", "red,green", ["red,", "green,", "blue"]),
        ("a dpmpp_2m_karras", "dpmpp_2m_", ["a", "dpmpp_2m_", "karras"]),
        ("guidance -0.5", "guidance", ["guidance", "-0.5"]),
        ("__a__ x", "__a__", ["__a__", "x"]),
        ("", "steps", []),
    ],
)
def test_a_label_is_broken_at_spaces_and_in_a_wide_word_after_commas_dashes_and_underscores(
    text: str, fits: str, expected: list[str]
) -> None:
    assert lines(text, fits=fits) == expected


def test_a_label_with_more_than_three_lines_ends_in_dots() -> None:
    found = lines("one two three four five six seven", fits="threefo")
    assert found[:2] == ["one", "two"]
    assert len(found) == 3
    assert found[-1].endswith("...")
    assert max(width_of(line, FONT) for line in found) <= width_of("threefo", FONT)


def test_the_font_becomes_smaller_if_that_avoids_dots() -> None:
    small = font_of(9)
    found = laid_out(["extraordinary", "fox"], width_of("extraordinary", small), SIZE)
    assert found.texts == [["extraordinary"], ["fox"]]
    assert 9 <= sizes(found) < SIZE


def test_the_font_keeps_its_size_if_a_word_does_not_fit_in_any_size() -> None:
    found = laid_out(["extraordinary", "fox"], width_of("extra", FONT), SIZE)
    assert sizes(found) == SIZE
    assert found.texts[1] == ["fox"]
    assert found.texts[0][0].endswith("...")
    assert found.width <= width_of("extra", FONT)


def test_the_font_keeps_its_size_if_only_the_end_of_a_long_text_does_not_fit() -> None:
    found = laid_out(["a fox " * 50, "a boat"], 100, 24)
    assert sizes(found) == 24
    assert [len(text) for text in found.texts] == [3, 1]


def test_a_label_has_as_many_lines_as_its_height_allows() -> None:
    text = "one two three four five six"
    assert len(laid_out([text], 30, SIZE, height=200).texts[0]) > 3
    (only,) = laid_out([text], 30, SIZE, height=10).texts[0]
    assert only.endswith("...")


def test_chinese_text_is_broken_between_characters() -> None:
    text = "\u4e2d\u6587" * 6
    found = laid_out([text], width_of(text[:5], font_of(SIZE, [text])), SIZE)
    assert "".join(found.texts[0]) == text
    assert len(found.texts[0]) == 3


def test_a_space_that_can_hardly_be_seen_is_doubled() -> None:
    assert laid_out(["radius 0"], 100, 10).texts == [["radius  0"]]
    assert laid_out(["radius 0"], 100, 16).texts == [["radius 0"]]


def test_invisible_characters_are_not_drawn() -> None:
    assert drawable("a\u202eb\u200d\x07 c\td") == "ab c\td"


@pytest.mark.usefixtures("no_fonts")
def test_a_character_that_no_font_has_gets_a_simpler_form_or_is_reported() -> None:
    text = "caf\xe9 \u2013 \u4e2d"
    assert missing([text, "fox"]) == "\xe9\u2013\u4e2d"
    assert drawable(text, missing([text])) == "cafe - \u4e2d"
    assert missing_characters([text], Edges("\u6587", ["fox"])) == "\u4e2d\u6587"
    assert laid_out([text], 200, SIZE).texts == [["cafe - \u4e2d"]]
    assert missing_characters(["a fox"], Edges()) == ""


def test_an_installed_font_is_used_for_characters_that_only_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "INSTALLED", ("first.ttf", "second.ttf", "third.ttf"))
    monkeypatch.setattr(fonts, "_has", lambda name, character: name == "second.ttf" or character == "\xe9")
    monkeypatch.setattr(fonts, "_loaded", lambda name, size: name if name != "first.ttf" else None)
    fonts._best.cache_clear()
    assert [font_of(SIZE, [text]) for text in ("a fox", "caf\xe9", "\u0416")] == ["", "", "second.ttf"]
    fonts._best.cache_clear()


def test_the_size_of_the_font_depends_on_the_width_of_the_images() -> None:
    assert [size_for(width) for width in (64, 200, 512)] == [10, 14, 24]
