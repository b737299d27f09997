"""The node `dynamic`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from invocations.errors import BadValue
from invocations.nodes.dynamic import Dynamic

TEN = "{" + "|".join("abcdefghij") + "}"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"template": "a {red|blue} {house|boat}"}, ["a red house", "a red boat", "a blue house", "a blue boat"]),
        ({"template": "a {red|blue} {house|boat}", "count": 3}, ["a red house", "a red boat", "a blue house"]),
        ({"template": "a {red|blue} house", "count": 9}, ["a red house", "a blue house"]),
        ({"template": "a house"}, ["a house"]),
        ({"template": ""}, [""]),
        ({"template": r"a \{red\|blue\} {house|boat}"}, ["a {red|blue} house", "a {red|blue} boat"]),
        ({"template": "{2$$ and $$a|b|c}", "count": 2}, ["a and b", "a and c"]),
        ({"template": "{2$$a|b}"}, ["a,b", "b,a"]),
        ({"template": "{a {small|big} fox|a hen}"}, ["a small fox", "a big fox", "a hen"]),
        ({"template": "{3::ein grüner|日本の} 🦊"}, ["ein grüner 🦊", "日本の 🦊"]),
    ],
)
def test_a_template_is_expanded_to_its_prompts(context: Any, inputs: dict[str, Any], expected: list[str]) -> None:
    assert Dynamic(**inputs).invoke(context).collection == expected


def test_random_prompts_depend_on_the_seed_only(context: Any) -> None:
    def drawn(**inputs: Any) -> list[str]:
        found: list[str] = Dynamic(template=f"{TEN} {TEN}", random=True, **inputs).invoke(context).collection
        return found

    assert drawn(count=5, seed=7) == drawn(count=9, seed=7)[:5] != drawn(count=5, seed=8)
    assert len(drawn(seed=7)) == 1


def test_random_prompts_may_repeat(context: Any) -> None:
    prompts = Dynamic(template="{a|b}", random=True, count=5, seed=7).invoke(context).collection
    assert len(prompts) == 5
    assert {*prompts} == {"a", "b"}


def test_wildcard_files_with_windows_line_ends_and_a_byte_order_mark_are_read(context: Any, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "color.txt").write_bytes("\ufeffred\r\ngrün\r\n\r\n# a comment\r\n".encode())
    assert Dynamic(template="a __color__", wildcards=["words"]).invoke(context).collection == ["a red", "a grün"]


ESCAPE = r"add a `}`, or write `\{`, `\$` or `\%` for a symbol that is text"
REFUSALS = (
    ("a {red|blue", "character 3: a group has no `}`", ESCAPE),
    ("a ${x}", "character 3: the variable `x` is not set", "set it with ${x=value}, or write ${x:default}"),
    ("a __fix__", "character 3: there is no wildcard named `fix`", "did you mean `fox`?"),
    ("a __empty__", "character 3: the wildcard `empty` has no lines", ""),
    ("a __open__", "in the wildcard `open`: character 1: a group has no `}`", ESCAPE),
    (
        TEN * 7,
        "the template has 10000000 prompts, but at most 100000 are possible",
        "draw some of them: --random --count 20",
    ),
)


@pytest.mark.parametrize(("template", "message", "hint"), REFUSALS, ids=[case[0][:12] for case in REFUSALS])
def test_a_template_that_cannot_be_expanded_is_refused(
    context: Any, tmp_path: Path, template: str, message: str, hint: str
) -> None:
    words = tmp_path / "words"
    words.mkdir()
    for name, text in (("fox", "fox\n"), ("empty", "# nothing\n\n"), ("open", "{a|b\n")):
        (words / f"{name}.txt").write_text(text)
    with pytest.raises(BadValue) as raised:
        Dynamic(template=template, wildcards=["words"]).invoke(context)
    assert (raised.value.field, raised.value.message, raised.value.hint) == ("template", message, hint)


def test_prompts_whose_total_length_is_too_large_are_refused(context: Any) -> None:
    with pytest.raises(BadValue, match="more than 50,000,000 characters in all"):
        Dynamic(template=f"{'x' * 9_000} {TEN * 4}").invoke(context)
