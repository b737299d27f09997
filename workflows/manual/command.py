"""The help page of a command, made from its metadata alone: purpose, examples, options, inputs, outputs, neighbors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from invocations.graph.linking import follows, members
from invocations.spec import FieldSpec, FieldType, InvocationSpec, OutputSpec
from workflows.values.constraints import default_text, range_text, type_text
from workflows.values.positions import image_input, list_of, positional, source_of_many

from .common_options import COMMON_OPTIONS
from .page import Block, Literal, Page, Paragraph, Rows, Usage

SHORT_EXAMPLES, SHORT_OPTIONS = 2, 11  # how many examples and options fit on the short page, 80 x 24 characters
FEW_OPTIONS = 6  # with more options, the short page has no room for the description after the summary
OWN_DEFAULT = " (default: "  # a description that ends with this and `)` states its default itself


def command_page(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> Page:
    """Return the help page of a command."""
    before, after = neighbors(spec, catalog)
    blocks: list[Block] = [
        Usage(usage(spec)),
        *_purpose(spec),
        Literal("\n".join(f"  {example}" for example in spec.examples), "Examples"),
        *_options((*spec.inputs, *_inner_inputs(spec, catalog))),
        Rows(COMMON_OPTIONS, "Options of every command"),
        Paragraph(_typed(spec.inputs), "Inputs (* receives what is piped in)"),
        Paragraph(_typed(spec.outputs), "Outputs (* is piped to the next stage)"),
        Paragraph(", ".join(before), "Can follow"),
        Paragraph(", ".join(after), "Can be followed by"),
        Paragraph(spec.pipeline if spec.is_recipe else "", "Equivalent pipeline"),
        Paragraph(f"Defined in {spec.origin}" if spec.origin != "built in" else ""),
    ]
    return tuple(block for block in blocks if _is_full(block))


def short_page(spec: InvocationSpec) -> Page:
    """Return the beginning of the help page of a command, which fits a small screen: the most common options."""
    options = tuple((option_usage(field), describe(field)) for field in spec.inputs if field.common)
    purpose = _purpose(spec)
    blocks: list[Block] = [
        Usage(usage(spec)),
        *(purpose if len(options) <= FEW_OPTIONS else purpose[:1]),
        Literal("\n".join(f"  {example}" for example in spec.examples[:SHORT_EXAMPLES]), "Examples"),
        Rows(options[:SHORT_OPTIONS], "Common options", brief=True),
        Paragraph(f"`help {spec.type} --all` also shows all options, types, links and related commands."),
    ]
    return tuple(block for block in blocks if _is_full(block))


def _is_full(block: Block) -> bool:
    if isinstance(block, (Paragraph, Literal)):
        return bool(block.text)
    return not isinstance(block, Rows) or bool(block.rows)


def usage(spec: InvocationSpec) -> tuple[str, ...]:
    """Return the usage of a command: positional arguments in order, then options; two forms if it takes an image."""
    image, source = image_input(spec), source_of_many(spec)
    places = positional(spec)
    others = [field for field in spec.inputs if field not in places and not field.primary] if spec.is_recipe else []
    needed = [option_usage(field) for field in others if field.required]
    words = " ".join([*(_usage_word(field, many=field is source) for field in places), *needed, "[OPTIONS]"])
    if image is None:
        return (f"{'... | ' if _needs_pipe(spec) else ''}{spec.type} {words}",)
    return f"{spec.type} PATH{'...' if list_of(image.type) else ''} {words}", f"... | {spec.type} {words}"


def _usage_word(field: FieldSpec, *, many: bool = False) -> str:
    word = field.name.upper() + ("..." if many or field.free_text or field.type.base == "list" else "")
    return word if field.required and not field.primary else f"[{word}]"


def neighbors(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commands that can come right before a command in a pipeline, and those that can come right after."""
    before = tuple(other.type for other in catalog.values() if follows(spec, other))
    after = tuple(other.type for other in catalog.values() if follows(other, spec))
    return before, after


def _needs_pipe(spec: InvocationSpec) -> bool:
    primary = spec.primary_input
    return primary is not None and primary.required and (primary.position is None or primary.type.is_reference)


def _purpose(spec: InvocationSpec) -> list[Paragraph]:
    return [Paragraph(" ".join(text.split())) for text in (spec.summary, *spec.description.split("\n\n"))]


def _inner_inputs(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> tuple[FieldSpec, ...]:
    """Return the inputs of a recipe's stages that its own inputs do not set; () for a node."""
    if not spec.is_recipe:
        return ()
    from workflows.planning.inner_options import inner_inputs  # imported here: only the whole page of a recipe needs it

    return inner_inputs(spec, catalog)


def _options(fields: Iterable[FieldSpec]) -> list[Rows]:
    common = [field for field in fields if field.common]
    rest = [field for field in fields if not field.common]
    titled = (("Options" if not rest else "Common options", common), ("More options", rest))
    return [Rows(tuple((option_usage(f), describe(f)) for f in group), title) for title, group in titled if group]


def option_usage(field: FieldSpec) -> str:
    """Return an option as usage shows it: `-s, --steps INT`."""
    name = field.name.replace("_", "-")
    short = f"-{field.short}, " if field.short else ""
    if field.type.base == "bool":
        return f"{short}--{name}, --no-{name}"
    return f"{short}--{name} {_metavar(field)}"


def _metavar(field: FieldSpec) -> str:
    if field.given == "linked":
        return "@REFERENCE"
    kinds = {_word(member, field) for member in members(field.type) if member.base != "none"}
    return "NUMBER" if kinds == {"INT", "FLOAT"} else "|".join(sorted(kinds))


def _word(member: FieldType, field: FieldSpec) -> str:
    if member.base == "list":
        return f"{_word(member.args[0], field)},..."
    if member.base == "enum":
        return field.name.upper()
    if member.base == "union" and any(arg.base == "str" for arg in member.args):
        return "STRING"
    return {"any": "VALUE"}.get(member.base, type_text(member).upper())


def describe(field: FieldSpec) -> str:
    """Return an option's description, followed by its choices, range and default in parentheses."""
    text, explained, own_default = field.description.partition(OWN_DEFAULT)
    parts = []
    choices = [choice for member in members(field.type) for choice in member.choices]
    if not set(choices) <= set(re.findall(r"\w+", text)):
        parts.append(", ".join(choices))
    if field.completes == "scheduler":
        parts.append("`help schedulers` lists them")
    bounds = range_text(field)
    if bounds:
        parts.append(f"{bounds} {field.unit}".rstrip())
    elif field.unit:
        parts.append(f"in {field.unit}")
    if field.multiple_of:
        parts.append(f"a multiple of {field.multiple_of}")
    default = default_text(field)
    if field.required:
        parts.append("required")
    elif explained or default:
        parts.append(f"default: {own_default.removesuffix(')') or default}")
    return text + (f" ({'; '.join(parts)})" if parts else "")


def _typed(fields: Iterable[FieldSpec | OutputSpec]) -> str:
    return ", ".join(f"{field.name}{'*' if field.primary else ''} ({type_text(field.type)})" for field in fields)
