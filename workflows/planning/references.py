"""Resolve references such as `@fox`, `@3`, `@-1` and `@fox.image`; errors list the valid references."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from invocations.graph.linking import Offer, accepts, mismatch, reference_kinds
from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.language.tree import Reference
from invocations.spec import FieldSpec, FieldType
from workflows.values.constraints import with_article
from workflows.values.positions import list_of

from .draft import option
from .errors import PlanningError, listed, planning_error
from .scope import Scope, StageOutputs

MAX_SHOWN = 6  # how many valid stages an error lists
MAX_COMPARED = 200  # how many of the latest names a mistyped name is compared with


class References:
    """The stages that a reference may name: the earlier stages of its line, then the stages of the session."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.line: list[StageOutputs] = []
        self.by_name: dict[str, StageOutputs] = {}  # stages of this line by name
        self._by_number: dict[int, StageOutputs] = {}
        self.number = scope.next_number

    def add(self, placed: StageOutputs) -> None:
        """Add a stage of the line, so that later ones can refer to it."""
        self.line.append(placed)
        self._by_number[placed.number] = placed
        if placed.name:
            self.by_name[placed.name] = placed
        self.number = placed.number + 1

    def duplicate(self, name: str | None, span: Span) -> list[LanguageError]:
        """Return the error if an earlier stage of the line already has this name, otherwise []."""
        if not name or name not in self.by_name:
            return []
        message = f"two stages of this line are named `{name}`"
        return [LanguageError("duplicate_name", message, span, "rename one of them")]

    def stage(self, name: str | int, span: Span, field: FieldSpec | None = None) -> StageOutputs:
        """Return the stage with this name or number; negative numbers count back. Raises: PlanningError.

        field: the input that refers to the stage, if there is one
        """
        found = self._named(name) if isinstance(name, str) else self._numbered(name if name > 0 else self.number + name)
        if found is None:
            raise self._unknown(name, span, field)
        return found

    def _named(self, name: str) -> StageOutputs | None:
        return self.by_name.get(name) or self.scope.by_name.get(name)

    def _numbered(self, number: int) -> StageOutputs | None:
        return self._by_number.get(number) or self.scope.by_number.get(number)

    def offer(self, reference: Reference, field: FieldSpec) -> Offer:
        """Return the output that a reference names; without a name, the primary output or the only one that fits.

        Raises: PlanningError.
        """
        placed = self.stage(reference.name, reference.span, field)
        if reference.output is not None:
            return output_of(placed, reference.output, reference.span)
        if placed.primary is not None and accepts(field, placed.primary):
            return placed.primary
        fitting = [offer for offer in placed.offers if accepts(field, offer)]
        if len(fitting) == 1:
            return fitting[0]
        if placed.primary is not None:
            return placed.primary
        if not placed.offers:
            message = f"`@{reference.name}` ({placed.command}) has no output"
            raise planning_error("no_output", message, reference.span)
        outputs = listed(f"`@{reference.name}.{offer.name}`" for offer in placed.offers)
        message = f"`@{reference.name}` ({placed.command}) has several outputs"
        raise planning_error("ambiguous_link", message, reference.span, f"write one of {outputs}")

    def each(self, reference: Reference, field: FieldSpec, *, command: str) -> Offer:
        """Return the list that a reference such as `@fox*` names, or an item of a sweep.

        Raises: PlanningError, if the items of the list, or the item of the sweep, do not fit the input.
        """
        placed = self.stage(reference.name, reference.span, field)
        named = output_of(placed, reference.output, reference.span) if reference.output is not None else None
        offers = [named] if named is not None else sorted(placed.offers, key=lambda offer: offer != placed.primary)
        lists = [(offer, replace(offer, type=found.args[0])) for offer in offers if (found := list_of(offer.type))]
        if not lists and offers and any(loop.axis for loop in offers[0].loops):
            check_fits(offers[0], field, reference.span, command=command)
            return offers[0]
        if not lists:
            plain = replace(reference, each=False)
            types = listed(with_article(offer.type) for offer in offers) or "no output"
            message = f"`{reference}` is each item of a list, but `{plain}` ({placed.command}) produces {types}"
            raise planning_error("misplaced_each", message, reference.span, f"write {plain}" if offers else None)
        offer, item = next((each for each in lists if accepts(field, each[1])), lists[0])
        check_fits(item, field, reference.span, command=command)
        return offer

    def _unknown(self, name: str | int, span: Span, field: FieldSpec | None) -> PlanningError:
        """Return the error for a reference to an unknown stage, which lists the valid references."""
        names = [placed.name for placed in reversed(self.line) if placed.name]
        names += islice(reversed(self.scope.by_name), MAX_COMPARED)
        near = self._output_named(name) or did_you_mean(name, names, prefix="@") if isinstance(name, str) else None
        if not isinstance(name, str) and self.number <= name <= self.number + len(self.line):
            message = f"`@{name}` is this stage or a later one; a stage can only refer to earlier ones"
        elif name == 0:
            message = "there is no stage `@0`; stages are counted from 1"
        else:
            message = f"there is no earlier stage `@{name}`"
        hint = self._unnamed(name) or near or self._valid()
        return planning_error("unknown_reference", message, span, hint + _model_named(name, field))

    def _output_named(self, name: str) -> str | None:
        """Return the hint for a name that is an output of an earlier stage of the line, such as a name of a sweep."""
        placed = next((placed for placed in reversed(self.line) if placed.offer(name) is not None), None)
        return f"did you mean `@{placed.number}.{name}`?" if placed is not None else None

    def _unnamed(self, name: str | int) -> str | None:
        """Return the hint for a reference to a NAME whose `as NAME` was read as part of free text."""
        placed = self.scope.eaten(name) if isinstance(name, str) else None
        if placed is None:
            return None
        command, number = placed.command, placed.number
        return (
            f"`as {name}` was read as part of the text of `{command}`: "
            f"write @{number}, or name the stage with `{command} --as {name}`"
        )

    def _valid(self) -> str:
        shown: list[str] = []
        for number in range(self.number - 1, 0, -1):
            placed = self._numbered(number)
            if placed is not None:
                shown.append(f"@{number}" + (f" or @{placed.name}" if placed.name else "") + f" ({placed.command})")
            if len(shown) == MAX_SHOWN:
                break
        if not shown:
            return "there are no earlier stages"
        more = ", ..." if self.number - 1 > len(shown) else ""
        return f"valid here: {', '.join(shown)}{more}"


