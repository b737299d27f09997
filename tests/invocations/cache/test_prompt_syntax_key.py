"""The cache key of a prompt contains the prompt syntax only if it matters, so that older results can be reused."""

from __future__ import annotations

import pytest

from invocations.cache.keys import Signer
from invocations.catalog.registry import open_registry
from invocations.prompt_syntax import matters
from invocations.values import ModelRef

PROMPT = open_registry()["prompt"]


def key_of(text: str, syntax: str | None) -> str:
    inputs = {"model": ModelRef("m", "m", "m"), "text": text} | ({"prompt_syntax": syntax} if syntax else {})
    signed = Signer().sign(PROMPT, inputs)
    assert signed is not None
    return signed.key


@pytest.mark.parametrize("text", ["a red fox, in the snow", "well_lit 10:30 {a|b} <x> 'y'", ""])
def test_a_prompt_without_weights_has_the_same_cache_key_in_every_syntax(text: str) -> None:
    assert key_of(text, None) == key_of(text, "invoke") == key_of(text, "a1111")
    assert "prompt_syntax" not in Signer().sign(PROMPT, {"model": ModelRef("m", "m", "m"), "text": text}).inputs  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["(a:1.2) fox", r"a \(b\)", "(a: .5 )"])
def test_text_that_version_0_1_0_read_as_plain_words_gets_a_new_cache_key(text: str) -> None:
    assert matters(text, "invoke")
    assert key_of(text, "invoke") != key_of(text, "a1111")


@pytest.mark.parametrize("text", ["(a)1.2", "fox++", "(b)", "[b]", "well-lit", "a BREAK b"])
def test_a_prompt_in_the_weight_syntax_of_version_0_1_0_keeps_its_cache_key(text: str) -> None:
    assert not matters(text, "invoke")
    assert matters(text, "a1111")
    assert key_of(text, None) == key_of(text, "invoke") != key_of(text, "a1111")


@pytest.mark.parametrize("value", [None, 5, ["a"]])
def test_the_cache_key_of_a_prompt_that_is_not_a_string_contains_the_syntax(value: object) -> None:
    assert matters(value, "invoke")
