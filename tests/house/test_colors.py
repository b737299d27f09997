"""Colors are parsed on two floors that cannot share code; both accept the same colors."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.imaging.colors import FORMS, RGBA, parse_color
from core.imaging.errors import BadImageInput
from invocations.spec import FieldType
from workflows.values.codecs import codec_of
from workflows.values.colors import COLORS, MAX_LENGTH, canonical

NAMES = st.sampled_from(sorted(COLORS))
DIGITS = st.text("0123456789abcdefABCDEFg", max_size=9).map(lambda digits: f"#{digits}")
NUMBERS = st.one_of(
    st.integers(0, 400).map(str),
    st.floats(0, 400, allow_nan=False).map(lambda number: f"{number:.2f}"),
    st.sampled_from(["", "-1", "1.", ".5", "1e2", "1٣", "9" * 80, "0" * 60 + "7"]),
)
PARTS = st.tuples(st.sampled_from(["", " ", "  ", "\t", "\x1c"]), NUMBERS, st.sampled_from(["", "%", " %", "% "])).map(
    "".join
)
FUNCTIONS = st.builds(
    lambda name, parts, end: f"{name}({','.join(parts)}{end}",
    st.sampled_from(["rgb", "rgba", "hsl", "hsla", "hsv", "hsb", "RGB", "Hsl", "rgb ", "cmyk"]),
    st.lists(PARTS, max_size=5),
    st.sampled_from([")", " )", "", "))"]),
)
LIKELY = st.one_of(
    st.tuples(st.sampled_from(["rgb", "rgba"]), st.lists(st.integers(0, 300), min_size=3, max_size=4)).map(
        lambda call: f"{call[0]}({', '.join(map(str, call[1]))})"
    ),
    st.tuples(st.sampled_from(["hsl", "hsv", "hsb"]), st.floats(0, 720), st.floats(0, 120), st.floats(0, 120)).map(
        lambda call: f"{call[0]}({call[1]:.3f}, {call[2]:.1f}%, {call[3]:.2f}%)"
    ),
    st.lists(st.integers(0, 120), min_size=3, max_size=3).map(
        lambda percents: f"rgb({', '.join(f'{percent}%' for percent in percents)})"
    ),
)
TEXTS = st.one_of(NAMES, NAMES.map(str.upper), DIGITS, FUNCTIONS, LIKELY, st.text(max_size=12)).flatmap(
    lambda text: st.sampled_from([text, f" {text}", f"{text}\n", f"\u00a0{text}", f"{text}x"])
)


def core_color(text: str) -> RGBA | None:
    """Return a color as parsed by the core, or None if the core refuses it."""
    try:
        return parse_color(text)
    except BadImageInput:
        return None


@given(TEXTS)
@example("rgb(300, 0, 0)")
@example("rgba(1, 2, 3, 999)")
@example("transparent")
@example("hsl(120, 50%, 150%)")
@example(f"rgb({' ' * MAX_LENGTH}1,2,3)")
@example("\u212ahaki")  # the Kelvin sign, whose lower case is k
def test_the_line_parser_and_the_core_accept_the_same_colors_with_the_same_values(text: str) -> None:
    color = canonical(text)
    assert (None if color is None else core_color(color)) == core_color(text)


EXAMPLES = {
    "a CSS name": ("teal", "transparent"),
    "#rgb[a]": ("#f80", "#f808"),
    "#rrggbb[aa]": ("#ff8000", "#ff800080"),
    "rgb()": ("rgb(255, 128, 0)", "rgb(100%, 50%, 0%)"),
    "rgba()": ("rgba(255, 128, 0, 64)",),
    "hsl()": ("hsl(120, 100%, 25%)",),
    "hsv()": ("hsv(240, 100%, 100%)",),
    "hsb()": ("hsb(240, 100%, 100%)",),
}


def test_color_errors_of_core_and_invocations_list_all_valid_forms() -> None:
    *first, last = EXAMPLES
    assert f"{', '.join(first)} or {last}" == FORMS
    assert codec_of(FieldType("color")).wants == f"a color ({FORMS})"
    examples = [example for examples in EXAMPLES.values() for example in examples]
    assert None not in map(canonical, examples)
    assert None not in map(core_color, examples)


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("rgb(255, 128, 0)", "#ff8000"),
        ("RGB(100%,50%,0%)", "#ff8000"),
        ("rgba(255, 128, 0, 64)", "#ff800040"),
        ("hsl(120, 100%, 25%)", "#008000"),
        ("hsv(240, 100%, 100%)", "#0000ff"),
        (" teal ", "#008080"),
        ("rgb(1, 2)", None),
        ("rgb(1, 2, 3", None),
        ("hsl(120, 100, 25)", None),
    ],
)
def test_a_color_in_a_line_is_converted_to_hexadecimal(text: str, color: str | None) -> None:
    assert canonical(text) == color
    if color is not None:
        assert codec_of(FieldType("color")).parse(text) == color
