"""Any text in place of numbers: a proposed value can be planned, and one word causes one error for each wrong part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language.errors import Refusal
from tests.workflows.planning.cook import Cook

SIGNS = st.sampled_from(
    ["..", "...", "-", ":", "/", "?", ",", ";", "x", "[", "]", "(", ")", " ", "*", "1", "8", "20", ".5"]
)
VALUES = st.lists(SIGNS, min_size=1, max_size=7).map("".join)
LINES = st.sampled_from(
    ["t2i a --seed={}", "t2i a --steps={}", "load a.png | upscale --scale={}", "sweep seed={} | t2i a"]
)
PROPOSED = "write "


def refusal(line: str) -> Refusal | None:
    try:
        Cook()(line)
    except Refusal as refused:
        return refused
    return None


@given(LINES, VALUES)
def test_a_value_that_a_hint_proposes_can_be_planned(line: str, value: str) -> None:
    written = f'"{value}"' if " " in value else value
    refused = refusal(line.format(written))
    if refused is None or len(refused.errors) > 1:
        return
    (error,) = refused.errors
    hint = error.hint or ""
    if error.code not in ("bad_value", "bad_range") or not hint.startswith(PROPOSED) or "for example" in hint:
        return
    proposed = hint.removeprefix(PROPOSED).split()[0].rstrip(",")
    text = line.format(written)
    mended = text[: error.span.start] + proposed + text[error.span.end :]
    if "missing" in error.message:  # the error points at a comma, but the hint states the whole word
        mended = line.format(proposed)
    again = refusal(mended)
    assert again is None or all(each.code in ("sweep_too_large", "out_of_range") for each in again.errors), mended


@pytest.mark.parametrize(
    "value", ["[[", "]", "x", "..", "...", "-", ":", "[1", "1]", "()", "range()", "4x4", "1..2..3..4"]
)
def test_text_without_a_meaning_is_refused_without_a_crash(value: str) -> None:
    assert refusal(f"t2i a --seed={value}") is not None
