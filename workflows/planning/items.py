"""The places of the items of a list in a line, so that an error in one item points at that item."""

from __future__ import annotations

from invocations.language.source import Span
from workflows.values.codecs import Codec, ParseError
from workflows.values.compound import split_items


def item_spans(text: str, span: Span, count: int, *, quoted: bool = False) -> tuple[Span, ...]:
    """Return the places of the `count` items that a word stands for; the place of the word if they are not known.

    text: the word without its quotes
    """
    parts = _parts(text, span, quoted=quoted)
    return tuple(place for _, place in parts) if len(parts) == count else (span,) * count


def refused_item(text: str, span: Span, codec: Codec, *, quoted: bool = False) -> tuple[str, Span]:
    """Return the first item in a word that a list codec refuses, and its place; the whole word if there is none."""
    parts = _parts(text, span, quoted=quoted)
    for part, place in parts if len(parts) > 1 else ():
        try:
            codec.parse(part)
        except ParseError:
            return part, place
    return text, span


def _parts(text: str, span: Span, *, quoted: bool) -> list[tuple[str, Span]]:
    """Return the items that commas separate in a word, each with its place; [] if the word has escapes or is JSON."""
    start = span.start + quoted
    if span.end - span.start != len(text) + 2 * quoted or text.startswith("["):
        return []
    return [(part, Span(start + at, start + at + length)) for part, at, length in split_items(text)]
