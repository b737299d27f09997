"""Steps into a tree of our language: each value checked by its input's metadata, and left out where it does not fit.

The tree is built, never parsed from text: whatever a stranger wrote stays one quoted value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping

from invocations.language.tree import Argument, Option, Pipeline, Positional, Stage, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.decompile.stage import word_of
from workflows.planning.bind import is_flag
from workflows.values.codecs import ParseError, codec_of
from workflows.values.constraints import number_text, out_of_range

from .parameters import Found, Value, shown

KEPT = "\n\t\u200c\u200d"  # characters that are seen by what they do


def to_pipeline(
    found: Found, catalog: Mapping[str, InvocationSpec], models: Collection[str]
) -> tuple[Pipeline, tuple[str, ...]]:
    """Return the tree of what was found, and all notes; `models` are the names of those on this machine."""
    notes = [cleaned(note) for note in found.notes]
    stages: list[Stage] = []
    for step in found.steps:
        spec = catalog.get(step.command)
        if spec is None:
            notes.append(f"there is no command `{step.command}`: it is left out")
            continue
        texts: dict[str, str] = {}
        for name, value in step.values.items():
            field = spec.input(name)
            text = None if field is None else _text(field, value, models, notes)
            if text is not None:
                texts[name] = text
        stages.append(Stage(Word(spec.type), tuple(_arguments(spec, texts))))
    return Pipeline(tuple(stages)), tuple(dict.fromkeys(notes))


def cleaned(text: str) -> str:
    """Return a text without control characters, halves of characters, and marks that turn the writing direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in text if char in KEPT or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def known_model(name: str, models: Collection[str]) -> str | None:
    """Return the model on this machine that a foreign name means: without folder and suffix, whatever its case."""
    wanted = _stem(name)
    return next((each for each in models if each == name), next((m for m in models if _stem(m) == wanted), None))


def _text(field: FieldSpec, value: Value, models: Collection[str], notes: list[str]) -> str | None:
    """Return the text of a value at an input; None, with a note, where it does not fit."""
    if isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = cleaned(number_text(value) if isinstance(value, (int, float)) else value)
    if field.completes == "model":
        model = known_model(text, models)
        if model is None:
            notes.append(f"the model `{shown(text)}` is not on this machine: the default is used")
        return model
    try:
        read = codec_of(field.type).parse(text)
    except ParseError as reason:
        notes.append(f"`{field.name}: {shown(text)}` is left out: it takes {reason.wants}")
        return None
    wrong = out_of_range(field, read)
    if wrong:
        notes.append(f"`{field.name}: {shown(text)}` is left out: {wrong}")
        return None
    return text


def _arguments(spec: InvocationSpec, texts: dict[str, str]) -> Iterator[Argument]:
    """Yield the bare words in their order, up to the first that is missing, then the options."""
    bare: list[str] = []
    for field in sorted((f for f in spec.inputs if f.position is not None), key=lambda f: f.position or 0):
        if field.name not in texts and field.primary:
            continue  # comes through the bar
        if field.name not in texts:
            break
        bare.append(field.name)
        if field.free_text:
            break
    for name in bare:
        yield Positional(word_of(texts[name]))
    for name, text in texts.items():
        dashed, own = name.replace("_", "-"), spec.input(name)
        if name in bare or own is None:
            continue
        if is_flag(own):
            yield Option(dashed if text == "yes" else f"no-{dashed}")
        else:
            yield Option(dashed)
            yield Positional(word_of(text))


def _stem(name: str) -> str:
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    for suffix in (".safetensors", ".ckpt", ".pt"):
        last = last.removesuffix(suffix)
    return last.casefold()
