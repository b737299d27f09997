"""Check and describe the ranges, multiples and defaults of inputs."""

from __future__ import annotations

from typing import Any

from invocations.spec import FieldSpec, FieldType

NO_LIMIT = 2**31  # larger bounds are technical limits, which are not shown


def number_text(value: float) -> str:
    """Return a number as text, without a decimal point if it is whole: `2` for 2.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)


def range_text(field: FieldSpec, *, no_limit: float = NO_LIMIT) -> str:
    """Describe the range of an input: `1 to 8`, `at least 1`, `more than 0, at most 1`; "" if it has none."""
    low, high = field.ge, field.le if field.le is None or field.le < no_limit else None
    if low is not None and high is not None:
        return f"{number_text(low)} to {number_text(high)}"
    if field.gt is not None and field.lt is not None:
        return f"between {number_text(field.gt)} and {number_text(field.lt)} (exclusive)"
    bounds = (("at least", low), ("more than", field.gt), ("at most", high), ("less than", field.lt))
    return ", ".join([f"{word} {number_text(bound)}" for word, bound in bounds if bound is not None])


def is_limited(field: FieldSpec) -> bool:
    """Whether an input takes plain values but refuses some of them."""
    if field.type.is_reference:
        return False
    limits = (field.ge, field.gt, field.le, field.lt, field.multiple_of)
    return bool(field.completes) or any(limit is not None for limit in limits)


def out_of_range(field: FieldSpec, value: Any) -> str | None:
    """Return why a value of the right type is refused, or None if it is accepted."""
    if isinstance(value, list):
        return next((reason for item in value if (reason := out_of_range(field, item))), None)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    inside = (
        (field.ge is None or value >= field.ge)
        and (field.gt is None or value > field.gt)
        and (field.le is None or value <= field.le)
        and (field.lt is None or value < field.lt)
    )
    if not inside:
        return f"`{field.name}` must be {range_text(field, no_limit=float('inf'))}, not {number_text(value)}"
    if field.multiple_of and value % field.multiple_of:
        return f"`{field.name}` must be a multiple of {field.multiple_of}, not {number_text(value)}"
    return None


def nearest_multiples(field: FieldSpec, value: Any) -> str | None:
    """Return a hint that suggests the nearest allowed multiples, or None if the input has no multiple."""
    if not field.multiple_of or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    below = int(value // field.multiple_of) * field.multiple_of
    near = [n for n in (below, below + field.multiple_of) if out_of_range(field, n) is None]
    return f"nearest: {' or '.join(map(str, near))}" if near else None


def type_text(field_type: FieldType) -> str:
    """Return the name of a type as help and hints show it; long lists of choices are shortened."""
    if field_type.base == "enum" and len(field_type.choices) > 6:
        return "|".join(field_type.choices[:5]) + "|..."
    if field_type.base == "union":
        return " or ".join(type_text(member) for member in field_type.args if member.base != "none")
    if field_type.base == "color":
        return "color"
    return str(field_type)


def with_article(field_type: FieldType) -> str:
    """Return a type with its article, as sentences name it: `an image`, `a list of int`, `latents`."""
    text = type_text(field_type)
    first = field_type.args[0] if field_type.base == "union" and field_type.args else field_type
    if first.base in ("enum", "any", "bool", "json", "none") or text in ("latents", "conditioning"):
        return text
    return f"{'an' if text[:1] in 'aeiou' else 'a'} {text}"


def default_text(field: FieldSpec) -> str:
    """Describe the default of an input; return "" if the input is required."""
    if field.seed:
        return "picked at random"
    if field.required:
        return ""
    if field.default is None:
        return "from the model" if field.by_model else ""
    if field.type.base == "bool":
        return "yes" if field.default else "no"
    if field.default in ("", []):
        return ""
    if isinstance(field.default, (int, float)):
        return number_text(field.default)
    if isinstance(field.default, str):
        bases = {member.base for member in (field.type, *field.type.args)}
        return field.default if bases & {"enum", "color"} else f'"{field.default}"'
    from .codecs import codec_of  # imported only for the rare default that is a list

    return codec_of(field.type).format(list(field.default) if isinstance(field.default, tuple) else field.default)


def facts(field: FieldSpec, *, article: bool = False) -> str:
    """Return type, range and default of an input in one phrase: `float, 1 to 8, default 2`.

    article: whether the type has an article, as in `an image`
    """
    parts = [with_article(field.type) if article else type_text(field.type), range_text(field)]
    if field.multiple_of:
        parts.append(f"a multiple of {field.multiple_of}")
    default = default_text(field)
    if default:
        parts.append(f"default {default}")
    elif field.required:
        parts.append("required")
    return ", ".join(part for part in parts if part)
