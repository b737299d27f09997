"""Files with missing, renamed or misshapen tensors are refused with a reason, whatever is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.contents import Shape
from core.models.derived.config import derived_config
from core.models.part import PartSource
from tests.core.models.published_names import published

PARTS = {
    "unet": ("sdxl-checkpoint", "model.diffusion_model.", "ldm"),
    "vae": ("sd1-checkpoint", "first_stage_model.", "ldm"),
    "text_encoder_2": ("sdxl-checkpoint", "conditioner.embedders.1.model.", "open-clip"),
}
SHAPES = st.sampled_from([(), (0,), (1,), (2, 3), (4, 4, 1, 1, 1), (10**12, 10**12)])
Damage = list[tuple[str, int, str, Shape]]
DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(["drop", "drop below", "rename", "reshape"]),
        st.integers(0, 10**6),
        st.sampled_from(["0", "7", "00", "x", "10000000000000000000000", "٣"]),
        SHAPES,
    ),
    max_size=6,
)


def damaged(shapes: dict[str, Shape], damage: Damage) -> dict[str, Shape]:
    for what, index, number, shape in damage:
        if not shapes:
            break
        name = list(shapes)[index % len(shapes)]
        if what == "drop":
            del shapes[name]
        elif what == "drop below":
            root = ".".join(name.split(".")[: 1 + index % 4])
            shapes = {each: size for each, size in shapes.items() if not each.startswith(root)}
        elif what == "rename":
            shapes[re.sub(r"\d+", number, name, count=1 + index % 3)] = shapes.pop(name)
        else:
            shapes[name] = shape
    return shapes


@pytest.mark.parametrize("part", PARTS)
@given(damage=DAMAGE)
def test_a_damaged_part_has_a_config_or_a_reason_why_not(part: str, damage: Damage) -> None:
    ident, prefix, layout = PARTS[part]
    own = {name: shape for name, shape in published()[ident].shapes.items() if name.startswith(prefix)}
    source = PartSource(part, Path("model.safetensors"), layout=layout, prefix=prefix)
    found, reason = None, ""
    try:
        found = derived_config(source, damaged(own, damage), "sdxl")
    except (LookupError, ValueError) as error:
        reason = str(error)
    assert found or reason
