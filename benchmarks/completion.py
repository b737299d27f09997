"""Measure completion: among 300 commands, and in sessions with 10,000 results against sessions with 100."""

from __future__ import annotations

import io
import statistics
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks.long_sessions import additions
from benchmarks.measure import Row, in_turn, temporary_home, timed
from invocations.catalog.snapshot import built_in
from invokeai_cli.environment import Environment
from invokeai_cli.options import CommandLine
from invokeai_cli.repl.state import PromptState
from invokeai_cli.shell import Shell
from workflows.completion.context import CompletionContext
from workflows.completion.suggest import suggest

MANY, BAR = 300, 20.0  # number of commands, and limit in ms
SPARE = 1.5  # tolerance on threefold growth, because single runs vary
TEXTS = {
    "an empty line": "",
    "after `|`": "t2i a fox | ",
    "the fourth stage": "t2i a fox | blur 2 | upscale 2 | b",
    "an option": "t2i a fox --",
    "a fuzzy match": "mskthr",
}


RESULTS, FEW_RESULTS, GROWTH = 10_000, 100, 3.0
KEYS = (
    "mul ",
    "mul @",
    "mul @9",
    "mul @n9",
    "mul @n99999",
    "blur --image @",
    "blur --image @9",
    "graph @",
    "add 1 2 | s",
)

# What is typed, and what to type instead in a session with few results to get as many suggestions (100).
ALL_OFFERED = {"mul @9": "mul @", "mul @n9": "mul @n", "blur --image @9": "blur --image @"}


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
    """Compare the time at each cursor position with a millisecond, and the time for 300 commands with that for 100."""
    many = known(MANY)
    for what, text in TEXTS.items():
        yield Row(f"{what}, {MANY} commands", _ms(text, many), 1.0, BAR)
    few = known(MANY // 3)
    yield Row("after `|`: 300 commands against 100", _ms("t2i a fox | ", many), _ms("t2i a fox | ", few), 3 * SPARE)
    for named in (False, True):
        with temporary_home() as home, temporary_home() as other:
            prompts = [prompt(home, RESULTS, names=named), prompt(other, FEW_RESULTS, names=named)]
            what = "names" if named else "results"
            for key in KEYS:
                same = ALL_OFFERED.get(key, key)
                pair = [partial(_key_ms, state, text) for state, text in zip(prompts, (key, same), strict=True)]
                long, short = in_turn(pair, 15, pick=min)
                note = f"`{same}` with {FEW_RESULTS}, which suggests the same number of results" if same != key else ""
                yield Row(f"`{key}` with {RESULTS} {what} against {FEW_RESULTS}", long, short, GROWTH, note=note)


def prompt(home: str, count: int, *, names: bool) -> PromptState:
    """Return an interactive prompt whose session has `count` results, each with a name if `names` is true."""
    variables = {"INVOKEAI_HOME": home, "NO_COLOR": "1"}
    shell = Shell(Environment(io.StringIO(), io.StringIO(), io.StringIO(), variables, home), CommandLine())
    workspace = shell.workspace
    workspace.invoker.extend(workspace.session_id, additions(count, names=names))
    deque(workspace.invoker.run(workspace.session_id), maxlen=0)
    workspace.attach(workspace.session_id)
    return PromptState(shell)


def _key_ms(state: PromptState, text: str) -> float:
    """Return the CPU time of a key press that checks and completes text that has not been checked before."""
    state.check("")
    return timed(lambda: suggest(text, len(text), state.context, state.check(text)))


def _ms(text: str, world: CompletionContext) -> float:
    suggest(text, len(text), world)
    return statistics.median(timed(lambda: suggest(text, len(text), world)) for _ in range(25))
