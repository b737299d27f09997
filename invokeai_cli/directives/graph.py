"""`graph [LINE | @STAGE | SESSION]`: draw a session, a stage and what it depends on, or a line without running it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.graphs.drawing import LETTERS, draw
from workflows.charts.build import Material
from workflows.charts.dot import dot
from workflows.charts.mermaid import mermaid
from workflows.chosen_session import chosen_session
from workflows.completion.line_words import LineWords, read_line
from workflows.problems import UsageError

from .call import Call
from .parse import exclusive, no_option

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell
    from workflows.charts.chart import Chart


@frozen
class Drawing:
    """What to draw: a chart, and the session or line that it shows."""

    chart: Chart
    session: str | None = None
    line: str | None = None


def run(call: Call) -> Answer:
    """Draw the selected graph without running anything."""
    switches = {option.flag: option for option in call.row.options}
    words = read_line(call.line, switches, call.shell.options_of)
    if words.line is not None and words.line.text.lstrip().startswith("--"):
        raise no_option(call.row, words.line.text.split()[0])
    for option in call.row.options:
        if option.flag in words.switches and f"--{option.excludes}" in words.switches:
            raise exclusive(option)
    drawing = _drawing(call.shell, words)
    data: dict[str, Any] = {"session": drawing.session, "line": drawing.line, **drawing.chart.to_json()}
    for name, write in (("mermaid", mermaid), ("dot", dot)):
        if f"--{name}" in words.switches:
            text = write(drawing.chart)
            return Answer("graph/1", {**data, name: text}, text=text)
    return Answer("graph/1", data, text=_drawn(call.shell, drawing) if call.shell.command_line.format != "json" else "")


def _drawn(shell: Shell, drawing: Drawing) -> str:
    screen = shell.screen
    unicode = screen.environment.has_unicode(screen.environment.stdout, LETTERS)
    drawn = draw(drawing.chart, width=screen.environment.width(), unicode=unicode, color=screen.out_color)
    return drawn or "the graph is empty"


def _drawing(shell: Shell, words: LineWords) -> Drawing:
    """Return the chart that the arguments select. Raises: UsageError, Refusal."""
    material = Material(lambda kind: shell.workspace.catalog[kind].role if kind in shell.workspace.catalog else "")
    expand = "--all" in words.switches
    if words.line is None:
        session = chosen_session(shell.workspace, "" if words.word[:1] == "@" else words.word)
        material.add_session(session, running=shell.workspace.invoker.in_use(session.id))
        chart = material.chart(expand=expand)
        nodes = _nodes_of(session, words.word[1:]) if words.word[:1] == "@" else ()
        if nodes:
            chart = chart.kept(chart.before([box.key for box in chart.boxes if set(box.nodes) & set(nodes)]))
        return Drawing(chart, session=session.id)
    line = words.line if words.line.name else replace(words.line, text=words.line.text.strip())
    plan, notes = shell.workspace.preview(line)
    for note in notes:
        shell.renderer.note(note)
    added = shell.workspace.additions(plan)
    if shell.workspace.memory.session_id is not None:
        material.add_session(shell.workspace.invoker.open(shell.workspace.memory.session_id))
    material.add_plan(plan, added.nodes, added.edges)
    chart = material.chart(expand=expand)
    own = {node.id for node in (*plan.nodes, *added.nodes)}
    chart = chart.kept(chart.before([box.key for box in chart.boxes if own & set(box.nodes)]))
    return Drawing(chart, line=line.text.strip())


def _nodes_of(session: Session, word: str) -> tuple[str, ...]:
    """Return the nodes of the stage that a reference names. Raises: UsageError."""
    name = word.partition(".")[0]
    numbers = {stage.number: stage for stage in session.stages}
    stage = session.names.get(name)
    if stage is None and re.fullmatch(r"-?\d{1,9}", name):
        number = int(name)
        stage = numbers.get(number if number > 0 else max(numbers, default=0) + 1 + number)
    if stage is None:
        known = [*session.names, *map(str, numbers)]
        hint = did_you_mean(name, known, "`graph` shows the existing stages", prefix="@")
        raise UsageError(f"there is no stage `@{name}` in session {session.id}", hint)
    return stage.nodes
