"""The settings with which a model runs unless it states its own: those of its family or variant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .family import SCHEDULERS_BY_CLASS, Family, Variant

_STEPS = re.compile(r"(?<![0-9])([1-9]|1[0-6])[ _-]?steps?(?![a-z])")


def usual_side(family: Family, variant: Variant | None) -> int:
    """Return the width and height, in pixels, of a model that does not state them."""
    return (variant.side if variant is not None else None) or family.side


def usual_settings(
    family: Family, variant: Variant | None, side: int, name: str, schedule: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the settings of a model with images of this side in pixels.

    name: of the model; if it states a number of steps (`lightning_8step`), a variant for few steps runs with as many.
    schedule: the settings of its noise schedule; a variant runs with the scheduler that they name if
    it suits the variant.
    """
    usual = {"width": side, "height": side}
    if variant is None:
        return {**usual, "steps": family.steps, "guidance": family.guidance, "scheduler": family.scheduler}
    stated = SCHEDULERS_BY_CLASS.get(str(schedule.get("_class_name")), "")
    scheduler = stated if stated in variant.schedulers else variant.schedulers[0]
    steps = steps_in(name) or variant.steps
    return {**usual, "steps": steps, "guidance": variant.guidance, "scheduler": scheduler}


def steps_in(name: str) -> int | None:
    """Return the number of steps, at most 16, that the name of a model states, or None."""
    found = _STEPS.search(name.lower())
    return int(found[1]) if found else None
