"""The candidates for an input's value, by its type: choices, colors, models, schedulers, files, earlier results."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice, takewhile

from invocations.graph.linking import members, reference_kinds
from invocations.spec import FieldSpec, FieldType
from workflows.values.codecs import codec_of
from workflows.values.colors import COLORS
from workflows.values.constraints import facts, number_text
from workflows.values.positions import IMAGE_SUFFIXES, WEIGHT_SUFFIXES

from .candidate import GAP, Candidate
from .context import CompletionContext
from .references import references
from .upstream import Upstream

NONE = "none"
PATHS = ("/", "./", "../", "~/")  # how the path of a model begins; other words are names
MAX_RESULTS = 8  # how many earlier results are offered before an @ is typed


def values(field: FieldSpec, typed: str, upstream: Upstream, context: CompletionContext) -> list[Candidate]:
    """Return the candidates for the value of an input, its default first."""
    if typed.startswith("@"):
        return list(references(typed, field, upstream, context))
    return _default_first(field, [*_results(field, typed, upstream, context), *own_values(field, typed, context)])


def own_values(field: FieldSpec, typed: str, context: CompletionContext) -> list[Candidate]:
    """Return the candidates that do not come from an earlier stage."""
    found = list(_of_type(field.type))
    kinds = reference_kinds(field.type)
    what = "model" if "model" in kinds else field.completes
    for name, about in context.named.get(what, ()):
        also = (about,) if what == "scheduler" else ()
        found.append(Candidate(name, about, is_text=True, also=also, kind="model" if what == "any model" else what))
    if field.completes in ("directory", "wildcards"):
        found += files(typed, context, (), True)
    elif what in ("model", "vae") and typed.startswith(PATHS):
        found += files(typed, context, WEIGHT_SUFFIXES, False)
    elif "image" in kinds or "mask" in kinds:
        found += files(typed, context, IMAGE_SUFFIXES, False)
    elif field.reads_file or field.completes == "target":
        found += files(
            typed, context, (), field.completes == "target"
        )  # for a target, only folders are offered: existing files are not overwritten
    if what in context.named:  # `none` is not offered: leaving the option out has the same effect
        found = [candidate for candidate in found if candidate.word != NONE]
    return found if any(candidate.word != NONE for candidate in found) else []


def _default_first(field: FieldSpec, found: list[Candidate]) -> list[Candidate]:
    default = _default(field)
    there = next((candidate for candidate in found if candidate.word == default), None)
    if default and " " not in default and (there is not None or not field.type.is_reference):
        about = f"{there.about}{GAP}default" if there and there.about else facts(field)
        rest = [candidate for candidate in found if candidate is not there]
        kind = there.kind if there is not None else "value"
        return [Candidate(default, about, 0, is_text=True, kind=kind), *rest]
    return found


def _default(field: FieldSpec) -> str:
    """Return an input's default as it would be typed, or "" if there is none to show."""
    if field.seed or field.default in (None, "", (), []):
        return ""
    if isinstance(field.default, float):
        return number_text(field.default)
    default = list(field.default) if isinstance(field.default, tuple) else field.default
    return codec_of(field.type).format(default) if not isinstance(default, str) else default


def _of_type(field_type: FieldType) -> Iterable[Candidate]:
    for member in members(field_type):
        if member.base == "list":
            yield from _of_type(member.args[0])
        elif member.base == "bool":
            yield from (Candidate("yes", kind="choice"), Candidate("no", kind="choice"))
        elif member.base == "enum":
            yield from (Candidate(word, is_text=True, kind="choice") for word in member.choices)
        elif member.base == "color":
            yield from (Candidate(name, digits, 1, kind="color") for name, digits in COLORS.items())
        elif member.base == "none":
            yield Candidate(NONE, "nothing", 1, kind="choice")


def files(typed: str, context: CompletionContext, suffixes: tuple[str, ...], folders_only: bool) -> list[Candidate]:
    """Return the files and folders that may complete a path; an empty `suffixes` accepts all files."""
    above = typed[: typed.rfind("/") + 1]
    found = []
    for entry in context.entries(os.path.join(context.folder, os.path.expanduser(above))):
        if entry.name.startswith(".") and not typed[len(above) :].startswith("."):
            continue
        if entry.is_folder:
            word = f"{above}{entry.name}/"
            found.append(Candidate(word, "folder", 3, f"{entry.name}/", is_text=True, kind="folder"))
        elif not folders_only and (not suffixes or entry.name.lower().endswith(suffixes)):
            found.append(Candidate(above + entry.name, "file", 2, entry.name, is_text=True, kind="file"))
    return found


def _results(field: FieldSpec, typed: str, upstream: Upstream, context: CompletionContext) -> list[Candidate]:
    """Return references to the latest results that fit the input; they are offered before anything is typed."""
    if typed or field.given == "written":
        return []
    found = takewhile(lambda candidate: candidate.group == 0, references("@", field, upstream, context))
    return list(islice(found, MAX_RESULTS))
