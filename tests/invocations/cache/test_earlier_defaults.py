"""If the default of an input becomes that of the model, results that were cached with the earlier default stay."""

from __future__ import annotations

from dataclasses import replace

from invocations.cache.keys import Signer
from invocations.catalog.registry import open_registry
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from invocations.values import ModelRef

MODEL = FieldSpec("model", FieldType("ref", kind="model"), "model")
SKIP = FieldSpec("skip", FieldType("int"), "layers to skip", required=False, default=0)
BEFORE = InvocationSpec("prompt", "Prompt", "Prompt.", "generation", "1.0.0", (MODEL, SKIP), ())
OPTIONAL = FieldType("union", (FieldType("int"), FieldType("none")))
AFTER = replace(
    BEFORE,
    inputs=(
        MODEL,
        replace(SKIP, type=OPTIONAL, default=None, by_model=True, earlier_default=0),
    ),
)


def key_of(spec: InvocationSpec, states: int | None = None, **inputs: int) -> str:
    """Return the key of a node; `states`: what its model states for the input."""
    signer = Signer(default_of=lambda model, name: states)
    signed = signer.sign(spec, {"model": ModelRef("m"), **inputs})
    assert signed is not None
    return signed.key


def test_without_a_value_the_key_is_that_of_the_earlier_default() -> None:
    assert key_of(AFTER) == key_of(BEFORE) == key_of(AFTER, states=0) == key_of(AFTER, skip=0)
    assert key_of(AFTER, skip=2) == key_of(BEFORE, skip=2) != key_of(BEFORE)


def test_the_key_has_what_the_model_states_unless_the_line_states_a_value() -> None:
    assert key_of(AFTER, states=1) == key_of(BEFORE, skip=1)
    assert key_of(AFTER, states=1, skip=0) == key_of(BEFORE)


def test_the_default_of_clip_skip_is_that_of_the_model_and_was_0() -> None:
    field = open_registry()["prompt"].input("clip_skip")
    assert field is not None
    assert (field.default, field.by_model, field.earlier_default) == (None, True, 0)
