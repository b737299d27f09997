"""Notes on words that were read as text, but look like something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from invocations.language.tree import Option, Value, Word
from invocations.spec import FieldSpec
from workflows.values.positions import looks_like_image

LONG_DASHES: Final = "\u2013\u2014\u2012\u2015\u2212"  # dashes that word processors put in place of two hyphens


def notes_on_text(words: Sequence[Value], is_image: Callable[[str], bool] = lambda path: False) -> Iterator[str]:
    """Yield a note if bare words in free text look like image paths, and another note if they look like options."""
    bare = [word.text for word in words if isinstance(word, Word) and not word.quote]
    images = [text for text in bare if looks_like_image(text) or is_image(text)]
    if images:
        taken = "was taken as text, not as an image" if len(images) == 1 else "were taken as text, not as images"
        yield f"{_listed(images)} {taken}"
    if len(words) > 1 and not bare:
        yield f"{len(words)} quoted strings form one text; to keep them separate, write the option before each of them"
    if "=" in "".join(bare):
        yield from _declarations(bare)
    options = [text for text in bare if text[0] in LONG_DASHES and text.lstrip(LONG_DASHES + "-")[:1].isalpha()]
    if options:
        meant = options[0].lstrip(LONG_DASHES + "-")
        yield f"{_listed(options)} was taken as text: an option begins with two hyphens, `--{meant}`"


def notes_on_short(written: Option, field: FieldSpec, value: Value) -> Iterator[str]:
    """Yield a note if a prompt's short option has a number as its value: in other tools, `-n4` makes four images."""
    if isinstance(value, Word) and value.text.isdigit():
        from workflows.synonyms.table import note_on  # imported on demand: few lines need it

        yield f"`{value.text}` was read as the {field.name} prompt (`-{written.name}`); {note_on('batch')}"


def _declarations(texts: Sequence[str]) -> Iterator[str]:
    """Yield a note for each word that sets several values as in a `sweep`: `steps=10,20`."""
    from invocations.language.each import read_each  # imported on demand: few texts have a `=`
    from invocations.language.tokens import is_option

    for text in texts:
        name, _, values = text.partition("=")
        if is_option(name) and read_each(Word(values)) is not None:
            yield f"`{text}` was taken as text: for several values of an input, write --{name} {values}"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words[:3])
