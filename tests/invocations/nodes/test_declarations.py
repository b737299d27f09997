"""The metadata of the image nodes, which commands and help are derived from."""

from __future__ import annotations

import pytest

from invocations.catalog.registry import open_registry

SPECS = open_registry().specs()
PICTURES = {
    "blend", "blur", "brightness", "compare", "contrast", "crop", "decode", "denoise", "encode", "flip",
    "grayscale", "grid", "hue", "invert", "load", "mask-combine", "mask-feather", "mask-from-alpha", "mask-grow",
    "mask-invert", "mask-threshold", "model", "noise", "pad", "paste", "prompt", "resize", "rotate", "saturation",
    "save", "scale", "sharpen", "show", "upscale",
}  # fmt: skip


def test_all_image_nodes_are_registered() -> None:
    assert set(SPECS) >= PICTURES


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_each_image_node_has_the_metadata_that_help_needs(name: str) -> None:
    spec = SPECS[name]
    assert spec.examples
    assert spec.primary_output is not None
    assert all(field.description for field in spec.inputs)
    assert name in ("load", "model", "noise") or spec.primary_input is not None


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_no_output_has_a_name_that_would_be_linked_by_accident(name: str) -> None:
    spec = SPECS[name]
    assert not {"width", "height", "seed", "steps", "value"} & {output.name for output in spec.outputs}


@pytest.mark.parametrize("name", ["prompt", "denoise", "decode", "encode"])
def test_a_node_that_needs_a_loaded_model_declares_the_input_that_the_model_comes_from(name: str) -> None:
    assert SPECS[name].model_bound == "model"


@pytest.mark.parametrize("name", ["save", "show"])
def test_the_results_of_nodes_that_depend_on_more_than_their_inputs_are_not_cached(name: str) -> None:
    assert not SPECS[name].reusable
