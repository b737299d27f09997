"""The sheets of a sweep: a stage that shows the axes of a sweep may return several images."""

from __future__ import annotations

from invocations.errors import BadValue
from invocations.graph.linking import Offer
from invocations.sheets import arrange, read_axes
from workflows.planning.draft import AXES, Draft

ROWS, COLUMNS = "rows", "columns"


def has_several(draft: Draft) -> bool:
    """Return True if a stage draws several sheets, so that its main result is a list."""
    written = {name: draft.contents[name].value for name in (AXES, ROWS, COLUMNS) if name in draft.contents}
    if AXES not in written or any(isinstance(value, Offer) for value in written.values()):
        return False
    try:
        return bool(arrange(read_axes(written.pop(AXES)), **written).outer)
    except BadValue:  # the check of the input reports it
        return False
