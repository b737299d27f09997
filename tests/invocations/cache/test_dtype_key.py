"""The cache key of a node contains the precision and the number of threads of its model, if they are its own."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.cache.keys import CacheKey, Signer, differences
from invocations.catalog.registry import open_registry
from invocations.values import ModelRef

CATALOG = open_registry()
SMALL, LARGE = ModelRef("small", "small", "small"), ModelRef("large", "large", "large")


def signed(signer: Signer, node: str, **inputs: Any) -> CacheKey:
    key = signer.sign(CATALOG[node], inputs)
    assert key is not None
    return key


def signer(dtype: str, own: str = "") -> Signer:
    return Signer(
        computing=lambda: {"device": "cpu", "dtype": dtype},
        find_model={"small": SMALL, "large": LARGE}.get,
        computing_of=lambda model: {"dtype": own} if own and model is LARGE else {},
    )


def on_threads(count: str) -> Signer:
    return Signer(
        computing=lambda: {"device": "cpu", "dtype": "float32"},
        find_model={"small": SMALL, "large": LARGE}.get,
        computing_of=lambda model: {"threads": count} if count and model is LARGE else {},
    )


@pytest.mark.parametrize("model", [LARGE, SMALL])
def test_a_result_is_reused_if_and_only_if_its_model_computes_in_the_same_precision(model: ModelRef) -> None:
    auto, in_float32, in_bfloat16 = (
        signed(each, "prompt", model=model, text="a fox")
        for each in (signer("float32", "bfloat16"), signer("float32"), signer("bfloat16"))
    )
    assert auto.key == (in_bfloat16 if model is LARGE else in_float32).key
    assert auto.environment["dtype"] == ("bfloat16" if model is LARGE else "float32")


def test_what_has_changed_is_the_precision() -> None:
    earlier = signed(signer("float32"), "prompt", model=LARGE, text="a fox")
    now = signed(signer("float32", "bfloat16"), "prompt", model=LARGE, text="a fox")
    assert differences(now, earlier) == ["dtype was float32, now bfloat16"]


def test_a_node_without_a_model_has_the_same_key_as_before() -> None:
    assert signed(signer("float32", "bfloat16"), "add", a=1, b=2) == signed(signer("float32"), "add", a=1, b=2)


def test_a_result_of_a_large_model_is_reused_only_with_the_same_number_of_threads() -> None:
    one, two, any_ = (signed(on_threads(count), "prompt", model=LARGE, text="a fox") for count in ("1", "2", ""))
    assert len({one.key, two.key, any_.key}) == 3
    assert any_.key == signed(signer("float32"), "prompt", model=LARGE, text="a fox").key
    assert differences(two, one) == ["threads was 1, now 2"]
    small = {signed(on_threads(count), "prompt", model=SMALL, text="a fox").key for count in ("1", "2", "")}
    assert len(small) == 1
