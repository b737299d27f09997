"""Help topics: pages that are not about a single command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from invocations.frozen import frozen

from . import lines, performance, reference, results, running
from .keys import KEYS
from .page import Literal, Page, Rows
from .reference import Facts


@frozen
class Topic:
    """A page that `help NAME` shows."""

    name: str
    summary: str
    page: Callable[[Facts], Page]


def _text(text: str) -> Callable[[Facts], Page]:
    return lambda facts: (Literal(text),)


def _sweeps(name: str) -> Callable[[Facts], Page]:
    def page(facts: Facts) -> Page:
        from . import sweeps  # imported on demand: the list of topics needs no page

        return (Literal(getattr(sweeps, name)),)

    return page


def _cookbook(facts: Facts) -> Page:
    from .cookbook import cookbook_page

    return cookbook_page()


def _topics(facts: Facts) -> Page:
    return (Rows(tuple((topic.name, topic.summary) for topic in TOPICS.values())),)


_ROWS: Final = (
    Topic("language", "how a line is written", _text(lines.LANGUAGE)),
    Topic("linking", "where an input gets its value if you do not write one", _text(lines.LINKING)),
    Topic("prompts", "how a prompt is written", _text(lines.PROMPTS)),
    Topic("sweeps", "run a line with several values of its inputs", _sweeps("SWEEPS")),
    Topic("wildcards", "prompts with alternatives, and with words from files", _sweeps("WILDCARDS")),
    Topic("loops", "run stages once for each item of a list", _sweeps("LOOPS")),
    Topic("recipes", "save a line as a command of your own", _text(lines.RECIPES)),
    Topic("cookbook", "twenty example lines, each with its purpose", _cookbook),
    Topic("scripts", "run many lines from a file", _text(running.SCRIPTS)),
    Topic("history", "what ran before: list it, resume it, save it as a script", _text(running.HISTORY)),
    Topic("failures", "what is kept after a failure, and how to retry", _text(running.FAILURES)),
    Topic("cache", "how results are cached, and how to recompute them", _text(running.CACHE)),
    Topic("pipes", "pass results from process to process", _text(running.PIPES)),
    Topic("images", "the line in an image: print it, run it again, check it", _text(results.IMAGES)),
    Topic(
        "reproducibility", "when an image is the same again, and the effect of batches", _text(results.REPRODUCIBILITY)
    ),
    Topic("performance", "batches, several processes, and the warm engine", _text(performance.PERFORMANCE)),
    Topic("graphs", "how to read the drawings of `graph`", _text(results.GRAPHS)),
    Topic("keys", "what each key does at the interactive prompt", _text(KEYS)),
    Topic("output", "what is printed where, and JSON output", _text(results.OUTPUT)),
    Topic("schedulers", "the schedulers (samplers), with a description of each", reference.schedulers),
    Topic("exit-codes", "the exit statuses and their meanings", reference.exit_statuses),
    Topic("environment", "the environment variables that the program reads", reference.environment),
    Topic("default-model", "the included model: what it can draw, and how to use another", reference.default_model),
    Topic("topics", "the list of all topics", _topics),
)
TOPICS: Final = {topic.name: topic for topic in _ROWS}
