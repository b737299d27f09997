"""`--vary red=blue,green`: an axis of the original text of a stage and its variants with a word replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from invocations.catalog.roles import with_role
from invocations.graph.linking import Offer
from invocations.language.did_you_mean import one_of
from invocations.language.errors import LanguageError
from invocations.language.printer import as_word, print_value
from invocations.prompt_syntax import PROMPT
from invocations.spec import FieldSpec, FieldType
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import Content, Draft, Several
from workflows.planning.sweep_options import Varied

GAP: Final = "\0"  # stands for a replacement that contains no word


def texts_of(draft: Draft) -> list[FieldSpec]:
    """Return the inputs with the texts of a stage, the main one first; only a recipe may have several."""
    fields = [field for field in draft.spec.inputs if field.free_text or (draft.spec.is_recipe and _is_text(field))]
    return sorted((field for field in fields if field.name in draft.contents), key=lambda field: not field.free_text)


def text_with(draft: Draft, word: str) -> FieldSpec | None:
    """Return the first text of a stage that contains a word, or else its main text; None if the stage has no text."""
    fields = texts_of(draft)
    return next((field for field in fields if _has(draft.contents[field.name], word)), fields[0] if fields else None)


def _is_text(field: FieldSpec) -> bool:
    return field.type.base == "str" and field.completes in ("", PROMPT)


def refused_words(draft: Draft) -> Iterator[LanguageError]:
    """Yield an error for each `--vary` if the stage has no text, or if the text does not contain the word."""
    varied = draft.sweep.varied if draft.sweep is not None else []
    fields = {each.old: text_with(draft, each.old) for each in varied}
    for place, each in enumerate(varied):
        field = fields[each.old]
        same = [other for other in varied[:place] if other.old == each.old]
        if field is None:
            message = f"`--vary` replaces a word in a text, but `{draft.spec.type}` has no text"
            yield LanguageError("bad_vary", message, each.span)
        elif not _has(draft.contents[field.name], each.old):
            message = f"`{each.old}` does not occur in {one_of([text.name for text in texts_of(draft)])}"
            yield LanguageError("bad_vary", message, each.span, _hint(draft.contents[field.name], each))
        elif same:
            message = f"`{each.old}` is replaced by two `--vary` options"
            news = dict.fromkeys([*same[0].news, *each.news])
            yield LanguageError("axis_twice", message, each.span, _written(each.old, news))
        elif other := next(
            (
                other
                for other in varied[:place]
                if fields[other.old] == field and _overlap(draft.contents[field.name], other, each)
            ),
            None,
        ):
            message = f"`{other.old}` and `{each.old}` overlap in `{field.name}`, so only one of them can be replaced"
            yield LanguageError("bad_vary", message, each.span, _as_one(each, other))


def _overlap(content: Content, first: Varied, second: Varied) -> bool:
    """Whether a text no longer contains the second word once the first one has been replaced."""
    texts = [text for text in _texts(content) if isinstance(text, str) and first.old in text and second.old in text]
    return any(second.old not in text.replace(first.old, GAP) for text in texts)


def _as_one(one: Varied, two: Varied) -> str:
    """Return the hint for overlapping words: a single `--vary` that replaces the longer one."""
    short, long = sorted((one, two), key=lambda each: len(each.old))
    if short.old not in long.old:
        return "replace them together by a single `--vary`"
    return _written(long.old, [*long.news, *(long.old.replace(short.old, new) for new in short.news)])


def _hint(content: Content, varied: Varied) -> str:
    """Return the hint for a word that does not occur in the text; it may occur there in another case."""
    for value in _texts(content):
        at = value.lower().find(varied.old.lower()) if isinstance(value, str) else -1
        if at >= 0:
            return _written(value[at : at + len(varied.old)], varied.news)
    return "write --vary WORD=A,B with a word from the text"


def _written(old: str, news: Iterable[str]) -> str:
    text = f"{old}={','.join(news)}"
    return f"write --vary {print_value(as_word(text))}"


def _has(content: Content, word: str) -> bool:
    return any(not isinstance(value, str) or word in value for value in _texts(content))


def _texts(content: Content) -> Sequence[Any]:
    return content.value.values if isinstance(content.value, Several) else [content.value]


def column(name: str, varied: Varied) -> tuple[FieldSpec, Content]:
    """Return the axis of a word and its replacements: an input with the given name, and its values."""
    words = [varied.old, *varied.news]
    several = Several((), words, [varied.span] * len(words))
    return FieldSpec(name, FieldType("str"), name), Content(several, "sweep", varied.span)


def replace_word(
    draft: Draft, field: FieldSpec, varied: Varied, word: Content, builder: GraphBuilder, prefix: str, *, stage: int
) -> None:
    """Add the node that replaces a word in a text of a stage. field: the text. word: the replacement in each item"""
    spec = with_role(builder.catalog, "replaces")
    assert spec is not None
    text, old, new = sorted((each for each in spec.inputs if each.position), key=lambda each: each.position or 0)
    content = draft.contents[field.name]
    contents = {text.name: content, old.name: Content(varied.old, "sweep"), new.name: word}
    made = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)
    draft.contents[field.name] = Content(_string(made), "sweep", content.span)


def _string(offers: list[Offer]) -> Offer:
    return next(offer for offer in offers if offer.type.base == "str")
