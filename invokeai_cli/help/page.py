"""The help page of a command, made from its metadata alone: purpose, examples, options, inputs, outputs, neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from invocations.graph.linking import follows, members
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.values.constraints import default_text, range_text, settled_later, type_text

from .wrap import columns, wrap

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
WIDEST = 100
OPEN = "left open"  # a description that says so tells itself what happens then
EVERYWHERE = (
    ("--link NODE OUTPUT INPUT", "link an output of an earlier stage (3, -1 or a name) to an input"),
    ("--link-node NODE", "link all that an earlier stage gives to the inputs of the same names"),
    ("--no-link", "link nothing that is not written"),
    ("--no-cache", "do it again, also where a result is kept"),
)


def help_text(
    spec: InvocationSpec, catalog: Mapping[str, InvocationSpec], *, width: int = 80, color: bool = False
) -> str:
    """Return the help page of a command, at most `width` columns wide where words allow."""
    width = max(40, min(width, WIDEST))
    sections = [usage(spec, width), *_purpose(spec, width)]
    if spec.examples:
        sections.append(_section("Examples", [f"  {example}" for example in spec.examples], color))
    common = [field for field in spec.inputs if field.common]
    rest = [field for field in spec.inputs if not field.common]
    for title, fields in (("Options" if not rest else "Common options", common), ("More options", rest)):
        if fields:
            rows = [(_option(field), _describe(field)) for field in fields]
            sections.append(_section(title, columns(rows, width), color))
    sections.append(_section("Options of every command", columns(EVERYWHERE, width), color))
    takes = ", ".join(_typed(each.name, each.type, each.primary) for each in spec.inputs)
    gives = ", ".join(_typed(each.name, each.type, each.primary) for each in spec.outputs)
    sections.append(_section("Inputs (* comes through a bar)", wrap(takes, width, indent="  "), color))
    sections.append(_section("Outputs (* goes on through a bar)", wrap(gives, width, indent="  "), color))
    before, after = neighbours(spec, catalog)
    if before:
        sections.append(_section("Can follow", wrap(", ".join(before), width, indent="  "), color))
    if after:
        sections.append(_section("Can be followed by", wrap(", ".join(after), width, indent="  "), color))
    if spec.is_recipe:
        sections.append(_section("Stands for", wrap(spec.pipeline, width, indent="  "), color))
    if spec.origin != "built in":
        sections.append(f"from {spec.origin}")
    return "\n\n".join(section for section in sections if section)


def usage(spec: InvocationSpec, width: int) -> str:
    """Return how a command is called: its words in order, the rest as options."""
    words = []
    for field in sorted((f for f in spec.inputs if f.position is not None), key=lambda f: f.position or 0):
        word = field.name.upper() + ("..." if field.free_text or field.type.base == "list" else "")
        words.append(word if field.required and not field.primary else f"[{word}]")
    lead = "usage: " + ("... | " if _piped_into(spec) else "")
    return "\n".join(wrap(" ".join([lead + spec.type, *words, "[OPTIONS]"]), width, later=" " * 7))


def neighbours(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which commands a command can follow and which can follow it, joined by a bar; from their types."""
    before = tuple(other.type for other in catalog.values() if follows(spec, other))
    after = tuple(other.type for other in catalog.values() if follows(other, spec))
    return before, after


def _piped_into(spec: InvocationSpec) -> bool:
    primary = spec.primary_input
    return primary is not None and primary.required and (primary.position is None or primary.type.is_reference)


def _purpose(spec: InvocationSpec, width: int) -> list[str]:
    paragraphs = [spec.summary, *spec.description.split("\n\n")]
    return ["\n".join(wrap(" ".join(text.split()), width)) for text in paragraphs if text]


def _section(title: str, lines: Iterable[str], color: bool) -> str:
    body = "\n".join(lines)
    return f"{BOLD}{title}:{PLAIN}\n{body}" if color and body else f"{title}:\n{body}" if body else ""


def _option(field: FieldSpec) -> str:
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
    return {"any": "VALUE"}.get(member.base, type_text(member).upper())


def _describe(field: FieldSpec) -> str:
    parts = []
    if field.type.base == "enum":
        parts.append(", ".join(field.type.choices))
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
    elif default and OPEN not in field.description:
        parts.append(default if settled_later(field) else f"default {default}")
    return field.description + (f" ({'; '.join(parts)})" if parts else "")


def _typed(name: str, kind: FieldType, primary: bool) -> str:
    return f"{name}{'*' if primary else ''} ({type_text(kind)})"