def _model_named(name: str | int, field: FieldSpec | None) -> str:
    """Return the end of a hint if an input takes a model: its name may begin with `@`, like a reference."""
    if field is None or not isinstance(name, str):
        return ""
    kind = "model" if "model" in reference_kinds(field.type) else field.completes
    return f"; if a model is named `@{name}`, write {kind}:@{name}" if kind in ("model", "vae") else ""


def output_of(placed: StageOutputs, output: str, span: Span) -> Offer:
    """Return the output of a stage with this name. Raises: PlanningError."""
    found = placed.offer(output) or placed.offer(output.replace("-", "_"))
    if found is None:
        names = [offer.name for offer in placed.offers]
        hint = did_you_mean(
            output, names, f"its outputs are {listed(f'`{name}`' for name in names)}" if names else None
        )
        raise planning_error("unknown_output", f"`{placed.command}` has no output `{output}`", span, hint)
    return found


def check_fits(offer: Offer, field: FieldSpec, span: Span, *, command: str, each: str = "") -> None:
    """Check that an output fits an input. each: the reference to each item of the output. Raises: PlanningError."""
    if field.given == "written":
        message = f"`{option(field)}` takes a value, not a reference"
        raise planning_error("not_linkable", message, span)
    if not accepts(field, offer) and not is_gathered(offer, field):
        raise misfit(offer.type, field, span, giver=f"`@{offer.stage}.{offer.name}`", command=command, each=each)


def is_gathered(offer: Offer, field: FieldSpec) -> bool:
    """Whether an output is an item of a sweep, and an input takes a list: the items are then gathered."""
    return any(loop.axis for loop in offer.loops) and mismatch(offer.type, field.type) == "scalar_into_list"


def misfit(
    source: FieldType, field: FieldSpec, span: Span, *, giver: str, command: str, each: str = ""
) -> PlanningError:
    """Return the error for an output that does not fit an input; suggest a loop or `collect` if that would help.

    each: the reference to each item of the output, such as `@fox*`, if the user has written a reference
    """
    code = mismatch(source, field.type)
    takes = with_article(field.type)
    message = f"{giver} produces {with_article(source)}, but `{field.name}` of `{command}` takes {takes}"
    hint = None
    if code == "list_into_scalar":
        way = f"write {each}" if each else "put `iterate` between them"
        hint = f"{way} to run `{command}` once for each item"
    elif code == "scalar_into_list":
        hint = "to make a list, write several values (see `help sweeps`), or put `collect` between them"
    elif code == "missing_items":
        message = f"items of {giver} may be missing, but `{field.name}` of `{command}` needs all of them"
        hint = "leave out `--holes`"
    return planning_error(code, message, span, hint)
