"""Find where the last of several values begins in a word, and the inputs that a `sweep` can declare.

Completion at the interactive prompt and completion in shells both use this module.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from invocations.language.declarations import OPTIONS
from invocations.language.each import DOTS, TAILS
from invocations.spec import FieldSpec, InvocationSpec
from workflows.manual.categories import category_order
from workflows.planning.sweeps.kinds import kind_of
from workflows.values.positions import list_of

CUTS = "cut longer lists to the length of the shortest"


def last_item(field: FieldSpec, typed: str) -> int:
    """Return where the last of several values begins in a word; 0 if the input takes no word with several values.

    In `euler,dd` or `1..8`, this is the place after the last comma, `..`, `:`, `/` or `?`.
    """
    kind, many = kind_of(field), list_of(field.type)
    if kind not in ("numbers", "words") and (many is None or many.args[0].is_reference):
        return 0
    at = typed.rfind(",") + 1
    if kind == "numbers" and (dots := typed.find(DOTS, at)) >= 0:
        at = max(dots + len(DOTS), *(typed.rfind(tail) + 1 for tail in TAILS))
    return at


def inputs_to_declare(catalog: Mapping[str, InvocationSpec], declared: Container[str]) -> Iterator[FieldSpec]:
    """Yield the inputs that a `sweep` can still declare: those that can take several values, one for each name."""
    seen = set()
    for spec in sorted(catalog.values(), key=lambda spec: category_order(spec.category)):
        for field in spec.inputs:
            if field.name not in seen and field.name not in declared and kind_of(field):
                seen.add(field.name)
                yield field


def declared_input(catalog: Mapping[str, InvocationSpec], name: str) -> FieldSpec | None:
    """Return the input that a name in a `sweep` stands for: `steps`, or `i2i.strength` for one command."""
    command, _, own = name.rpartition(".")
    specs = [catalog[command]] if command in catalog else catalog.values()
    found = (spec.input(own.replace("-", "_")) for spec in specs)
    return next((field for field in found if field is not None and kind_of(field)), None)


def words_of_sweep(catalog: Mapping[str, InvocationSpec], arguments: Sequence[str], current: str) -> Mapping[str, str]:
    """Return the options of `sweep`, or the names that it can still declare, each with its description."""
    if current.startswith("-"):
        return {f"--{name}": takes or CUTS for name, takes in OPTIONS.items()}
    declared = {word.partition("=")[0] for word in arguments}
    return {f"{field.name}=": field.description for field in inputs_to_declare(catalog, declared)}
