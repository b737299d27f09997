"""Find the input that is fed by a name declared in a `sweep`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from invocations.language.tree import Stage
from invocations.spec import FieldSpec
from workflows.planning.build import Catalog


def field_of(name: str, following: Sequence[Stage], catalog: Catalog) -> FieldSpec | None:
    """Return the input of this name, such as `strength` or `i2i.strength`, in the first stage that has one, or None."""
    command, _, own = name.rpartition(".")
    for stage in following:
        spec = catalog.get(stage.command.text)
        if spec is None or command not in ("", spec.type):
            continue
        field = spec.input(own) or spec.input(own.replace("-", "_"))
        if field is not None and field.given != "written":
            return _renamed(field, name)
    return None


def _renamed(field: FieldSpec, name: str) -> FieldSpec:
    return replace(field, name=name, primary=False)
