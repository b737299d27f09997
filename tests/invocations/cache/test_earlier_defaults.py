"""If the default of an input becomes that of the model, results that were cached with the earlier default stay."""

from __future__ import annotations

from dataclasses import replace

from invocations.cache.keys import Signer
from invocations.catalog.registry import open_registry
from invocations.spec import FieldSpec, FieldType, InvocationSpec

SKIP = FieldSpec("skip", FieldType("int"), "layers to skip", required=False, default=0)
BEFORE = InvocationSpec("prompt", "Prompt", "Prompt.", "generation", "1.0.0", (SKIP,), ())
OPTIONAL = FieldType("union", (FieldType("int"), FieldType("none")))
AFTER = replace(BEFORE, inputs=(replace(SKIP, type=OPTIONAL, default=None, by_model=True, earlier_default=0),))


def key_of(spec: InvocationSpec, **inputs: int) -> str:
    signed = Signer().sign(spec, inputs)
    assert signed is not None
    return signed.key


def test_without_a_value_the_key_is_that_of_the_earlier_default() -> None:
    assert key_of(AFTER) == key_of(BEFORE)
    assert key_of(AFTER, skip=2) == key_of(BEFORE, skip=2) != key_of(BEFORE)


def test_a_written_value_that_equals_the_earlier_default_has_a_key_of_its_own() -> None:
    assert key_of(AFTER, skip=0) not in (key_of(AFTER), key_of(AFTER, skip=1))


def test_clip_skip_is_such_an_input() -> None:
    field = open_registry()["prompt"].input("clip_skip")
    assert field is not None
    assert (field.default, field.by_model, field.earlier_default) == (None, True, 0)
