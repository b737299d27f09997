"""The rules that the declaration of every node and recipe must satisfy."""

from __future__ import annotations

import math
import re
import weakref
from collections.abc import Iterator

from pydantic import BaseModel

from invocations.errors import DeclarationError
from invocations.model import Invocation
from invocations.precheck.find import checker, computer, predictor
from invocations.spec import FieldSpec, InvocationSpec

from .describe import describe
from .roles import ROLES, kind_of

TYPE_WORD = re.compile(r"[a-z][a-z0-9-]*")
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
FIELD_WORD = re.compile(r"[a-z][a-z0-9_]*")
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
OURS = "invocations.nodes."
RESERVED = frozenset(
    {"as", "help", "id", "type", "invoke", "invoke_many", "declaration", "link", "link_node", "no_link"}
)

_declared: weakref.WeakValueDictionary[str, type[Invocation]] = weakref.WeakValueDictionary()


def check_declaration(cls: type[Invocation]) -> None:
    """Refuse a class whose declaration breaks a rule, or whose type a neighbor already has. Raises: DeclarationError.

    Neighbors are the classes of the same module and, for a built-in node, all other built-in nodes. The types of
    plug-ins are checked by the registry, so that no plug-in can prevent the import of a built-in node.
    """
    spec = describe(cls)
    for name in cls.model_fields:
        if hasattr(BaseModel, name):
            raise DeclarationError(
                cls.__qualname__, f"`{name}` is reserved by pydantic and cannot be the name of a field"
            )
    check_spec(spec, cls.__qualname__)
    if bool(spec.batched) != any("invoke_many" in vars(each) for each in cls.__mro__ if each is not Invocation):
        raise DeclarationError(
            cls.__qualname__, "a class with `batched` must define `invoke_many`, and a class without it must not"
        )
    other = _declared.get(spec.type)
    if other is not None and _are_neighbors(other, cls) and _name(other) != _name(cls):
        raise DeclarationError(cls.__qualname__, f"the type `{spec.type}` is taken by {_name(other)}")
    _declared[spec.type] = cls


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _are_neighbors(other: type, cls: type) -> bool:
    return other.__module__ == cls.__module__ or all(each.__module__.startswith(OURS) for each in (other, cls))


def forget(module: str) -> None:
    """Forget the declarations of a module that is about to be imported again."""
    for name, cls in list(_declared.items()):
        if cls.__module__ == module:
            del _declared[name]


def check_spec(spec: InvocationSpec, subject: str) -> None:
    """Refuse metadata that breaks a rule; nodes and recipes have the same rules. Raises: DeclarationError."""
    for broken in broken_rules(spec):
        raise DeclarationError(subject, broken)


def _hidden_characters(spec: InvocationSpec) -> Iterator[str]:
    """Yield a message for each metadata string that contains an invisible control or text-direction character."""
    texts = {"title": spec.title, "category": spec.category, "summary": spec.summary, "description": spec.description}
    texts |= {"tags": " ".join(spec.tags), "examples": " ".join(spec.examples)}
    texts |= {f"description of `{field.name}`": field.description for field in spec.inputs}
    texts |= {f"description of `{field.name}`": field.description for field in spec.outputs}
    for what, text in texts.items():
        if found := HIDDEN.search(text):
            yield f"the invisible character U+{ord(found[0]):04X} is not allowed in the {what}"


def broken_rules(spec: InvocationSpec) -> Iterator[str]:
    """Yield a message for every rule that the metadata breaks."""
    if not TYPE_WORD.fullmatch(spec.type):
        yield f"the type `{spec.type}` must consist of lowercase letters, digits and dashes"
    if not SEMVER.fullmatch(spec.version):
        yield f"the version `{spec.version}` must have the form 1.2.3"
    for what, text in (("summary", spec.summary), ("title", spec.title), ("category", spec.category)):
        if not text.strip():
            yield f"there is no {what}" + (" (the first sentence of the docstring)" if what == "summary" else "")
    yield from _hidden_characters(spec)
    for example in spec.examples:
        if not example.strip() or "\n" in example:
            yield f"the example {example!r} must be one line"
    if not spec.outputs:
        yield "there is no output"
    yield from _broken_roles(spec)
    yield from _broken_prechecks(spec)
    if spec.model_bound and spec.input(spec.model_bound) is None:
        yield f"`model_bound` names `{spec.model_bound}`, which is not an input"
    for name in spec.batched:
        if spec.input(name) is None:
            yield f"`batched` names `{name}`, which is not an input"
    for field in spec.inputs:
        yield from _broken_input(field)
        if not spec.is_recipe:  # the input of a recipe may only be used if it is set
            yield from _broken_default(field)
    for output in spec.outputs:
        yield from _broken_name(output.name, output.description)
    yield from _broken_together(spec)


