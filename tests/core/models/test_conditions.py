"""Conditions on names and shapes, as rules write them."""

from __future__ import annotations

import pytest

from core.models.kinds import (
    adapter_families,
    controls,
    embeddings,
    encoders,
    others,
    transformers,
    unets,
    upscalers,
    vaes,
)
from core.models.kinds.conditions import Names, reasons
from core.models.kinds.rule import Rule

NAMES = Names(
    {
        "blocks.3.attn.to_k.weight": (320, 768),
        "blocks.12.attn.to_k.weight": (640, 1024),
        "conv.weight": (4, 9, 3, 3),
        "x": (),
    }
)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("", ()),
        ("conv.weight", ("has conv.weight",)),
        ("blocks.#.attn.to_k.weight", ("has blocks.3.attn.to_k.weight",)),
        ("blocks.12.#", None),
        ("blocks.12.attn.to_k.weight[0]=640", ("blocks.12.attn.to_k.weight is 640x1024",)),
        ("blocks.#.attn.to_k.weight[1]=768,1024", ("blocks.3.attn.to_k.weight is 320x768",)),
        ("blocks.#.attn.to_k.weight[-1]=1024", None),
        ("conv.weight[7]=9", None),
        ("conv.weight:4", ("conv.weight is 4x9x3x3",)),
        ("conv.weight:2", None),
        ("x:0", ("x is a scalar",)),
        ("*.to_k.weight", ("has blocks.3.attn.to_k.weight",)),
        ("*.12.attn.*", ("has blocks.12.attn.to_k.weight",)),
        ("*.attn.to_v*", None),
        ("absent | conv.weight", ("has conv.weight",)),
        ("absent|missing", None),
        ("!absent", ("has no absent",)),
        ("!conv.weight", None),
        ("!conv.weight:2", ("conv.weight is 4x9x3x3",)),
        ("conv.weight:4 !conv.weight:2", ("conv.weight is 4x9x3x3",)),
        ("!x[0]=1", ("x is a scalar",)),
        ("x !absent conv.weight", ("has x", "has no absent", "has conv.weight")),
        ("x absent", None),
    ],
)
def test_a_condition_holds_for_a_reason_or_does_not(condition: str, why: tuple[str, ...] | None) -> None:
    assert reasons(condition, NAMES) == why


def test_reasons_name_the_tensor_as_the_file_does() -> None:
    assert reasons("a", Names({"model.a": ()}, "model.")) == ("has model.a",)
    assert reasons("!b", Names({"model.a": ()}, "model.")) == ("has no model.b",)
    assert reasons("to.k", Names({"to.k": ()}, labels={"to.k": "to_k"})) == ("has to_k",)


@pytest.mark.parametrize("condition", ["a[1]", "a[x]=1", "a:", "!"])
def test_what_is_no_condition_is_refused(condition: str) -> None:
    with pytest.raises(ValueError, match="not a condition"):
        reasons(condition, NAMES)


TABLES: dict[str, tuple[Rule, ...]] = {
    "adapters": adapter_families.ADAPTER_FAMILIES,
    "controls": controls.CONTROLS,
    "embeddings": embeddings.EMBEDDINGS,
    "encoders": encoders.ENCODERS,
    "others": others.OTHERS,
    "transformers": transformers.TRANSFORMERS,
    "unets": unets.UNETS,
    "upscalers": upscalers.UPSCALERS,
    "vaes": vaes.VAES,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_of_every_table_can_be_read(table: str) -> None:
    for rule in TABLES[table]:
        reasons(rule.when, NAMES)
        for _, condition in rule.variants:
            reasons(condition, NAMES)
        assert all(place.endswith("]") for _, place in rule.measures)
        assert not rule.fits or rule.family in rule.fits or not rule.family
