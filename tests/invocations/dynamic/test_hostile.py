"""Hostile templates: each is parsed in linear time, and yields either prompts or a single error."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.dynamic.errors import DynamicError
from invocations.dynamic.template import parse_template
from invocations.dynamic.wildcards import Wildcards
from tests.linear_time import assert_linear

PIECES = [
    "{", "}", "|", "$$", "${", "${v", "${v:", "${v=", "__", "__a", "__a(", "__{", "{a}", "{a|b}", "{2$$a", "{1::a|b}",
    "${v:b}", "\\{", "\\", " # ", "#\n", "1-2$$", "%{", "%{a...$$b}", "{~a|b}", "...", "__${v:a}__", "_", " ", "{-",
]  # fmt: skip
NONE = Wildcards()


def outcome(text: str) -> object:
    """Return the first prompts of a template, or its error."""
    try:
        template = parse_template(text)
        return list(itertools.islice(template.all(NONE), 5)), template.count(NONE), template.draw(NONE, 2, 1)
    except DynamicError as error:
        return error


@pytest.mark.parametrize("piece", PIECES)
def test_a_hostile_template_is_processed_in_linear_time(piece: str) -> None:
    assert_linear(lambda times: outcome(piece * times), most=12_800)


@given(st.lists(st.sampled_from([*PIECES, "a", "b "]), max_size=40).map("".join))
def test_any_template_yields_prompts_or_an_error(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, DynamicError) == (not isinstance(found, tuple))
    if isinstance(found, DynamicError):
        assert -1 <= found.start <= found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${a0=}" + "".join(f"${{a{n + 1}=${{a{n}}}${{a{n}}}}}" for n in range(60)) + "${a60}", "20,000 parts"),
        (
            "${a0={|a}}" + "".join(f"${{a{n + 1}={{${{a{n}}}|${{a{n}}}}}}}" for n in range(40)) + "${a40}",
            "300,000 parts",
        ),
        ("".join(f"${{a{n + 1}=!${{a{n}:xy}}${{a{n}:xy}}}}" for n in range(60)) + "${a60}", "20,000 characters"),
        ("".join(f"${{a{n + 1}=${{a{n}}}}}" for n in range(200)) + "${a0=x}${a200}", "at most 100 deep"),
        ("{1-$$" + "|".join(f"{{a|b{n}}}" for n in range(900)) + "|c}", "too many results to count"),
    ],
)
def test_templates_that_grow_exponentially_are_refused(text: str, message: str) -> None:
    found = outcome(text)
    assert isinstance(found, DynamicError)
    assert message in found.message
