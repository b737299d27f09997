"""Help that is about no single command: one page for each topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from invocations.frozen import frozen

from . import lines, reference, results, running
from .keys import KEYS
from .page import Literal, Page, Rows
from .reference import Facts


@frozen
class Topic:
    """A page that `help NAME` shows; `aliases` are accepted, but not listed."""

    name: str
    summary: str
    page: Callable[[Facts], Page]
    aliases: tuple[str, ...] = ()


def find_topic(word: str) -> Topic | None:
    """Return the topic of that name or alias."""
    return TOPICS.get(word) or next((topic for topic in TOPICS.values() if word in topic.aliases), None)


def _text(text: str) -> Callable[[Facts], Page]:
    return lambda facts: (Literal(text),)


def _topics(facts: Facts) -> Page:
    return (Rows(tuple((topic.name, topic.summary) for topic in TOPICS.values())),)


_ROWS: Final = (
    Topic("language", "how a line is written", _text(lines.LANGUAGE)),
    Topic("linking", "what fills an input that is not written", _text(lines.LINKING)),
    Topic("prompts", "how a prompt is written", _text(lines.PROMPTS)),
    Topic("scripts", "many lines in a file", _text(running.SCRIPTS)),
    Topic("history", "what ran before: list it, resume it, save it as a script", _text(running.HISTORY), ("past",)),
    Topic("failures", "what is kept when something fails, and how to retry", _text(running.FAILURES)),
    Topic("cache", "cached results", _text(running.CACHE), ("reuse",)),
    Topic("pipes", "results from process to process", _text(running.PIPES)),
    Topic("images", "an image's own line: print it, run it again, check it", _text(results.IMAGES), ("pictures",)),
    Topic("graphs", "how `graph` draws sessions and lines", _text(results.GRAPHS)),
    Topic("keys", "what keys do at the prompt", _text(KEYS)),
    Topic("output", "what is printed where, and as JSON", _text(results.OUTPUT)),
    Topic("schedulers", "the schedulers by name, and what each is", reference.schedulers, ("samplers",)),
    Topic("exit-codes", "the exit statuses and their meanings", reference.exit_statuses),
    Topic("environment", "the environment variables that are read", reference.environment),
    Topic("default-model", "the model that is included", reference.default_model),
    Topic("topics", "this list", _topics),
)
TOPICS: Final = {topic.name: topic for topic in _ROWS}
