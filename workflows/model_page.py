"""Everything that is known about one model, as labeled rows and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from invocations.services.models.base import NEEDS
from invocations.shown_numbers import readable_size

from .memory_need import PARTS
from .model_list import info_data, state_text
from .shown_text import local_time

if TYPE_CHECKING:
    from invocations.services.models.base import ModelDetails, ModelSettings

UNKNOWN = "unknown"  # the kind of what was not recognized
MASK, EDITED = "a mask: use `inpaint`", "an image to edit and an instruction: use `i2i`"
LABELS = {
    "trigger_words": "trigger words", "base_model": "made for", "weight": "weight", "vae": "recommended VAE",
    "invokeai_defaults": "InvokeAI's settings", "sha256": "SHA-256", "sidecars": "notes from",
}  # fmt: skip

INVOKEAI_INPUTS = {
    "steps": "steps", "cfg_scale": "guidance", "width": "width", "height": "height", "scheduler": "scheduler",
}  # fmt: skip
"""The inputs for InvokeAI's default settings of a model, by InvokeAI's names."""


def page_rows(details: ModelDetails, own: Mapping[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """Return what is known about a model, each fact with its label, which is empty for further facts of one kind.

    own: the user's defaults for this model, by input
    """
    return (*_identity(details), *_parts(details), *_notes(details, own or {}), *_uses(details, own or {}))


def page_data(details: ModelDetails, own_defaults: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what is known about a model as JSON data; `own_defaults` are the user's defaults for this model."""
    own = {field.name: getattr(details, field.name) for field in fields(details) if field.name != "info"}
    parts = [{"role": role, "family": family, "size_bytes": size} for role, family, size in details.parts]
    problems = [{"path": path, "reason": reason} for path, reason in details.problems]
    defaults = (
        {f.name: getattr(details.defaults, f.name) for f in fields(details.defaults)} if details.defaults else None
    )
    listed = {"parts": parts, "problems": problems, "defaults": defaults, "facts": dict(details.facts)}
    return {
        **info_data(details.info),
        **own,
        **listed,
        "notes": dict(details.notes),
        "own_defaults": dict(own_defaults or {}),
    }


def _identity(details: ModelDetails) -> Iterator[tuple[str, str]]:
    info = details.info
    yield "name", info.name
    yield "what it is", info.title
    yield "state", state_text(info)
    yield from _labeled("what to do", [details.advice] if details.advice else [])
    yield "path", info.path
    yield "size", readable_size(info.size_bytes)
    form = [details.container, details.layout, details.dtype, details.quantization]
    yield "format", ", ".join(dict.fromkeys(each for each in form if each)) or "unknown"
    yield from _labeled("recognized by", list(details.why) if info.kind != UNKNOWN else [])


def _parts(details: ModelDetails) -> Iterator[tuple[str, str]]:
    yield from _labeled(
        "parts",
        [f"{role}{f' ({family})' if family else ''}, {readable_size(size)}" for role, family, size in details.parts],
    )
    borrowed = details.defaults.borrowed if details.defaults else {}
    if borrowed:
        yield from _labeled("borrows", [f"{PARTS[part]} of `{lender}`" for part, lender in borrowed.items()])
    elif details.missing:
        yield "lacks", details.info.reason.partition(f"{NEEDS} ")[2] or ", ".join(details.missing)
    facts = [f"{_words(name)} {value}" for name, value in details.facts.items()]
    yield from _labeled("facts", [", ".join(facts)] if facts else [])


def _notes(details: ModelDetails, own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in details.notes.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else _settings(value)
        yield LABELS.get(name, name), text
        if name == "invokeai_defaults" and details.defaults is not None:
            yield from _labeled("to use these", [*_adopting(value, details.info.name, details.defaults, own)])
    yield from _labeled("not read", [f"{path}: {reason}" for path, reason in details.problems])


def _adopting(theirs: Mapping[str, Any], model: str, suits: ModelSettings, own: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each of InvokeAI's settings that sets it as the default of the model.

    Settings that the model has anyway, or for which the user has set a default, are left out.
    """
    from .planning.defaults import typed_default  # imported on demand: few models have such settings
    from .synonyms.samplers import scheduler_of

    for name, input_name in INVOKEAI_INPUTS.items():
        value = theirs.get(name)
        if isinstance(value, str):
            value = scheduler_of(value[:60])[0] if name == "scheduler" else None
        if value is not None and input_name not in own and value != getattr(suits, input_name):
            text = value if isinstance(value, str) else f"{value:g}"
            yield f"set {typed_default(input_name, model, text)} --save"


def _uses(details: ModelDetails, own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if suits := details.defaults:
        needed = [what for what, is_needed in ((MASK, suits.needs_mask), (EDITED, suits.needs_image)) if is_needed]
        yield from _labeled("needs", needed)
        yield "defaults", _defaults(suits)
    if own:
        yield "your defaults", _settings(dict(own))
    if suits:
        yield from _labeled("ignores", [f"{_words(name)}: {reason}" for name, reason in suits.ignores.items()])
        yield from _labeled(
            "refuses", [f"`--{name.replace('_', '-')}`: {reason}" for name, reason in suits.refuses.items()]
        )
    if details.memory:
        yield "memory", details.memory
    if details.fingerprint:
        yield "fingerprint", details.fingerprint
    if details.added is not None:
        yield "first seen", local_time(details.added)


def _defaults(suits: ModelSettings) -> str:
    skip = f", clip skip {suits.clip_skip}" if suits.clip_skip else ""
    size, steps = f"{suits.width}x{suits.height}", f"{suits.steps} steps" if suits.steps != 1 else "1 step"
    return f"{size}, {steps}, guidance scale {suits.guidance:g}, {suits.scheduler}{skip}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _settings(value: object) -> str:
    return ", ".join([f"{name} {one}" for name, one in value.items()]) if isinstance(value, dict) else str(value)


def _labeled(label: str, texts: list[str]) -> Iterator[tuple[str, str]]:
    yield from zip([label, *[""] * len(texts)], texts, strict=False)
