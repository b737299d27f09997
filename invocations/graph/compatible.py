"""Type compatibility and the resolution of type variables: pure functions on metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from invocations.spec import Base, FieldSpec, FieldType, InvocationSpec, OutputSpec

HOLES: Final = "holes"  # the input of `collect` that lets its list have None in place of an item that is missing
ANY = FieldType("any")
NONE = FieldType("none")
_NUMBER = frozenset({"int", "float"})
_STRINGS = frozenset({"enum", "color"})


def fits(source: FieldType, target: FieldType) -> bool:
    """Return True if an output of type `source` may be linked to an input of type `target`.

    `int | float` fits `int`, because arithmetic on integers returns integers; the value is checked when it arrives. A
    source of unknown type fits every input, and its value is also checked when it arrives.
    """
    if source is target or source.base == "any" or target.base == "any" or source == target:
        return True
    if source.base == "union":
        if {member.base for member in source.args} == _NUMBER:
            return fits(FieldType("int"), target)
        return all(fits(member, target) for member in source.args)
    if target.base == "union":
        return any(fits(source, member) for member in target.args)
    if source.base == "list" or target.base == "list":
        return source.base == target.base and fits(source.args[0], target.args[0])
    if source.base == "ref":
        return target.base == "ref" and (source.kind == target.kind or target.kind in source.parents)
    if source.base == "enum" and target.base == "enum":
        return set(source.choices) <= set(target.choices)
    if source.base in _STRINGS:
        return target.base == "str"
    return source.base == target.base != "enum" or (source.base == "int" and target.base == "float")


def may_arrive(source: FieldType, target: FieldType) -> bool:
    """Return True if a graph may contain an edge between these types.

    This includes strings for inputs that take a choice or a color, such as the items of a list of schedulers: each
    value is checked when it arrives. Such links are never made automatically.
    """
    return fits(source, target) or (source.base == "str" and _takes_strings(target))


def _takes_strings(target: FieldType) -> bool:
    return target.base in _STRINGS or (target.base == "union" and any(map(_takes_strings, target.args)))


def settle(spec: InvocationSpec, output: OutputSpec, inputs: Mapping[str, FieldType]) -> FieldType:
    """Return the type of an output, given the types of the inputs; an unbound type variable becomes `any`."""
    return substitute(output.type, bindings(spec, ((name, kind) for name, kind in inputs.items()))[0])


def bindings(
    spec: InvocationSpec, arriving: Iterable[tuple[str, FieldType]]
) -> tuple[dict[str, FieldType], tuple[str, FieldType, FieldType] | None]:
    """Return the type of each type variable, and the first conflict: (input, earlier type, type of that input)."""
    bound: dict[str, FieldType] = {}
    clash: tuple[str, FieldType, FieldType] | None = None
    for name, kind in arriving:
        field = spec.input(name)
        if field is None:
            continue
        for variable, found in _match(field.type, kind):
            known = bound.get(variable)
            both = found if known is None else join(known, found)
            if both is None:
                clash = clash or (name, known or ANY, found)
            else:
                bound[variable] = both
    return bound, clash


def join(first: FieldType, second: FieldType) -> FieldType | None:
    """Return the wider of two types if one fits the other, otherwise None."""
    if first.base == "any":
        return second
    if second.base == "any" or fits(second, first):
        return first
    if fits(first, second):
        return second
    return None


def substitute(kind: FieldType, bound: Mapping[str, FieldType]) -> FieldType:
    """Replace the type variables in a type with the types they are bound to."""
    if kind.base == "any" and kind.kind:
        return bound.get(kind.kind, ANY)
    if kind.args and has_variable(kind):
        return FieldType(kind.base, args=tuple(substitute(arg, bound) for arg in kind.args))
    return kind


def resolved(
    spec: InvocationSpec, output: OutputSpec, bound: Mapping[str, FieldType], written: Mapping[str, Any]
) -> FieldType:
    """Return the type of an output of a node, given the types of the type variables and the written inputs."""
    kind = substitute(output.type, bound)
    return with_holes(kind) if spec.role == "collect" and written.get(HOLES) else kind


def with_holes(kind: FieldType) -> FieldType:
    """Return the type of a list in which items may be missing: `list[T | None]` instead of `list[T]`."""
    return FieldType("list", args=(_optional(kind.args[0]),))


def without_holes(kind: FieldType) -> FieldType:
    """Return the type of a list without missing items: `list[T]` instead of `list[T | None]`."""
    if kind.base != "list" or kind.args[0].base != "union":
        return kind
    members = tuple(member for member in kind.args[0].args if member.base != "none")
    return FieldType("list", args=(members[0] if len(members) == 1 else FieldType("union", args=members),))


def accepts_holes(kind: FieldType) -> bool:
    """Return True if an input of this type takes lists in which items are missing."""
    members = kind.args if kind.base == "union" else (kind,)
    return any(member.base == "list" and NONE in member.args[0].args for member in members)


def _optional(kind: FieldType) -> FieldType:
    if kind.base == "any" or fits(NONE, kind):
        return kind
    return FieldType("union", args=(*(kind.args if kind.base == "union" else (kind,)), NONE))


def has_variable(kind: FieldType) -> bool:
    """Return True if a type is or contains a type variable."""
    if not kind.args:
        return kind.base == "any" and bool(kind.kind)
    return any(map(has_variable, [arg for arg in kind.args if arg.args or arg.base == "any"]))


def with_variables(fields: Iterable[FieldSpec | OutputSpec]) -> list[str]:
    """Return the names of the inputs or outputs whose type is or contains a type variable."""
    return [each.name for each in fields if (each.type.args or each.type.base == "any") and has_variable(each.type)]


def type_of_value(value: Any) -> FieldType:
    """Return the type of a written value."""
    plain: Mapping[type, Base] = {bool: "bool", int: "int", float: "float", str: "str", dict: "json"}
    if value is None:
        return FieldType("none")
    if isinstance(value, (list, tuple)):
        member: FieldType | None = ANY
        for item in value:
            member = join(member, type_of_value(item)) if member is not None else None
        return FieldType("list", args=(member or ANY,))
    if kind := plain.get(type(value)):
        return FieldType(kind)
    from invocations.values import Ref  # imported late because most graphs contain plain values only

    if isinstance(value, Ref):
        parents = tuple(cls.kind for cls in type(value).__mro__[1:] if issubclass(cls, Ref) and cls is not Ref)
        return FieldType("ref", kind=value.kind, parents=parents)
    return ANY


def _match(pattern: FieldType, kind: FieldType) -> Iterable[tuple[str, FieldType]]:
    """Yield each type variable of a declared type, with the type found at the same position in the actual type."""
    if pattern.base == "any":
        if pattern.kind:
            yield pattern.kind, kind
    elif pattern.base == "list" and kind.base == "list":
        yield from _match(pattern.args[0], kind.args[0])
    elif pattern.base == "union":
        for arg in pattern.args:
            if arg.base == kind.base or (arg.base == "any" and kind.base not in {each.base for each in pattern.args}):
                yield from _match(arg, kind)
