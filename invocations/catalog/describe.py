"""Derive the InvocationSpec of a node class. Only this module and `rules` read pydantic's internals."""

from __future__ import annotations

import enum
import inspect
import sys
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints

import annotated_types
from pydantic_core import PydanticUndefined

from invocations.errors import DeclarationError
from invocations.fields import InputMark, OutputMark, TypeVariable
from invocations.model import Invocation, Output
from invocations.spec import RENAMED_CATEGORIES, Base, FieldSpec, FieldType, InvocationSpec, OutputSpec
from invocations.values import Ref

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PLAIN: Mapping[Any, Base] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    Any: "any",
    None: "none",
    types.NoneType: "none",
    dict: "json",
    Mapping: "json",
}


def describe(cls: type[Invocation]) -> InvocationSpec:
    """Return the metadata of an invocation class. Raises: DeclarationError."""
    declaration = cls.declaration
    summary, description = _summary(cls)
    return InvocationSpec(
        type=declaration.type,
        title=declaration.title,
        summary=summary,
        category=RENAMED_CATEGORIES.get(declaration.category, declaration.category),
        version=declaration.version,
        inputs=tuple(_input(cls, name, info) for name, info in _fields_of(cls).items()),
        outputs=tuple(_output(cls, name, info) for name, info in _fields_of(output_class(cls)).items()),
        tags=_texts(cls, "tags", declaration.tags),
        examples=_texts(cls, "examples", declaration.examples),
        description=description,
        module=cls.__module__,
        class_name=cls.__qualname__,
        role=declaration.role,
        roles=_texts(cls, "roles", declaration.roles),
        work=declaration.work,
        reusable=declaration.reusable,
        model_bound=declaration.model_bound,
        output_size=declaration.output_size,
        output_value=declaration.output_value,
        facts=_texts(cls, "facts", declaration.facts),
        batched=_texts(cls, "batched", declaration.batched),
    )


def _texts(cls: type, what: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, (tuple, list)) or not all(isinstance(text, str) for text in given):
        raise DeclarationError(cls.__qualname__, f"`{what}` must be a tuple of strings")
    return tuple(given)


def output_class(cls: type[Invocation]) -> type[Output]:
    """Return the class that `invoke` is annotated to return. Raises: DeclarationError, if it is not an Output."""
    if cls.invoke is Invocation.invoke:
        raise DeclarationError(cls.__qualname__, "there is no `invoke` method")
    found = _annotation_of_invoke(cls)
    if not (isinstance(found, type) and issubclass(found, Output) and found is not Output):
        raise DeclarationError(cls.__qualname__, "`invoke` must be annotated with the Output subclass it returns")
    return found


