"""Axes that advance together: `--zip seed,steps` combines axes of the same length into one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.planning.draft import Draft, option
from workflows.planning.sweep_options import ZippedNames

from .names import axis_named

SHORTEST = "to stop at the end of the shortest one, write --zip-short {}"
Group = tuple[str, ...]  # the names of axes that advance together


def groups_of(draft: Draft, counts: Mapping[str, int]) -> tuple[list[Group], list[LanguageError]]:
    """Return the axes of a stage in groups that advance together, and the errors in its `--zip` options.

    counts: the number of values of each axis, in the order in which the axes are written
    """
    zips = draft.sweep.zips if draft.sweep is not None else []
    errors = [error for zipped in zips if (error := _error(draft, zipped, counts)) is not None]
    taken = [name for zipped in zips for name in _axes(zipped, counts)]
    twice = next((name for at, name in enumerate(taken) if name in taken[:at]), None)
    if twice is not None and not errors:
        errors = [LanguageError("axis_twice", f"`{twice}` is zipped twice", zips[-1].span, "name each axis once")]
    groups = [tuple(sorted(_axes(zipped, counts), key=list(counts).index)) for zipped in zips] if not errors else []
    single = [(name,) for name in counts if name not in taken]
    return sorted([*groups, *single], key=lambda group: list(counts).index(group[0])), errors


def length(group: Sequence[str], counts: Mapping[str, int]) -> int:
    """Return the number of items that axes have if they advance together."""
    return min(counts[name] for name in group)


def _axes(zipped: ZippedNames, names: Collection[str]) -> list[str]:
    return [name for written, _ in zipped.names if (name := axis_named(written, names)) is not None]


def _error(draft: Draft, zipped: ZippedNames, counts: Mapping[str, int]) -> LanguageError | None:
    for written, span in zipped.names:
        if axis_named(written, counts) is None:
            return _no_axis(draft, zipped, written, span, counts)
    if len(zipped.names) < 2:
        message = "`--zip` needs at least two axes"
        return LanguageError("bad_zip", message, zipped.span, "write for example --zip seed,steps")
    lengths = {counts[name] for name in _axes(zipped, counts)}
    if len(lengths) > 1 and not zipped.short:
        listed = " and ".join(f"`{name}` has {counts[name]} values" for name in _axes(zipped, counts))
        message = f"axes of different lengths cannot be zipped: {listed}"
        hint = SHORTEST.format(",".join(written for written, _ in zipped.names))
        return LanguageError("bad_zip", message, zipped.span, hint)
    return None


def _across_stages(draft: Draft, zipped: ZippedNames) -> str:
    """Return the hint for axes of several stages: they advance together if `sweep` declares them."""
    names = [name if "." in name else f"{draft.spec.type}.{name}" for name, _ in zipped.names]
    values = " ".join(f"{name}=A,B" for name in names)
    return f"declare axes of several stages at the start of the line: sweep {values} --zip {','.join(names)} |"


def _no_axis(draft: Draft, zipped: ZippedNames, written: str, span: Span, axes: Collection[str]) -> LanguageError:
    """Return the error for a name after `--zip` that is not an axis of the stage."""
    options = [option(field).removeprefix("--") for field in draft.spec.inputs]
    if axis_named(written, [field.name for field in draft.spec.inputs]) is not None:
        hint = f"write several values: --{written} A,B"
        return LanguageError("bad_zip", f"`{written}` has only one value, so it cannot be zipped", span, hint)
    parts = [part for part in re.split(r"[^\w.-]+", written) if part]
    if len(parts) > 1 and all(axis_named(part, axes) for part in parts):
        message = "the names after `--zip` are separated by commas, without spaces"
        return LanguageError("bad_zip", message, span, f"write --zip {','.join(parts)}")
    command, dot, own = written.rpartition(".")
    if dot and command == draft.spec.type and axis_named(own, axes):
        short = ",".join(name.removeprefix(f"{command}.") for name, _ in zipped.names)
        message = f"in a stage, `--zip` takes the names of its axes without `{command}.`"
        return LanguageError("bad_zip", message, span, f"write --zip {short}")
    known = (
        f"its axes are {', '.join(f'`{name}`' for name in axes)}" if axes else "none of its inputs has several values"
    )
    message = f"`{draft.spec.type}` has no axis `{written}`: {known}"
    if dot:
        return LanguageError("bad_zip", message, span, _across_stages(draft, zipped))
    return LanguageError("bad_zip", message, span, did_you_mean(written, [*axes, *options]))
