"""One line: plan -> invoke -> render. It is planned whole or refused whole; what was done stays done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.language.source import Source
from workflows.planning.variables import MARK
from workflows.problems import Problem, UsageError, at_line, problem

from . import exit_status
from .directives import DIRECTIVES
from .loop import show

if TYPE_CHECKING:
    from invocations.events import NodeFailed
    from invocations.sessions.session import Extension
    from workflows.planning.autosave import Additions
    from workflows.planning.plan_line import Plan
    from workflows.planning.scope import StageOutputs
    from workflows.workspace import ShellState

    from .shell import Shell
    from .watch import Watch


def run_line(shell: Shell, source: Source) -> int:
    """Plan a line, put it into the session, run it, give its results; anew where another process has added lines."""
    from invocations.errors import SessionChanged
    from workflows.adopting import catch_up

    catch_up(shell)
    plan, shell.planned = shell.planned, None
    plan = plan if plan is not None and plan.source == source else make_plan(shell, source)
    while True:
        try:
            return run_plan(shell, plan)
        except SessionChanged:
            catch_up(shell)
            plan = make_plan(shell, source)


def run_plan(
    shell: Shell,
    plan: Plan,
    *,
    only_add: bool = False,
    placed: Sequence[StageOutputs] | None = None,
    known: bool = False,
) -> int:
    """Put a planned line into the session, run it, give its results.

    only_add: it is not run, unless a later line needs it. placed: what joins the scope where it is not the plan's.
    known: the session has the line already, and goes on with it.
    """
    from workflows.giving import is_sent, results_of, seeds_of
    from workflows.planning.autosave import add_saves, holds_references, no_additions
    from workflows.planning.lint import lint

    from .checking import check_template
    from .render.base import LineStarted
    from .watch import watch

    check_streams(shell, plan)
    source, additions = plan.source, no_additions(plan) if shell.hands_over else add_saves(plan, shell.catalog)
    if additions.nodes and not known:
        check_template(shell)
    extension = extension_of(plan, additions)
    line = extension.source
    if known:
        session = shell.invoker.open(shell.session_id)
    else:
        session = shell.invoker.extend(shell.session_id, extension)
    shell.state.scope.add(plan.stage_outputs if placed is None else placed)
    if only_add:
        return exit_status.DONE
    for caution in lint(plan, shell.lookup):
        shell.renderer.warning(caution)
    nodes = [node.id for node in extension.nodes]
    slow = any(node.type in shell.catalog and shell.catalog[node.type].model_bound for node in extension.nodes)
    seeds = seeds_of(plan, session, shell.catalog)
    given = tuple(end for end in additions.results if not is_sent(session, end[0]))
    begun = LineStarted(source.text, line, session.id, seeds, len(nodes), slow, given, holds_references(plan))
    shell.renderer.line_started(replace(begun, binary=len(given) < len(additions.results)))
    run = shell.invoker.run(session.id, reuse=shell.config.cache, recompute=plan.recompute, only=nodes, again=known)
    watched = watch(run, shell.renderer, shell.environment)
    shell.renderer.results(results_of(shell, session, additions.results))
    return ending(shell, watched, plan, len(nodes))


def extension_of(plan: Plan, additions: Additions) -> Extension:
    """Return what a line adds to a session, with what is added so that its pictures lie in files."""
    source = plan.source
    extension = plan.extension(source=f"{source.name}:{source.first_line}" if source.name else "")
    return replace(extension, nodes=extension.nodes + additions.nodes, edges=extension.edges + additions.edges)


def make_plan(shell: Shell, source: Source, state: ShellState | None = None) -> Plan:
    """Return the plan of a line in this shell, or in a state of its own; nothing is changed. Raises: Refusal."""
    from workflows.planning.plan_line import plan_line

    from .checking import Lookup

    state = state or shell.state
    has_variables = MARK in source.text and (source.name is not None or bool(state.variables.own))
    return plan_line(
        source,
        catalog=shell.catalog,
        scope=state.scope,
        defaults=state.defaults,
        directives=DIRECTIVES,
        check=Lookup(shell),
        fill=state.variables.fill if has_variables else None,
    )


def check_streams(shell: Shell, plan: Plan) -> None:
    """Refuse a picture and JSON on one standard output. Raises: UsageError."""
    wanted = shell.command_line.format
    if wanted in ("json", "events") and any(n.type == "save" and n.inputs.get("target") == "-" for n in plan.nodes):
        raise UsageError(
            f"`save -` and `--{wanted}` both write to standard output", "save into a file, or leave one of them out"
        )


def ending(shell: Shell, watched: Watch, plan: Plan, nodes: int) -> int:
    """Show what went wrong while a line ran, and return its exit status."""
    if watched.signal:
        return show(shell, [stopped(shell, watched, nodes, shell.session_id, alone=plan.source.name is None)])
    starts = {node: stage.span.start for stage in plan.stages for node in stage.nodes}
    failures = [
        at_line(each, plan.source, starts.get(each.node, 0))
        for each in failures_of(watched, verbose=shell.command_line.verbosity > 0)
    ]
    if any(exit_status.of(each) == exit_status.PIPE_CLOSED for each in failures):
        raise BrokenPipeError
    return show(shell, failures)


def stopped(shell: Shell, watched: Watch, nodes: int, session_id: str, *, alone: bool = True) -> Problem:
    """Tell that a signal has ended a run, and how a line that stood alone goes on."""
    what = "interrupted" if watched.status == exit_status.INTERRUPTED else "terminated"
    kept = f"{watched.finished} of {nodes} nodes had finished; what they gave is kept in session {session_id}"
    hint = f"`session resume {session_id}` goes on from here" if alone and shell.command_line.words else None
    return problem(what, f"{what}: {kept}", hint)


def failures_of(watched: Watch, *, verbose: bool) -> list[Problem]:
    """Return what failed in a run; where nothing did and something waits for an earlier failure, that."""
    found = [failure(event, verbose=verbose) for event in watched.failures]
    for event in () if found else watched.blocked[:1]:
        message = f"{event.node_type} ({event.node_id}) was not run: {event.reason}"
        hint = "`retry` runs again what failed, and what waited for it"
        found.append(problem("not_run", message, hint, node=event.node_id))
    return found


def failure(event: NodeFailed, *, verbose: bool = False) -> Problem:
    """Put a node's failure into words; one nobody foresaw shows its traceback where more is wanted."""
    error = event.error
    hint = error.hint
    if error.trace:
        hint = error.trace if verbose else f"nobody foresaw this {error.type}: -v shows where it comes from"
    message = f"{event.node_type} ({event.node_id}): {error.message}"
    return problem(error.code, message, hint or None, node=event.node_id)
