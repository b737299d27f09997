"""What may be completed: commands, earlier stages, models, schedulers, files; plain data and two questions."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from invocations.spec import InvocationSpec
from invokeai_cli.directives import DIRECTIVES
from workflows.planning.scope import Defaults, Scope

MOST_ENTRIES = 2000  # of a folder that are looked at
Named = tuple[tuple[str, str], ...]  # word -> what it is


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder."""

    name: str
    is_folder: bool


def entries(folder: str) -> tuple[Entry, ...]:
    """Return what lies in a folder, by name; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            listed = [Entry(each.name, each.is_dir()) for each, _ in zip(found, range(MOST_ENTRIES), strict=False)]
    except OSError:
        return ()
    return tuple(sorted(listed, key=lambda entry: entry.name.lower()))


def _nothing(node: str, output: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Known:
    """The world that a suggestion is made from.

    named: the models, schedulers and upscalers there are, by what an input completes.
    results: what an output of a node gave, in a few words; entries: what lies in a folder.
    """

    catalog: Mapping[str, InvocationSpec]
    scope: Scope = field(default_factory=Scope)
    defaults: Defaults = field(default_factory=dict)
    named: Mapping[str, Named] = field(default_factory=dict)
    folder: str = "."
    results: Callable[[str, str], str] = _nothing
    entries: Callable[[str], tuple[Entry, ...]] = entries


def words_of(catalog: Mapping[str, InvocationSpec]) -> frozenset[str]:
    """Return every command, directive and option that a half-written word may become."""
    options = {f"--{f.name.replace('_', '-')}" for spec in catalog.values() for f in spec.inputs}
    return frozenset({*catalog, *DIRECTIVES, *options})
