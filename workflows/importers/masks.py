"""Turn `i2i` stages whose mask is recorded into `inpaint` stages if the mask's file exists; otherwise note its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .parameters import Imported, ImportedMask, ImportedStep, short

UNKNOWN = "only a masked area was generated, and the file does not contain the mask: see `inpaint`"
MISSING = "only a masked area was generated, with the mask `{}`, which was not found: this line changes the whole image"
SIZE = ("width", "height")  # `inpaint` keeps the size of the image
NAME = "mask"


def with_masks(found: Imported, exists: Callable[[str], bool]) -> Imported:
    """Return the steps, with `inpaint` instead of `i2i` wherever the file with the mask can be read.

    exists: returns True if a file can be read
    """
    masks: list[ImportedStep] = []
    steps: list[ImportedStep] = []
    notes: list[str] = []
    for step in found.steps:
        if step.mask is None:
            steps.append(step)
        elif not exists(step.mask.source):
            notes.append(MISSING.format(short(step.mask.source)))
            steps.append(replace(step, mask=None))
        else:
            name = f"{NAME}{len(steps)}" if any(each.name for each in masks) else NAME
            masks += _made(step.mask, name)
            steps.append(_inpainted(step, step.mask, name))
    return Imported(found.tool, (*masks, *steps), (*found.notes, *notes))


def _made(mask: ImportedMask, name: str) -> list[ImportedStep]:
    """Return the stages that make a mask, the last of which has a name; [] if the mask's file is used unchanged."""
    if not mask.changes:
        return []
    *before, last = mask.changes
    return [ImportedStep("load", {"source": mask.source}), *before, replace(last, name=name)]


def _inpainted(step: ImportedStep, mask: ImportedMask, name: str) -> ImportedStep:
    values = {key: value for key, value in step.values.items() if key not in SIZE}
    if mask.changes:
        return ImportedStep("inpaint", values, links={"mask": name})
    return ImportedStep("inpaint", {**values, "mask": mask.source})
