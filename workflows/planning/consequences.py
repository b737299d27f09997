"""Omit errors that only follow from an error in an earlier stage of the line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from invocations.language.errors import LanguageError
from invocations.language.source import Source
from invocations.language.tree import Stage

AXIS_FIELD: Final = re.compile(r"\{(?:row|col|axis)\b")  # fields of file names that only a sweep fills


def without_consequences(
    errors: Iterable[LanguageError], stages: Sequence[Stage], source: Source
) -> list[LanguageError]:
    """Return the errors without those that later stages only have because the values of an earlier one are unknown."""
    found, causes = list(errors), dict[int, LanguageError]()
    for error in found:
        if not _needs_sweep(error, source):
            causes.setdefault(_place(error, stages), error)
    first = min(causes, default=len(stages))
    unknown = min((place for place, error in causes.items() if error.code == "unknown_command"), default=len(stages))
    return [
        error
        for error in found
        if not (_needs_sweep(error, source) and _place(error, stages) > first)
        and not (error.code == "same_target" and _place(error, stages) > unknown)
    ]


def _needs_sweep(error: LanguageError, source: Source) -> bool:
    """Whether an error would not arise if an earlier stage had several values."""
    if error.code == "bad_file_name":
        return AXIS_FIELD.search(source.text, error.span.start, error.span.end) is not None
    return error.code in ("scalar_into_list", "unknown_axis")


def _place(error: LanguageError, stages: Sequence[Stage]) -> int:
    """Return the index of the stage in which an error lies."""
    return sum(stage.span.end <= error.span.start for stage in stages)
