"""Refuse to write files that already exist, that two stages write, or that each image of a loop would overwrite."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from invocations.catalog.roles import first_argument
from invocations.frozen import frozen
from invocations.language.errors import LanguageError
from invocations.language.source import Span

from .loops import LineLoops

if TYPE_CHECKING:
    from pathlib import Path

    from invocations.graph.graph import Node
    from invocations.spec import InvocationSpec

    from .build import PlannedValue
    from .plan import Plan
    from .planned_files import PlannedFiles

ANGLES = re.compile(r"<((?:axis\.)?[a-z_]+)>")  # a field in angle brackets
OVERWRITE = "use `--overwrite` to replace the file"
OWN_NAMES = "give each image its own name, or use `--overwrite` to replace the file"


@frozen
class PlannedTarget:
    """A file that a node writes: its absolute path, the file name as written, its place, and whether to overwrite."""

    node: str
    path: str
    written: str
    span: Span | None
    overwrite: bool


def targets_of(
    nodes: Iterable[Node],
    values: Iterable[PlannedValue],
    catalog: Mapping[str, InvocationSpec],
    resolve: Callable[[str, str], str | Path | None],
) -> Iterator[PlannedTarget]:
    """Yield the files with fixed names that the nodes of a line write.

    resolve: returns the path of a target and a format, or None if its name comes from a template
    """
    spans = {(value.node, value.input): value.span for value in values}
    for node in nodes:
        spec = catalog[node.type]
        if "saves" not in spec.roles:
            continue
        name = first_argument(spec)
        written = node.inputs.get(name)
        path = resolve(written, str(node.inputs.get("format") or "")) if isinstance(written, str) else None
        if isinstance(written, str) and path is not None:
            overwrite = node.inputs.get("overwrite") is True
            yield PlannedTarget(node.id, str(path), written, spans.get((node.id, name)), overwrite)


def refused_targets(
    found: Sequence[PlannedTarget],
    loops: LineLoops,
    commands: Mapping[str, Span],
    files: PlannedFiles | None,
    runs: Callable[[str], int | None],
) -> Iterator[LanguageError]:
    """Yield an error for each target that cannot be written.

    loops: the loops around each node. commands: the place of each node's command
    files: the files that earlier lines will write. runs: returns how often a node runs, or None if that is not known
    """
    here: set[str] = set()
    for target in found:
        span, shown = target.span or commands[target.node], target.written
        if target.overwrite:
            pass
        elif loops.axes.get(target.node) and runs(target.node) != 1:
            message = f"each {loops.item(target.node)} would be saved as `{shown}`"
            yield LanguageError("same_target", message, span, f"write a template, such as `{_templated(shown)}`")
        elif target.path in here:
            yield LanguageError("same_target", f"an earlier stage already saves `{shown}`", span, OWN_NAMES)
        elif files is not None and target.path in files.paths:
            message = f"{files.paths[target.path]} already saves `{shown}`"
            yield LanguageError("same_target", message, span, OWN_NAMES)
        elif not (files and files.may_exist) and os.path.lexists(target.path):
            yield LanguageError("file_exists", f"`{shown}` already exists", span, OVERWRITE)
        here.add(target.path)


def existing(
    plan: Plan, catalog: Mapping[str, InvocationSpec], resolve: Callable[[str, str], str | Path | None]
) -> Iterator[str]:
    """Yield a note for each file that already exists and would cause the line to be refused."""
    for target in targets_of(plan.nodes, plan.values, catalog, resolve):
        if not target.overwrite and os.path.lexists(target.path):
            yield f"`{target.written}` already exists: to run the line, use `--overwrite` or another name"


def overwritten(
    plan: Plan, catalog: Mapping[str, InvocationSpec], resolve: Callable[[str, str], str | Path | None]
) -> Iterator[str]:
    """Yield a warning for each file that the images of a loop overwrite one after the other."""
    loops = LineLoops(plan.nodes, plan.edges, catalog)
    for target in targets_of(plan.nodes, plan.values, catalog, resolve):
        if loops.axes[target.node] and target.overwrite:
            yield f"each {loops.item(target.node)} overwrites `{target.written}`: only the last one remains"


def _templated(name: str) -> str:
    if (braced := ANGLES.sub(r"{\1}", name)) != name:
        return braced
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{{index}}.{suffix}" if dot and "/" not in suffix else f"{name}-{{index}}"
