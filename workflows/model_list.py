"""The list of models as a table that fits a terminal, and as data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from invocations.language.did_you_mean import did_you_mean

from .charts.counted import file_size
from .problems import UsageError
from .shown_text import cells, cut

if TYPE_CHECKING:
    from invocations.services.models.base import ModelInfo, ModelService

COLUMNS: Final = ("name", "kind", "family", "state", "fits", "size", "from")
GAP: Final = 2  # spaces between two columns of the table
WIDTH: Final = 80
IN_PIPES: Final = (3, 6)  # the columns that are shortened if the width is not limited: state and place
FLOORS: Final = (16, 7, 8, 14, 4, 6, 7)  # minimum width of each column
WEIGHTS: Final = (
    3,
    1,
    1,
    3,
    1,
    1,
    1,
)  # a column with a higher weight is shortened less
Row = tuple[str, ...]


def listed(models: ModelService, kind: str | None = None, family: str | None = None) -> list[ModelInfo]:
    """Return the models of a kind and a family (None: of any), the default first, then sorted by kind.

    Raises: UsageError, if there is no such kind or family.
    """
    check_known(models, kind, family)
    default, *others = models.list()
    places = {kind: place for place, kind in enumerate(models.kinds())}
    others.sort(key=lambda each: places[each.kind])
    return [each for each in (default, *others) if kind in (None, each.kind) and family in (None, each.family)]


def check_known(models: ModelService, kind: str | None, family: str | None, also: str | None = None) -> None:
    """Refuse unknown kinds and families; `also` is another word that is accepted for both. Raises: UsageError."""
    for what, word, known in (("kind", kind, models.kinds()), ("family", family, models.families())):
        if word is not None and word != also and word not in known:
            hint = did_you_mean(word, known, f"known: {', '.join(known)}")
            raise UsageError(f"there is no {what} `{word}`", hint)


def list_rows(models: Iterable[ModelInfo], width: int | None) -> tuple[Row, ...]:
    """Return the rows of the table, shortened to fit `width` columns.

    If it is None, as in a pipe, only states and folders are shortened, and names stay complete. `models info` and the
    JSON output show all texts in full.
    """
    rows = [_row(each) for each in models]
    widths = _fitted(_natural(rows), width or WIDTH, range(len(COLUMNS)) if width else IN_PIPES)
    return tuple([tuple([cut(text, most) for text, most in zip(row, widths, strict=True)]) for row in rows])


def info_data(info: ModelInfo) -> dict[str, Any]:
    """Return a row of the list as JSON data."""
    return {field.name: getattr(info, field.name) for field in fields(info)}


def state_text(info: ModelInfo) -> str:
    """Return whether a model can be used, and why not: `ready`, `cannot run yet`, `unusable: it is truncated`."""
    if info.state == "unusable":
        return f"unusable: {info.reason.removeprefix('it is ')}"
    return info.reason or info.state


def _row(info: ModelInfo) -> Row:
    family = f"{info.family} {info.variant}".strip() or "-"
    place = info.origin.rstrip("/").rpartition("/")[2] or info.origin
    return info.name, info.kind, family, state_text(info), info.fits, file_size(info.size_bytes), place


def _natural(rows: Sequence[Row]) -> list[int]:
    return [max(map(cells, column)) for column in zip(COLUMNS, *rows, strict=True)]


def _fitted(widths: list[int], total: int, flexible: Collection[int]) -> list[int]:
    """Return the widths reduced to fit a total, taking from the columns that have most to spare."""
    excess = sum(widths) + GAP * (len(widths) - 1) - total
    while excess > 0:
        widest = max(flexible, key=lambda place: (widths[place] - FLOORS[place]) / WEIGHTS[place])
        if widths[widest] <= FLOORS[widest]:
            break
        widths[widest] -= 1
        excess -= 1
    return widths