def type_of(annotation: Any, *, color: bool = False) -> FieldType:
    """Convert a Python annotation to a FieldType. Raises: TypeError, if there is no matching field type."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        variable = next((mark for mark in args[1:] if isinstance(mark, TypeVariable)), None)
        return FieldType("any", kind=variable.name) if variable else type_of(args[0], color=color)
    if origin in (Union, types.UnionType):
        return FieldType("union", args=tuple(type_of(arg, color=color) for arg in args))
    if origin is Literal:
        return _enum(args)
    if annotation is list or origin is list:
        return FieldType("list", args=(type_of(args[0], color=color) if args else FieldType("any"),))
    base = PLAIN.get(origin or annotation)
    if base is not None:
        return FieldType("color" if color and base == "str" else base)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _enum(tuple(member.value for member in annotation))
    if isinstance(annotation, type) and issubclass(annotation, Ref) and annotation is not Ref:
        parents = tuple(cls.kind for cls in annotation.__mro__[1:] if issubclass(cls, Ref) and cls is not Ref)
        return FieldType("ref", kind=annotation.kind, parents=parents)
    raise TypeError(f"`{annotation}` is not a type that can be written or linked")


def _enum(choices: tuple[Any, ...]) -> FieldType:
    if not choices or not all(isinstance(choice, str) for choice in choices):
        raise TypeError("the choices of a field must be strings")
    return FieldType("enum", choices=tuple(choices))


def _summary(cls: type) -> tuple[str, str]:
    """Split a docstring into its first sentence and the rest."""
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    first, _, rest = text.partition("\n\n")
    first = " ".join(first.split())
    sentence, dot, more = first.partition(". ")
    return (sentence + "." if dot else sentence), "\n\n".join(part for part in (more, rest.strip()) if part)


def _fields_of(cls: type[Invocation] | type[Output]) -> dict[str, FieldInfo]:
    if not getattr(cls, "__pydantic_fields_complete__", True):
        cls.model_rebuild(raise_errors=False)
        unknown = [name for name, info in cls.model_fields.items() if not getattr(info, "_complete", True)]
        if unknown:
            raise DeclarationError(
                cls.__qualname__, f"the type of `{unknown[0]}` is not defined where the class is declared"
            )
    return cls.model_fields


def _field_type(cls: type, name: str, info: FieldInfo, *, color: bool = False) -> FieldType:
    variable = next((mark for mark in info.metadata if isinstance(mark, TypeVariable)), None)
    if variable is not None:
        return FieldType("any", kind=variable.name)
    try:
        return type_of(info.annotation, color=color)
    except TypeError as error:
        raise DeclarationError(cls.__qualname__, f"field `{name}`: {error}") from error


class _Bounds(TypedDict, total=False):
    ge: Any
    gt: Any
    le: Any
    lt: Any
    multiple_of: Any


def _bounds(info: FieldInfo) -> _Bounds:
    bounds: _Bounds = {}
    members = [mark for arg in get_args(info.annotation) for mark in getattr(arg, "__metadata__", ())]
    for mark in (*info.metadata, *members):  # a bound on a union can only apply to one of its members
        if isinstance(mark, annotated_types.Ge):
            bounds["ge"] = mark.ge
        elif isinstance(mark, annotated_types.Gt):
            bounds["gt"] = mark.gt
        elif isinstance(mark, annotated_types.Le):
            bounds["le"] = mark.le
        elif isinstance(mark, annotated_types.Lt):
            bounds["lt"] = mark.lt
        elif isinstance(mark, annotated_types.MultipleOf):
            bounds["multiple_of"] = mark.multiple_of
    return bounds


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=False)
    if value is PydanticUndefined:
        return None
    return value.value if isinstance(value, enum.Enum) else value


def _input(cls: type, name: str, info: FieldInfo) -> FieldSpec:
    mark = next((mark for mark in info.metadata if isinstance(mark, InputMark)), None)
    if mark is None:
        raise DeclarationError(cls.__qualname__, f"field `{name}` is not declared with `input_field`")
    return FieldSpec(
        name=name,
        type=_field_type(cls, name, info, color=mark.color),
        description=info.description or "",
        required=info.is_required(),
        default=_default(info),
        given=mark.given,
        primary=mark.primary,
        position=mark.position,
        free_text=mark.free_text,
        short=mark.short,
        unit=mark.unit,
        seed=mark.seed,
        by_model=mark.by_model,
        completes=mark.completes,
        feature=mark.feature,
        precheck=mark.precheck,
        neutral=mark.neutral,
        common=mark.common,
        added=mark.added,
        earlier_default=mark.earlier_default,
        **_bounds(info),
    )


def _output(cls: type, name: str, info: FieldInfo) -> OutputSpec:
    mark = next((mark for mark in info.metadata if isinstance(mark, OutputMark)), None)
    if mark is None:
        raise DeclarationError(cls.__qualname__, f"output `{name}` is not declared with `output_field`")
    return OutputSpec(name, _field_type(cls, name, info), info.description or "", mark.primary)


def _annotation_of_invoke(cls: type[Invocation]) -> Any:
    known = dict(vars(sys.modules[cls.__module__]))
    annotation = cls.invoke.__annotations__.get("return")
    if not isinstance(annotation, str):
        return annotation
    if annotation in known:
        return known[annotation]
    try:
        return get_type_hints(cls.invoke, globalns=known, localns=_locals_around(cls)).get("return")
    except NameError:
        return None


def _locals_around(cls: type[Invocation]) -> dict[str, Any]:
    """Return the local variables of the functions in which `cls` is declared, if it is not at module level."""
    frame = sys._getframe()
    names: dict[str, Any] = {}
    while frame is not None and frame.f_back is not None and "<locals>" in cls.__qualname__:
        frame = frame.f_back
        if frame.f_globals.get("__name__") == cls.__module__:
            names = {**frame.f_locals, **names}
    return names
