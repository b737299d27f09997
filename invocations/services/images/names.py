"""Make file names from untrusted text: path parts that are safe on every system, and templates.

An example of a template is `{index:06}-{prompt:.40}.png`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from string import Formatter

from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from invocations.services.errors import bad_file_name

PART_BYTES = 200  # file systems allow 255 bytes; this leaves room for a running number and a suffix
APOSTROPHES = frozenset("'\u2019")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?")
SPEC = re.compile(
    r"[^{}\d]{0,3}\d{0,3}[,_]?(\.\d{1,3})?[a-zA-Z%]?|[%\-_. a-zA-Z]{1,30}"
)  # formats for numbers and strings, and for dates
FILLED = "\0"  # marks path parts that contain the value of a field, while a template is filled
WHOLE = re.compile(r"\{[^{}]*\}")
OPENED = re.compile(r"\{((?:axis\.)?\w+)?(:0?\d+)?")  # a field without its closing brace
CLOSED = re.compile(r"((?:axis\.)?[A-Za-z]\w*)?\}")  # a field without its opening brace
EXAMPLES: Mapping[str, object] = {
    "index": 1, "prompt": "a", "negative": "a", "seed": 1, "steps": 1, "guidance": 1.0, "scheduler": "a",
    "strength": 1.0, "model": "a", "width": 1, "height": 1, "date": date.min, "time": "000000", "session": "a",
    "node": "a", "stem": "a",
}  # fmt: skip


def path_part(text: str, limit: int = PART_BYTES) -> str:
    """Turn any text into one part of a path; return "" if no character can be used.

    Keeps letters, digits, dots and underscores; replaces everything else with dashes, so that a shell needs no quotes;
    removes apostrophes, invisible characters, and leading dots and dashes; avoids names that Windows reserves;
    truncates to `limit` bytes.
    """
    part = re.sub(r"-{2,}", "-", "".join(map(_safe, unicodedata.normalize("NFC", text)))).lstrip(".-")
    part = part.encode("utf-8", "ignore")[:limit].decode("utf-8", "ignore").rstrip(".- ")
    return f"_{part}"[:limit] if RESERVED.fullmatch(part) else part


def _safe(char: str) -> str:
    kind = unicodedata.category(char)[0]
    if kind in "LMN" or char in "._":
        return char
    return "" if char in APOSTROPHES or (kind == "C" and not char.isspace()) else "-"


@frozen
class Template:
    """A validated file-name template: literal text, fields with their format, and the suffix, if any."""

    text: str
    parts: tuple[tuple[str, str, str], ...]  # (literal text, field that follows it or "", format of the field)
    suffix: str

    @property
    def numbered(self) -> bool:
        """Return True if the template contains a running number."""
        return any(field == "index" for _, field, _ in self.parts)

    def fill(self, facts: Mapping[str, object]) -> str:
        """Return the path without its suffix; fields without a fact are empty. Raises: ServiceError."""
        pieces = (literal + self._value(field, form, facts) for literal, field, form in self.parts)
        return "/".join(_tidy(part) if FILLED in part else part for part in "".join(pieces).split("/"))

    def _value(self, field: str, form: str, facts: Mapping[str, object]) -> str:
        value = facts.get(field)
        if not field or value is None:
            return FILLED if field else ""
        try:
            return FILLED + path_part(format(value, form))
        except (ValueError, TypeError) as error:
            message = f"`{{{field}:{form}}}` cannot format a value such as {value!r}"
            raise bad_file_name(self.text, message, "leave out the part after `:`") from error


def check_template(text: str, others: Collection[str] = ()) -> Template:
    """Parse a template and check that its fields can be filled; `others` are the fields that plug-ins fill.

    Raises: ServiceError, for an unknown field or a format that does not match its field.
    """
    known = {**EXAMPLES, **dict.fromkeys(others)}
    template = parse_template(text, known)
    template.fill(known)
    return template


def parse_template(text: str, facts: Mapping[str, object]) -> Template:
    """Parse a template; `{{` and `}}` stand for braces. Raises: ServiceError, for an unknown field."""
    known = sorted({*EXAMPLES, *facts})
    pieces = _pieces(text)
    for _, field, form, conversion in pieces:
        if field is not None and field not in known:
            message = f"the file name `{text}` has an unknown field `{field}`"
            raise bad_file_name(text, message, _meant(field, known) or "known fields: " + ", ".join(known))
        if conversion or (form and not SPEC.fullmatch(form)):
            raise bad_file_name(text, f"the field `{field}` of the file name has an unsupported format")
    suffix = ""
    if pieces and pieces[-1][1] is None:
        pieces[-1][0], suffix = _split_suffix(str(pieces[-1][0]))
    return Template(text, tuple((literal or "", field or "", form or "") for literal, field, form, _ in pieces), suffix)


def _meant(field: str, known: Collection[str]) -> str | None:
    """Return a hint with the closest known field; for `axis.sed`, only the part after the dot is compared.

    The field `name` means `axis.name`, if that is known.
    """
    if f"axis.{field}" in known:
        return f"did you mean `axis.{field}`?"
    group, dot, own = field.rpartition(".")
    names = [each.removeprefix(group + dot) for each in known if each.startswith(group + dot)]
    return did_you_mean(own, names, prefix=group + dot)


def _pieces(text: str) -> list[list[str | None]]:
    """Return the literal, field, format and conversion of each part of a template. Raises: ServiceError."""
    try:
        return [[literal, field, form, conversion] for literal, field, form, conversion in Formatter().parse(text)]
    except ValueError as error:
        message, hint = _unpaired(text)
        raise bad_file_name(text, f"the file name `{text}` {message}", hint) from error


def _unpaired(text: str) -> tuple[str, str]:
    """Return what is wrong with the braces of a file name, and a hint that completes a field such as `{seed`."""
    bare = WHOLE.sub(" ", text.replace("{{", "  ").replace("}}", "  "))
    opened, closed = OPENED.search(bare), CLOSED.search(bare)
    found = opened or closed
    name = (found[1] or "") if found is not None else ""
    is_field = name in (*EXAMPLES, "row", "col") or name.startswith("axis.")
    hint = f"write `{{{name}{opened[2] or '' if opened else ''}}}`" if is_field else "write `{{` and `}}` for braces"
    if found is None:
        return "has braces in the wrong place", hint
    return ("has a `{` without a `}`" if opened else "has a `}` without a `{`"), hint


def fill_some(text: str, facts: Mapping[str, object]) -> str:
    """Return a template in which only the fields with a fact are filled. Raises: ServiceError."""
    filled = []
    for literal, field, form, _ in _pieces(text):
        filled.append((literal or "").replace("{", "{{").replace("}", "}}"))
        if field is not None and field in facts:
            filled.append(path_part(format(facts[field], form or "")))
        elif field is not None:
            filled.append(f"{{{field}:{form}}}" if form else f"{{{field}}}")
    return "".join(filled)


def other_fields(text: str) -> list[str]:
    """Return the fields of a template that only a plug-in can fill. Raises: ServiceError."""
    return [field for _, field, _, _ in _pieces(text) if field and field not in EXAMPLES]


def _split_suffix(literal: str) -> tuple[str, str]:
    stem, dot, suffix = literal.rpartition(".")
    return (stem, dot + suffix) if dot and "/" not in suffix else (literal, "")


def _tidy(part: str) -> str:
    """Remove the doubled and outer dashes that empty fields leave; shorten long names and avoid reserved names."""
    part = re.sub(r"([-_])[-_]+", r"\1", part.replace(FILLED, "")).strip("-_ ")
    part = part.encode("utf-8", "ignore")[:PART_BYTES].decode("utf-8", "ignore")
    return f"_{part}" if RESERVED.fullmatch(part) else part or "image"