def _broken_roles(spec: InvocationSpec) -> Iterator[str]:
    for role in spec.roles:
        if role not in ROLES:
            yield f"`{role}` is not a role; the roles are {', '.join(ROLES)}"
    if "loads" in spec.roles and not (kind_of(spec) and any(field.position == 1 for field in spec.inputs)):
        yield "a loader must take its source as its first positional argument and return a reference"
    passes_on = {"saves", "shows", "masks", "spreads", "adapts"} & set(spec.roles)
    if passes_on and not (spec.primary_input and spec.primary_output):
        yield f"a node that {min(passes_on)} must have a primary input and a primary output"


def _broken_prechecks(spec: InvocationSpec) -> Iterator[str]:
    named = [(predictor, spec.output_size), (computer, spec.output_value)]
    for find, name in (*named, *((checker, field.precheck) for field in spec.inputs)):
        try:
            find(name) if name else None
        except (ImportError, AttributeError):
            yield f"`{name}` is not a function: write `module:function`"


def _broken_name(name: str, description: str) -> Iterator[str]:
    if not FIELD_WORD.fullmatch(name):
        yield f"`{name}` must consist of lowercase letters, digits and underscores"
    if name in RESERVED:
        yield f"`{name}` is reserved and cannot name a field"
    if not description.strip():
        yield f"`{name}` has no description"


def _broken_input(field: FieldSpec) -> Iterator[str]:
    name = field.name
    yield from _broken_name(name, field.description)
    if field.given == "linked" and (field.position is not None or field.free_text or field.short):
        yield f"`{name}` can only be linked, so it cannot have a position, free text or a short option"
    if field.given == "written" and field.type.is_reference:
        yield f"`{name}` is a reference, so it must accept a link"
    if field.given == "written" and field.primary:
        yield f"`{name}` can only be written, so it cannot be the primary input"
    if field.free_text and (field.type.base != "str" or field.position is None):
        yield f"`{name}` is free text, so it must be a string with a position"
    if field.position is not None and field.position < 1:
        yield f"the position of `{name}` must be 1 or more"
    if field.short and (not field.short.isascii() or not field.short.isalpha() or len(field.short) != 1):
        yield f"the short option of `{name}` must be one letter"
    if field.short == "h":
        yield f"the short option of `{name}` cannot be `-h`, which shows help"
    if field.seed and not (field.type.optional and field.default is None and not field.required):
        yield f"`{name}` is a seed, so it must be `int | None` with the default None"
    if not _is_plain(field.default):
        yield f"the default of `{name}` must be plain data (numbers, strings or lists of these)"
    yield from _broken_range(field)


def _broken_default(field: FieldSpec) -> Iterator[str]:
    if not field.required and field.default is None and not field.type.optional and field.type.base != "any":
        yield f"the default of `{field.name}` is None, which its type does not allow"


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (int, str)) or (isinstance(value, float) and math.isfinite(value))


def _broken_range(field: FieldSpec) -> Iterator[str]:
    value = field.default
    if field.type.base == "enum" and not field.required and value not in field.type.choices:
        yield f"the default of `{field.name}` must be one of its choices"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    low = (field.ge is not None and value < field.ge) or (field.gt is not None and value <= field.gt)
    high = (field.le is not None and value > field.le) or (field.lt is not None and value >= field.lt)
    if low or high or (field.multiple_of is not None and value % field.multiple_of):
        yield f"the default of `{field.name}` is outside its range"


def _broken_together(spec: InvocationSpec) -> Iterator[str]:
    for what, fields in (("input", spec.inputs), ("output", spec.outputs)):
        if sum([field.primary for field in fields]) > 1:
            yield f"there is more than one primary {what}"
    for what, given in (
        ("position", [field.position for field in spec.inputs if field.position is not None]),
        ("short option", [field.short for field in spec.inputs if field.short]),
    ):
        if len(set(given)) != len(given):
            yield f"two inputs have the same {what}"
    places = sorted([field.position for field in spec.inputs if field.position is not None])
    if places != list(range(1, len(places) + 1)) and len(set(places)) == len(places):
        yield "the positions must be 1, 2, 3 ... without a gap"
    names = {field.name for field in spec.inputs}
    for field in spec.inputs:
        if field.type.base == "bool" and f"no_{field.name}" in names:
            yield f"`no_{field.name}` is reserved to turn `{field.name}` off"
    last = next((field for field in spec.inputs if field.position == len(places)), None)
    between_lists = (
        last is not None and last.type.base == "list"
    )  # as in `zip 1,2 a,b`, where each list but the last takes a single word
    takes_rest = [field for field in spec.inputs if field.free_text or (field.position and field.type.base == "list")]
    if any(field is not last and (field.free_text or not between_lists) for field in takes_rest):
        yield "an input that takes all remaining words must have the last position"
