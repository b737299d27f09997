"""Measure completion among 300 commands: at most 20 ms, growing no faster than the number of commands."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.measure import Row, timed
from invocations.catalog.snapshot import built_in
from workflows.completion.context import CompletionContext
from workflows.completion.suggest import suggest

MANY, BAR = 300, 20.0  # commands, ms
SPARE = 1.5  # tolerated growth in addition to threefold, because single runs vary
TEXTS = {
    "an empty line": "",
    "after a bar": "t2i a fox | ",
    "the fourth stage": "t2i a fox | blur 2 | upscale 2 | b",
    "an option": "t2i a fox --",
    "a fuzzy match": "mskthr",
}


def known(count: int) -> CompletionContext:
    """Return a context with `count` commands: the real ones, then copies of them under other names."""
    real = built_in()
    catalog = dict(list(real.items())[:count])
    for number, spec in enumerate([*real.values()] * count):
        if len(catalog) == count:
            break
        catalog[f"{spec.type}-{number}"] = replace(spec, type=f"{spec.type}-{number}")
    return CompletionContext(catalog=catalog, entries=lambda folder: ())


def rows() -> Iterator[Row]:
    """Compare completion at each position with one millisecond, and 300 commands with 100."""
    many = known(MANY)
    for what, text in TEXTS.items():
        yield Row(f"{what}, {MANY} commands", _ms(text, many), 1.0, BAR)
    few = known(MANY // 3)
    yield Row("after a bar: 300 commands to 100", _ms("t2i a fox | ", many), _ms("t2i a fox | ", few), 3 * SPARE)


def _ms(text: str, world: CompletionContext) -> float:
    suggest(text, len(text), world)
    return statistics.median(timed(lambda: suggest(text, len(text), world)) for _ in range(25))
