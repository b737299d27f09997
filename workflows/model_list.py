"""The list of models as a table that fits a width, and as data."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
FLOORS: Final = {"kind": 7, "family": 10, "state": 14, "from": 7}  # minimum widths of the columns that are reduced
WEIGHTS: Final = {"state": 3, "kind": 6}  # a column with a higher weight is reduced less
DROPPED: Final = ("from", "size", "fits", "family")  # the columns that are left out, in this order, to show full names
CONTINUED: Final = ("family", "state")  # the columns whose values may take several lines
MOST_LINES: Final = 4  # maximum number of lines of a value
LONG_NAME: Final = 0.6  # a name that takes more than this part of the width is shortened
SHORT_NAME: Final = 24  # no name is shortened to fewer columns than this, unless the width is smaller
MAX_FAMILIES: Final = 3  # the families of a model that may belong to more than these are not listed
Row = tuple[str, ...]


def listed(models: ModelService, kind: str | None = None, family: str | None = None) -> list[ModelInfo]:
    """Return the models of a kind and a family (None: of any), the default first, then sorted by kind.

    A family is written as in the table, also with its variant: `sd1 inpainting`. Case does not matter. A VAE is listed
    for each family that it may belong to.

    Raises: UsageError, if there is no such kind or family.
    """
    kind, family = folded(kind), folded(family)
    default, *others = found = models.list()
    if family not in {_family(each).lower() for each in found}:
        check_known(models, None, family, shown=[each.family for each in found])
    check_known(models, kind)
    places = {kind: place for place, kind in enumerate(models.kinds())}
    others.sort(key=lambda each: places[each.kind])
    return [
        each
        for each in (default, *others)
        if kind in (None, each.kind) and family in (None, each.family, _family(each).lower(), *each.families)
    ]


def list_notes(models: ModelService, found: list[ModelInfo]) -> list[str]:
    """Return notes on the list: that it is empty, or that a folder was too large to be searched to its end."""
    notes = [] if found else ["no model of this kind and family was found; `models` lists all"]
    cut = models.cut_folders().items()
    return notes + [f"only the first {most:,} files and folders in {folder} were searched" for folder, most in cut]


def folded(word: str | None) -> str | None:
    """Return the name of a kind or a family as it is stored, in lowercase and without extra spaces; None for None."""
    return " ".join(word.lower().split()) if word is not None else None


def check_known(
    models: ModelService,
    kind: str | None,
    family: str | None = None,
    also: str | None = None,
    *,
    shown: Iterable[str] = (),
) -> None:
    """Refuse unknown kinds and families. Raises: UsageError.

    also: another word that is accepted for both. shown: further families that are accepted
    """
    families = dict.fromkeys([*models.families(), *filter(None, shown)])
    for what, word, known in (("kind", kind, models.kinds()), ("family", family, families)):
        if word is not None and word != also and word not in known:
            first = word.partition(" ")[0]
            near = [first] if first in known else known  # `sd1 inpainting` is a family with a variant
            raise UsageError(f"there is no {what} `{word}`", did_you_mean(first, near, f"known: {', '.join(known)}"))


def list_rows(models: Iterable[ModelInfo], width: int | None) -> tuple[Row, tuple[Row, ...]]:
    """Return the headings and the rows of the table, which fit `width` columns unless a name is longer.

    Names are complete, except very long ones: columns are left out instead, and values continue on further lines. If
    the width is None, as in a pipe, nothing is shortened or wrapped. JSON data has the full names.
    """
    rows = [dict(zip(COLUMNS, _row(each), strict=True)) for each in models]
    widths = {name: max(map(cells, (name, *[row[name] for row in rows]))) for name in COLUMNS}
    if width is None:
        return COLUMNS, tuple([tuple(row.values()) for row in rows])
    widths["name"] = _name_width([cells(row["name"]) for row in rows], width)
    _drop(widths, width)
    _fit(widths, width)
    return tuple(widths), tuple([line for row in rows for line in _lines(row, widths)])


def _name_width(names: Sequence[int], total: int) -> int:
    """Return the width of the column of names, given the widths of the names; long names do not widen it."""
    longest = int(total * LONG_NAME)
    return max([4, *[width if width <= longest else min(SHORT_NAME, longest) for width in names]])


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
    return info.name, info.kind, _family(info), state_text(info), info.fits, size, place


def _family(info: ModelInfo) -> str:
    """Return the families that a model may belong to, if they are few, otherwise its family; with its variant."""
    shown = "/".join(info.families) if 1 < len(info.families) <= MAX_FAMILIES else info.family
    return f"{shown} {info.variant}".strip() or "-"


def _lines(row: Mapping[str, str], widths: Mapping[str, int]) -> Iterator[Row]:
    """Yield a row and, if values of it continue, further rows with their rest."""
    columns = [_wrapped(name, row[name], most) for name, most in widths.items()]
    for values in itertools.zip_longest(*columns, fillvalue=""):
        yield tuple([cut(value, most) for value, most in zip(values, widths.values(), strict=True)])


def _wrapped(column: str, text: str, most: int) -> list[str]:
    """Return the lines of a value."""
    if column not in CONTINUED or cells(text) <= most:
        return [text]
    return textwrap.wrap(text, most, max_lines=MOST_LINES, placeholder="…", break_long_words=False) or [text]


def _drop(widths: dict[str, int], total: int) -> None:
    """Leave out columns until the others fit a total, if they are as narrow as possible."""
    for name in DROPPED:
        if sum([min(most, FLOORS.get(each, most)) + GAP for each, most in widths.items()]) - GAP <= total:
            return
        del widths[name]


def _fit(widths: dict[str, int], total: int) -> None:
    """Reduce the widths to fit a total, taking from the columns that have most to spare."""
    excess = sum(widths.values()) + GAP * (len(widths) - 1) - total
    names = [name for name in FLOORS if name in widths]
    while excess > 0:
        widest = max(names, key=lambda name: (widths[name] - FLOORS[name]) / WEIGHTS.get(name, 1))
        if widths[widest] <= FLOORS[widest]:
            break
        widths[widest] -= 1
        excess -= 1
