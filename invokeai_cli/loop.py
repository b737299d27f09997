"""For each statement: plan -> invoke -> render. A line is planned whole or refused whole; what was done stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import exit_status
from .directives import DIRECTIVES, Leave, find
from .errors import UsageError, Worded, word, worded
from .language.script import Statement
from .language.source import Source
from .render.screen import OutputFailed
from .sources import words_of

if TYPE_CHECKING:
    from invocations.events import NodeFailed

    from .planning.plan import Plan
    from .shell import Shell
    from .watch import Watch

STOPPED = (exit_status.INTERRUPTED, exit_status.TERMINATED)


def run_all(shell: Shell, statements: Iterable[Statement], *, keep_going: bool) -> int:
    """Run the statements of a script; the first that fails ends it, unless `keep_going`. Return the exit status."""
    failed = False
    for statement in statements:
        try:
            status = run_statement(shell, statement.source)
        except Leave:
            break
        if status in STOPPED or (status and not keep_going):
            return status
        failed = failed or status != exit_status.DONE
    return exit_status.LINES_FAILED if failed else exit_status.DONE


def run_statement(shell: Shell, source: Source) -> int:
    """Run one line; an error in it is shown, a bug goes through. Return the exit status."""
    try:
        words = words_of(source)
        if words and words[0] in DIRECTIVES:
            # The word is blanked out, so that places in what follows stay true.
            at = source.text.find(words[0]) + len(words[0])
            return run_directive(shell, words, replace(source, text=" " * at + source.text[at:]))
        return run_line(shell, source)
    except (BrokenPipeError, OutputFailed, Leave):
        raise
    except Exception as error:
        errors = word(error)
        if not errors:
            raise
        return show(shell, errors)


def run_directive(shell: Shell, words: Sequence[str], line: Source) -> int:
    """Run a word for the shell itself; `line` is what follows it. Raises: UsageError, where it is piped."""
    from .directives.call import Call

    if "|" in words and words[0] != "explain":
        raise UsageError(
            f"`{words[0]}` is a word for the shell itself and is never piped", "write it alone in its line"
        )
    directive = find(words[0])
    assert directive is not None
    answer = directive(Call(shell, words[0], tuple(words[1:]), line))
    if answer.schema:
        shell.renderer.answer(answer)
    return answer.status


def run_line(shell: Shell, source: Source) -> int:
    """Plan a line, put it into the session, run it, give its results."""
    from .giving import results_of, seeds_of
    from .leaving import leave
    from .render.base import Begun
    from .watch import watch

    plan = make_plan(shell, source)
    check_streams(shell, plan)
    leaving = leave(plan, shell.catalog)
    line = f"{source.name}:{source.first_line}" if source.name else ""
    extension = plan.extension(line=source.text, source=line)
    extension = replace(extension, nodes=extension.nodes + leaving.nodes, edges=extension.edges + leaving.edges)
    session = shell.invoker.extend(shell.session_id, extension)
    shell.state.scope.add(plan.placed)
    nodes = [node.id for node in extension.nodes]
    slow = any(node.type in shell.catalog and shell.catalog[node.type].model_bound for node in extension.nodes)
    seeds = seeds_of(plan, session, shell.catalog)
    shell.renderer.begin(Begun(source.text, line, session.id, seeds, len(nodes), slow))
    run = shell.invoker.run(session.id, reuse=plan.reuse and shell.config.cache)
    watched = watch(run, shell.renderer, shell.environment)
    shell.renderer.results(results_of(shell, session, leaving.results))
    return ending(shell, watched, len(nodes))


def make_plan(shell: Shell, source: Source) -> Plan:
    """Return the plan of a line in this shell; nothing is changed. Raises: Refusal."""
    from .planning.plan import plan_line

    state = shell.state
    return plan_line(source, catalog=shell.catalog, scope=state.scope, defaults=state.defaults, directives=DIRECTIVES)


def check_streams(shell: Shell, plan: Plan) -> None:
    """Refuse a picture and JSON on one standard output. Raises: UsageError."""
    wanted = shell.command_line.format
    if wanted in ("json", "events") and any(n.type == "save" and n.inputs.get("target") == "-" for n in plan.nodes):
        raise UsageError(
            f"`save -` and `--{wanted}` both write to standard output", "save into a file, or leave one of them out"
        )


def ending(shell: Shell, watched: Watch, nodes: int) -> int:
    """Show what went wrong while a line ran, and return its exit status."""
    if watched.signal:
        what = "interrupted" if watched.status == exit_status.INTERRUPTED else "terminated"
        kept = f"{watched.finished} of {nodes} nodes had finished; what they gave is kept in session {shell.session_id}"
        return show(shell, [worded(what, f"{what}: {kept}", None, watched.status)])
    failures = [failure(event, verbose=shell.command_line.verbosity > 0) for event in watched.failures]
    if any(each.status == exit_status.PIPE_CLOSED for each in failures):
        raise BrokenPipeError
    return show(shell, failures)


def failure(event: NodeFailed, *, verbose: bool = False) -> Worded:
    """Put a node's failure into words; one nobody foresaw shows its traceback where more is wanted."""
    error = event.error
    hint = error.hint
    if error.trace:
        hint = error.trace if verbose else f"nobody foresaw this {error.type}: -v shows where it comes from"
    message = f"{event.node_type} ({event.node_id}): {error.message}"
    return worded(error.code, message, hint or None, exit_status.of_code(error.code), node=event.node_id)


def show(shell: Shell, errors: list[Worded]) -> int:
    """Show errors and return the exit status of the first."""
    if errors:
        shell.renderer.errors(errors)
    return errors[0].status if errors else exit_status.DONE
