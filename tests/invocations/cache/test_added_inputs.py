"""An input that was added to a node later does not change the keys of results that were made without it."""

from __future__ import annotations

from dataclasses import replace

from invocations.cache.keys import Signer, differences
from invocations.spec import FieldSpec, FieldType, InvocationSpec

STEPS = FieldSpec("steps", FieldType("int"), "steps", required=False, default=20)
RESCALE = FieldSpec("rescale", FieldType("float"), "rescale", required=False, default=0.0, added=True)
BEFORE = InvocationSpec("denoise", "Denoise", "Denoise.", "generation", "1.0.0", (STEPS,), ())
AFTER = replace(BEFORE, inputs=(STEPS, RESCALE))


def test_the_default_of_an_added_input_is_left_out_of_the_key() -> None:
    signer = Signer()
    before, after = signer.sign(BEFORE, {"steps": 4}), signer.sign(AFTER, {"steps": 4})
    assert before is not None
    assert before == after == signer.sign(AFTER, {"steps": 4, "rescale": 0.0})


def test_another_value_of_an_added_input_changes_the_key_and_is_named_as_the_difference() -> None:
    signer = Signer()
    usual, changed = signer.sign(AFTER, {"steps": 4}), signer.sign(AFTER, {"steps": 4, "rescale": 0.7})
    assert usual is not None
    assert changed is not None
    assert usual.key != changed.key
    assert differences(changed, usual) == ["`rescale` was null, now 0.7"]
    assert differences(usual, changed) == ["`rescale` was 0.7, now null"]
