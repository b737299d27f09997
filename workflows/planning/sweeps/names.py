"""The names of axes: an input, such as `steps`, or `i2i.steps` if two stages have such an axis, or a varied word."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from workflows.planning.draft import Draft, Several
from workflows.planning.sweep_options import Varied

from .axes import AXIS

FIELD: Final = re.compile(r"\{([\w.+-]+)")


def fields_in(text: str) -> set[str]:
    """Return the fields of a file name such as `{axis.seed}-{index}.png`."""
    return set(FIELD.findall(text))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return a file name in which the fields of some axes are replaced by those of others."""
    fields = {AXIS + name: AXIS + other for name, other in names.items()}
    return FIELD.sub(lambda found: "{" + fields.get(found[1], found[1]), text)


def new_name(field: str, command: str, taken: Collection[str]) -> str:
    """Return an unused name for a new axis."""
    if field not in taken:
        return field
    wanted = name = f"{command}.{field}"
    count = 1
    while name in taken:
        count += 1
        name = f"{wanted}.{count}"
    return name


def varied_words(draft: Draft) -> dict[str, Varied]:
    """Return each `--vary` of a stage by the name of its axis: the word `red house` becomes `red-house`."""
    found: dict[str, Varied] = {}
    if draft.sweep is not None and draft.sweep.varied:
        inputs = [name for name, content in draft.contents.items() if isinstance(content.value, Several)]
        for varied in draft.sweep.varied:
            name = "-".join(varied.old.replace(",", " ").split()) or "word"
            found[new_name(name, draft.spec.type, {*inputs, *found})] = varied
    return found


def axis_named(written: str, names: Collection[str]) -> str | None:
    """Return the axis that a name refers to, or None; an underscore in the axis's name may be typed as a hyphen."""
    return next((name for name in (written, written.replace("-", "_")) if name in names), None)
