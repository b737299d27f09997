"""Templates of prompts: with `--dynamic`, `{red|blue}` and `__animal__` in a text of a stage make it an axis."""

from __future__ import annotations

import os

from invocations.dynamic.errors import DynamicError
from invocations.dynamic.template import PromptTemplate, parse_template
from invocations.dynamic.wildcards import Wildcards
from invocations.language.draws import Draws
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.prompt_syntax import PROMPT
from workflows.planning.draft import Content, Draft, Several
from workflows.planning.foresight import FactSource


def expand_templates(draft: Draft, most: int, facts: FactSource | None = None) -> list[LanguageError]:
    """Make the templates among the texts of a stage axes; return the errors.

    most: how many prompts a template may have. facts: knows the folders of wildcard files in the settings
    """
    assert draft.sweep is not None
    folders = tuple(draft.sweep.folders)
    wildcards, found = Wildcards(folders if facts is None else facts.wildcard_folders(folders)), []
    texts = [field.name for field in draft.spec.inputs if field.completes == PROMPT or field.free_text]
    for name in texts:
        content = draft.contents.get(name)
        if content is None or not isinstance(content.value, str):
            continue
        try:
            template = parse_template(content.value)
            if template.is_dynamic:
                found += _expand(draft, name, content, template, wildcards, most)
        except DynamicError as error:
            found.append(LanguageError("bad_template", error.message, _place(content, error), error.hint or None))
    if not found and not any(
        isinstance(draft.contents[name].value, Several) for name in texts if name in draft.contents
    ):
        message = "`--dynamic` needs a template, but the text has no alternatives and no wildcards"
        found.append(
            LanguageError("bad_template", message, draft.sweep.dynamic or Span(0, 0), "for example {red|blue}")
        )
    return found


def _expand(
    draft: Draft, name: str, content: Content, template: PromptTemplate, wildcards: Wildcards, most: int
) -> list[LanguageError]:
    """Make one template an axis. Raises: DynamicError."""
    assert draft.sweep is not None
    seed, draws = _seed(draft), draft.sweep.draws
    count = template.count(wildcards) if draws is None else draws
    if count > most:
        message = f"the template of `{name}` has {count} prompts, but at most {most} are possible"
        hint = "draw some of them: --dynamic=20"
        return [LanguageError("sweep_too_large", message, content.span or Span(0, 0), hint)]
    values = list(template.all(wildcards, seed)) if draws is None else template.draw(wildcards, draws, seed)
    items = [content.span or Span(0, 0)] * len(values)
    draft.contents[name] = Content(Several((), values, items), "written", content.span)
    return []


def _seed(draft: Draft) -> int:
    """Return the seed of the stage, or a random one."""
    for field in draft.spec.inputs:
        content = draft.contents.get(field.name)
        if field.seed and content is not None and isinstance(content.value, int):
            return content.value
    return Draws(0, draft.salt).word() if draft.salt else int.from_bytes(os.urandom(8), "big")


def _place(content: Content, error: DynamicError) -> Span:
    """Return the place of the error in the line, if the text stands there letter by letter."""
    span = content.span or Span(0, 0)
    around = span.end - span.start - len(content.value)
    if around not in (0, 2) or error.start < 0:
        return span
    return Span(span.start + around // 2 + error.start, span.start + around // 2 + error.end)
