"""Prompt templates: with `--dynamic`, a text that contains `{red|blue}` or `__animal__` becomes an axis."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from invocations.dynamic.errors import DynamicError
from invocations.dynamic.template import PromptTemplate, parse_template
from invocations.dynamic.wildcards import BAD_FOLDER, NO_WILDCARDS, Wildcards
from invocations.frozen import frozen
from invocations.language.each import EachText
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.language.tree import Word
from invocations.prompt_syntax import PROMPT
from workflows.planning.draft import MOST_ITEMS, Content, Draft, Several
from workflows.planning.foresight import FactSource
from workflows.planning.sweep_options import SweepOptions

NO_PLACE = Span(0, 0)
EMPTY = re.compile(r"(?<![\\$])\{\s*\}")
PICKS = re.compile(r"(?<![\\$])\{(\d{1,4})\$\$([^{}]*)\}")
ONLY_COMMAS = re.compile(r"(?<![\\$])\{([^{}|$]*,[^{}|$]*)\}")


@frozen
class TemplatePart:
    """The prompts of a template, as a part of an axis; they are created only once the size of the sweep is known.

    draws: how many random prompts are drawn; None for all prompts
    count: the number of prompts
    """

    template: PromptTemplate
    wildcards: Wildcards
    draws: int | None
    count: int
    span: Span

    @property
    def is_random(self) -> bool:
        """Whether the prompts depend on a seed."""
        return self.draws is not None or self.template.is_random(self.wildcards)

    def prompts(self, seed: int) -> Iterator[str]:
        """Yield the prompts; `seed` determines which ones are drawn, and which alternative of `{~a|b}` is chosen."""
        if self.draws is None:
            yield from self.template.all(self.wildcards, seed)
        else:
            yield from self.template.draw(self.wildcards, self.draws, seed)


def expand_templates(draft: Draft, most: int, facts: FactSource | None = None) -> list[LanguageError]:
    """Turn each text of a stage that is a template into an axis; return the errors.

    most: how many prompts a template may have. facts: provides the folders of wildcard files named in the settings
    """
    assert draft.sweep is not None
    folders = tuple(draft.sweep.folders)
    wildcards, found = Wildcards(folders if facts is None else facts.wildcard_folders(folders)), []
    contents = {
        field.name: draft.contents[field.name]
        for field in draft.spec.inputs
        if (field.completes == PROMPT or field.free_text) and field.name in draft.contents
    }
    expanded = 0
    texts = [text.text for content in contents.values() for text in _texts(content)]
    draft.notes += [note for text in texts for note in _notes_on_groups(text)]
    for name, content in contents.items():
        parts = [_part(draft, name, each, wildcards, most) for each in _texts(content)]
        found += [part for part in parts if isinstance(part, LanguageError)]
        if any(isinstance(part, TemplatePart) for part in parts):
            draft.contents[name] = Content(Several(tuple(parts)), "written", content.span)
            expanded += 1
    if folders and expanded and not (found or wildcards.are_used):
        draft.notes.append(NO_WILDCARDS.format("prompt"))
    return found if found or expanded else [_no_template(draft, contents.values())]


def _notes_on_groups(text: str) -> Iterator[str]:
    """Yield a note for each group that probably lacks alternatives: `{}`, `{red,blue}` or `{3$$red|blue}`."""
    if EMPTY.search(text):
        yield "`{}` is an empty alternative; write for example {red|blue}"
    for match in PICKS.finditer(text):
        count = len(match[2].rpartition("$$")[2].split("|"))
        if int(match[1]) > count:
            yield f"`{match[0]}` has only {count} alternative{'s' * (count > 1)}"
    for match in ONLY_COMMAS.finditer(text):
        meant = "|".join(part.strip() for part in match[1].split(","))
        yield f"`{match[0]}` is a single alternative; for several, write {{{meant}}}"


def is_random(draft: Draft) -> bool:
    """Whether prompts of a stage depend on its seed."""
    axes = [content.value for content in draft.contents.values() if _is_axis(content)]
    return any(isinstance(part, TemplatePart) and part.is_random for axis in axes for part in axis.parts)


def _texts(content: Content) -> list[EachText]:
    """Return the strings that are written for an input, each with its place."""
    if isinstance(content.value, str):
        return [EachText(content.value, content.span or NO_PLACE)]
    return [part for part in content.value.parts if isinstance(part, EachText)] if _is_axis(content) else []


def _part(
    draft: Draft, name: str, text: EachText, wildcards: Wildcards, most: int
) -> EachText | TemplatePart | LanguageError:
    """Return the prompts of a text, the text itself if it is not a template, or the error in it."""
    assert draft.sweep is not None
    draws = draft.sweep.draws
    try:
        template = parse_template(text.text)
        if not template.is_dynamic:
            return text
        template.check(wildcards)
        count = template.count(wildcards) if draws is None else draws
    except DynamicError as error:
        span = _place(text, error) if error.hint != BAD_FOLDER else _folder(draft, error) or _place(text, error)
        return LanguageError("bad_template", error.message, span, error.hint or None)
    if count > most:
        return _too_large(draft.sweep, name, count, most, text.span)
    return TemplatePart(template, wildcards, draws, count, text.span)


def _folder(draft: Draft, error: DynamicError) -> Span | None:
    """Return the place of the folder that an error names, or None if it is not written in the stage."""
    values = [each.value for each in draft.stage.arguments if isinstance(each.value, Word)]
    folders = draft.sweep.folders if draft.sweep is not None else []
    named = [each for each in values if each.text in folders and f"`{each.text}`" in error.message]
    return named[-1].span if named else None


def _too_large(options: SweepOptions, name: str, count: int, most: int, span: Span) -> LanguageError:
    """Return the error for a template with too many prompts."""
    more = f", or add --yes or --max-items {count}" if count <= MOST_ITEMS else ""
    if options.draws is None:
        message, hint = f"the template of `{name}` has {count} prompts", "draw some of them: --dynamic=20"
    else:
        message, hint, span = f"`--dynamic={count}` draws {count} prompts", "draw fewer", options.dynamic or span
    return LanguageError("sweep_too_large", f"{message}, but at most {most} are possible", span, hint + more)


def _no_template(draft: Draft, contents: Collection[Content]) -> LanguageError:
    """Return the error for `--dynamic` in a stage whose texts are not templates."""
    assert draft.sweep is not None
    span = draft.sweep.dynamic or NO_PLACE
    if not contents:
        message = f"`--dynamic` expands a prompt, but `{draft.spec.type}` has none"
        return LanguageError("bad_template", message, span)
    if any(content.offers for content in contents):
        message = "`--dynamic` expands a text that is written in its stage, but the text is the result of another stage"
        return LanguageError("bad_template", message, span, "to expand a result, pass it through `dynamic`")
    message = "`--dynamic` needs a template, but the text has no alternatives and no wildcards"
    return LanguageError("bad_template", message, span, "for example {red|blue}")


def _is_axis(content: Content) -> bool:
    return isinstance(content.value, Several)


def _place(text: EachText, error: DynamicError) -> Span:
    """Return the place of the error in the line, or of the whole text if the line does not contain it literally."""
    span = text.span
    around = span.end - span.start - len(text.text)
    if around not in (0, 2) or error.start < 0:
        return span
    return Span(span.start + around // 2 + error.start, span.start + around // 2 + error.end)
