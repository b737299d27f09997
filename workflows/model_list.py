"""The list of models as a table that fits a terminal, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from invocations.language.did_you_mean import did_you_mean
from invocations.services.models.base import UNUSABLE
from invocations.shown_numbers import readable_size

from .problems import UsageError
from .shown_text import cells, cut

if TYPE_CHECKING:
    from invocations.services.models.base import ModelInfo, ModelService

COLUMNS: Final = ("name", "kind", "family", "state", "fits", "size", "from")
GAP: Final = 2  # spaces between two columns of the table
WIDTH: Final = 80
IN_PIPES: Final = ("state", "from")  # the columns that are shortened if the width is not limited
FLOORS: Final = {"kind": 7, "family": 8, "state": 14, "from": 7}  # minimum widths of the columns that are shortened
WEIGHTS: Final = {"state": 3}  # a column with a higher weight is shortened less
DROPPED: Final = ("from", "size", "fits", "family")  # the columns that are left out, in this order, to show full names
STATE_LINES: Final = 4  # maximum number of lines on which a state is shown
Row = tuple[str, ...]


def listed(models: ModelService, kind: str | None = None, family: str | None = None) -> list[ModelInfo]:
    """Return the models of a kind and a family (None: of any), the default first, then sorted by kind.

    A family may be followed by a variant, as in the table: `sd1 inpainting`. A VAE is listed for each family that it
    may belong to.

    Raises: UsageError, if there is no such kind or family.
    """
    check_known(models, kind, family.partition(" ")[0] if family else None)
    default, *others = models.list()
    places = {kind: place for place, kind in enumerate(models.kinds())}
    others.sort(key=lambda each: places[each.kind])
    return [
        each
        for each in (default, *others)
        if kind in (None, each.kind) and family in (None, each.family, _family(each), *each.families)
    ]


def list_notes(models: ModelService, found: list[ModelInfo]) -> list[str]:
    """Return notes on the list: that it is empty, or that a folder was too large to be searched to its end."""
    notes = [] if found else ["no model of this kind and family was found; `models` lists all"]
    cut = models.cut_folders().items()
    return notes + [f"only the first {most:,} files and folders in {folder} were searched" for folder, most in cut]


def check_known(models: ModelService, kind: str | None, family: str | None, also: str | None = None) -> None:
    """Refuse unknown kinds and families; `also` is another word that is accepted for both. Raises: UsageError."""
    for what, word, known in (("kind", kind, models.kinds()), ("family", family, models.families())):
        if word is not None and word != also and word not in known:
            first = word.partition(" ")[0]
            near = [first] if first in known else known  # `sd1 inpainting` is a family with a variant
            raise UsageError(f"there is no {what} `{word}`", did_you_mean(first, near, f"known: {', '.join(known)}"))


def list_rows(models: Iterable[ModelInfo], width: int | None) -> tuple[Row, tuple[Row, ...]]:
    """Return the headings and the rows of the table, which fit `width` columns unless a name is longer.

    Names are never shortened: columns are left out instead, and states continue on further lines. If the width is None,
    as in a pipe, only states and folders are shortened. `models info` and the JSON output show all texts in full.
    """
    rows = [dict(zip(COLUMNS, _row(each), strict=True)) for each in models]
    widths = {name: max(map(cells, (name, *[row[name] for row in rows]))) for name in COLUMNS}
    if width is not None:
        _drop(widths, width)
    _fit(widths, width or WIDTH, FLOORS if width else IN_PIPES)
    lines = [line for row in rows for line in _lines(row, widths, wrapped=width is not None)]
    return tuple(widths), tuple(lines)


def info_data(info: ModelInfo) -> dict[str, Any]:
    """Return a row of the list as JSON data."""
    return {field.name: getattr(info, field.name) for field in fields(info)}


def state_text(info: ModelInfo) -> str:
    """Return whether a model can be used, and why not: `ready`, `cannot run yet`, `unusable: it is truncated`."""
    if info.state == UNUSABLE:
        return f"{UNUSABLE}: {info.reason.removeprefix('it is ')}"
    return info.reason or info.state


def _row(info: ModelInfo) -> Row:
    place = info.origin.rstrip("/").rpartition("/")[2] or info.origin
    size = readable_size(info.size_bytes)
    return info.name, info.kind, _family(info) or "-", state_text(info), info.fits, size, place


def _family(info: ModelInfo) -> str:
    return f"{info.family} {info.variant}".strip()


def _lines(row: Mapping[str, str], widths: Mapping[str, int], *, wrapped: bool) -> Iterator[Row]:
    """Yield a row and, if its state is wrapped, further rows with the rest of the state."""
    state, most = row["state"], widths["state"]
    first, *rest = textwrap.wrap(state, most, max_lines=STATE_LINES, placeholder="…") if wrapped else [state]
    yield tuple([cut(first if name == "state" else row[name], most) for name, most in widths.items()])
    for text in rest:
        yield tuple([cut(text, most) if name == "state" else "" for name in widths])


def _drop(widths: dict[str, int], total: int) -> None:
    """Leave out columns until the others fit a total, if they are as narrow as possible."""
    for name in DROPPED:
        if sum([min(most, FLOORS.get(each, most)) + GAP for each, most in widths.items()]) - GAP <= total:
            return
        del widths[name]


def _fit(widths: dict[str, int], total: int, flexible: Iterable[str]) -> None:
    """Reduce the widths to fit a total, taking from the columns that have most to spare."""
    excess = sum(widths.values()) + GAP * (len(widths) - 1) - total
    names = [name for name in flexible if name in widths]
    while excess > 0:
        widest = max(names, key=lambda name: (widths[name] - FLOORS[name]) / WEIGHTS.get(name, 1))
        if widths[widest] <= FLOORS[widest]:
            break
        widths[widest] -= 1
        excess -= 1
