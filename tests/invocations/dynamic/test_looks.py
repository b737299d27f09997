"""Which prompts look like templates."""

from __future__ import annotations

import pytest

from invocations.dynamic.looks import dynamic_parts, looks_dynamic
from tests.linear_time import assert_linear


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a {red|blue} house", ["{red|blue}"]),
        ("a __animal__, a __dir/x*__", ["__animal__", "__dir/x*__"]),
        ("{2$$ and $$a|b} {1-2$$__words__}", ["{2$$ and $$a|b}", "{2$$ and $$a|b}", "{1-2$$__words__}", "__words__"]),
        ("a {very |}old {{a|b} c|d}", ["{very |}", "{a|b}"]),
        ("__clothes(season=winter)__ __@x__", ["__clothes(season=winter)__", "__@x__"]),
        ("${v={a|b}} ${v}", ["{a|b}"]),
    ],
)
def test_groups_and_wildcards_are_recognized(text: str, parts: list[str]) -> None:
    assert list(dynamic_parts(text)) == parts
    assert looks_dynamic(text)


@pytest.mark.parametrize(
    "text",
    [
        "a fox",
        '{"a": "x|y"} and {\'b\': 1|2}',
        '{ "workflow": [1, 2] }',
        "{stem}-{strength}",
        "{seed:06}",
        "(16:9) (red:1.2) [cat|dog] <lora:some__name__v2:0.8>",
        "snake__case, __ line__, a__b__c",
        "embedding:easy",
        r"a \{red|blue} and \__animal__",
        "a | b",
        "50%{",
    ],
)
def test_prompts_without_groups_or_wildcards_do_not_look_like_templates(text: str) -> None:
    assert not looks_dynamic(text)


@pytest.mark.parametrize("piece", ["{", "{a|", "__", "__a", "__a(", "{2$$", "|", "{ ", "a|}"])
def test_templates_are_recognized_in_linear_time(piece: str) -> None:
    assert_linear(lambda times: list(dynamic_parts(piece * times)), most=12_800)
