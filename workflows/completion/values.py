"""The words an input may be given, by what it takes: choices, colours, models, schedulers, files, earlier results."""

from __future__ import annotations

import os
from collections.abc import Iterable

from invocations.graph.linking import accepts, members, reference_kinds
from invocations.spec import FieldSpec, FieldType
from workflows.values.codecs import codec_of
from workflows.values.colors import COLORS
from workflows.values.constraints import facts, number_text

from .choice import GAP, Choice
from .context import Known
from .upstream import Upstream

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
NONE = "none"
MOST_RESULTS = 8  # that are offered before an @ is typed


def values(field: FieldSpec, typed: str, upstream: Upstream, known: Known) -> list[Choice]:
    """Return what may be written at an input, its default first."""
    if typed.startswith("@"):
        return list(references(typed, field, upstream, known))
    return _default_first(field, [*_results(field, typed, upstream, known), *own_values(field, typed, known)])


def own_values(field: FieldSpec, typed: str, known: Known) -> list[Choice]:
    """Return what an input may be given that needs no earlier stage."""
    found = list(_of_type(field.type))
    kinds = reference_kinds(field.type)
    what = "model" if "model" in kinds else field.completes
    found += [Choice(name, about, is_text=True) for name, about in known.named.get(what, ())]
    if field.completes == "directory":
        found += files(typed, known, (), True)
    elif "image" in kinds or "mask" in kinds:
        found += files(typed, known, PICTURES, False)
    elif field.completes in ("file", "target"):
        found += files(typed, known, (), field.completes == "target")  # a file that is there is not written over
    return found if any(choice.word != NONE for choice in found) else []


def _default_first(field: FieldSpec, found: list[Choice]) -> list[Choice]:
    default = _default(field)
    there = next((choice for choice in found if choice.word == default), None)
    if default and " " not in default and (there is not None or not field.type.is_reference):
        about = f"{there.about}{GAP}default" if there and there.about else facts(field)
        rest = [choice for choice in found if choice is not there]
        return [Choice(default, about, 0, is_text=True), *rest]
    return found


def _default(field: FieldSpec) -> str:
    """Return an input's default as it is typed, "" where it has none that says anything."""
    if field.seed or field.default in (None, "", (), []):
        return ""
    if isinstance(field.default, float):
        return number_text(field.default)
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    return codec_of(field.type).format(default) if not isinstance(default, str) else default


def _of_type(field_type: FieldType) -> Iterable[Choice]:
    for member in members(field_type):
        if member.base == "list":
            yield from _of_type(member.args[0])
        elif member.base == "bool":
            yield from (Choice("yes"), Choice("no"))
        elif member.base == "enum":
            yield from (Choice(word, is_text=True) for word in member.choices)
        elif member.base == "color":
            yield from (Choice(name, digits, 1) for name, digits in COLORS.items())
        elif member.base == "none":
            yield Choice(NONE, "nothing", 1)


def files(typed: str, known: Known, suffixes: tuple[str, ...], folders_only: bool) -> list[Choice]:
    """Return the files with these suffixes (all, where there are none) and the folders that a path may go on with."""
    above = typed[: typed.rfind("/") + 1]
    found = []
    for entry in known.entries(os.path.join(known.folder, os.path.expanduser(above))):
        if entry.name.startswith(".") and not typed[len(above) :].startswith("."):
            continue
        if entry.is_folder:
            found.append(Choice(f"{above}{entry.name}/", "folder", 3, f"{entry.name}/", is_text=True))
        elif not folders_only and (not suffixes or entry.name.lower().endswith(suffixes)):
            found.append(Choice(above + entry.name, "file", 2, entry.name, is_text=True))
    return found


def references(typed: str, field: FieldSpec | None, upstream: Upstream, known: Known) -> Iterable[Choice]:
    """Return the earlier stages, or the outputs of the one that is named before a dot; what fits comes first."""
    stage, dot, _ = typed.partition(".")
    for placed in upstream.placed:
        for name in [placed.name, str(placed.number)] if placed.name else [str(placed.number)]:
            if dot and stage == f"@{name}":
                for offer in placed.offers:
                    about = _about(placed.command, str(offer.type), known.results(offer.node, offer.output))
                    yield Choice(f"@{name}.{offer.name}", about, int(field is None or not accepts(field, offer)))
            elif not dot and placed.offers:
                given = placed.primary or placed.offers[0]
                about = _about(placed.command, str(given.type), known.results(given.node, given.output))
                yield Choice(f"@{name}", about, int(field is not None and not accepts(field, given)))


def _results(field: FieldSpec, typed: str, upstream: Upstream, known: Known) -> list[Choice]:
    """Return the latest earlier results that fit, before anything is typed."""
    if typed or field.given == "written":
        return []
    found = [choice for choice in references("@", field, upstream, known) if choice.group == 0]
    return found[:MOST_RESULTS]


def _about(command: str, type_text: str, result: str) -> str:
    return GAP.join(text for text in (command, type_text, result) if text)
