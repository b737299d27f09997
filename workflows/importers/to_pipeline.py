"""Turn imported steps into a tree of our language; a value that does not fit its input is ignored.

The tree is built, never parsed from text: an untrusted string stays one quoted value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping

from invocations.language.tree import Argument, Option, Pipeline, Positional, Reference, Stage, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.decompile.stage import word_of
from workflows.planning.draft import is_flag
from workflows.values.codecs import ParseError, codec_of
from workflows.values.constraints import number_text, out_of_range

from .masks import with_masks
from .parameters import Imported, Value, short

ENDS_OF_LINES = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # removing these would join two words
REFINING = ("model", "refiner")  # the inputs that name the models of an image with a refiner
KEPT = "\n\t\u200c\u200d"  # control characters that are kept


def to_pipeline(
    found: Imported,
    catalog: Mapping[str, InvocationSpec],
    models: Collection[str],
    exists: Callable[[str], bool] = lambda _: False,
) -> tuple[Pipeline, tuple[str, ...]]:
    """Return the imported steps as a tree, and all notes.

    models: the names of the installed models. exists: whether the file of a mask can be read
    """
    found = with_masks(found, exists)
    notes = [cleaned(note) for note in found.notes]
    stages: list[Stage] = []
    for step in found.steps:
        spec = catalog.get(step.command)
        if spec is None:
            notes.append(f"there is no command `{step.command}`: it is ignored")
            continue
        texts: dict[str, str] = {}
        for name, value in _with_known_refiner(step.values, models, notes).items():
            field = spec.input(name)
            text = None if field is None else _text(field, value, models, notes)
            if text is not None:
                texts[name] = text
        links = [each for name, stage in step.links.items() for each in (Option(name), Positional(Reference(stage)))]
        stages.append(Stage(Word(spec.type), (*_arguments(spec, texts), *links), step.name or None))
    return Pipeline(tuple(stages)), tuple(dict.fromkeys(notes))


def _with_known_refiner(values: Mapping[str, Value], models: Collection[str], notes: list[str]) -> Mapping[str, Value]:
    """Return the values of a step without its refiner unless both models are installed, with a note."""
    refiner = str(values.get("refiner", ""))
    if not refiner or None not in [known_model(cleaned(str(values.get(each, ""))), models) for each in REFINING]:
        return values
    notes.append(f"the refiner `{short(cleaned(refiner))}` is left out: it or the model is not installed")
    return {name: value for name, value in values.items() if not name.startswith("refiner")}


def cleaned(text: str) -> str:
    """Return a string without control characters, surrogates and bidirectional marks."""
    if text.isascii() and text.isprintable():
        return text
    text = ENDS_OF_LINES.sub("\n", text)
    return "".join(char for char in text if char in KEPT or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def known_model(name: str, models: Collection[str]) -> str | None:
    """Return the installed model with this name, ignoring folder, suffix and case, or None."""
    wanted = _stem(name)
    return next((each for each in models if each == name), next((m for m in models if _stem(m) == wanted), None))


def _text(field: FieldSpec, value: Value, models: Collection[str], notes: list[str]) -> str | None:
    """Return a value as text that an input accepts; if the value does not fit, add a note and return None."""
    if isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = cleaned(number_text(value) if isinstance(value, (int, float)) else value)
    if field.completes == "model":
        model = known_model(text, models)
        if model is None:
            notes.append(f"the model `{short(text)}` is not installed: the default is used")
        return model
    try:
        read = codec_of(field.type).parse(text)
    except ParseError as reason:
        notes.append(f"`{field.name}: {short(text)}` is ignored: it takes {reason.wants}")
        return None
    wrong = out_of_range(field, read)
    if wrong:
        notes.append(f"`{field.name}: {short(text)}` is ignored: {wrong}")
        return None
    return text


def _arguments(spec: InvocationSpec, texts: dict[str, str]) -> Iterator[Argument]:
    """Yield the positional arguments in order, up to the first that is missing, then the options."""
    positional: list[str] = []
    for field in sorted((f for f in spec.inputs if f.position is not None), key=lambda f: f.position or 0):
        if field.name not in texts and field.primary:
            continue  # the primary input is piped in
        if field.name not in texts:
            break
        positional.append(field.name)
        if field.free_text:
            break
    for name in positional:
        yield Positional(word_of(texts[name]))
    for name, text in texts.items():
        dashed, own = name.replace("_", "-"), spec.input(name)
        if name in positional or own is None:
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
