"""Write lines of sessions, and the lines that they depend on, as a script that reproduces the same graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from invocations.catalog.roles import roles_of
from invocations.errors import InvocationError
from invocations.frozen import frozen
from invocations.language.level import HEADER, SAVE_ALL
from workflows.problems import UsageError

from .rewrite import DOLLAR, join_lines
from .session import NotExpressible, ScriptWriter, SessionNames

if TYPE_CHECKING:
    from invocations.graph.graph import Node
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session, SessionLine, SessionStage
    from invocations.storing.base import LineInfo

    from .flatten import Catalog


@frozen
class WrittenScript:
    """A script: its text, the number of its lines, and how many of them are included only because others need them."""

    text: str
    lines: int
    needed: int


class NotWritable(UsageError):
    """A line cannot be written so that it reproduces the same nodes."""

    code = "not_told"


def write_script(
    chosen: Iterable[LineInfo], *, invoker: Invoker, catalog: Catalog, defaults: Mapping[str, str]
) -> WrittenScript:
    """Return a script that recreates the nodes of the chosen lines, session by session. Raises: UsageError."""
    by_session: dict[str, set[int]] = {}
    for info in chosen:
        by_session.setdefault(info.session, set()).add(info.number)
    writer = ScriptWriter(catalog, defaults)
    written: list[str] = []
    lines = needed = 0
    saves_all = False
    for session_id, numbers in by_session.items():
        recorded = RecordedLines(_opened(invoker, session_id))
        saves_all = saves_all or recorded.saves_used_images(catalog)
        all_numbers = recorded.needed(numbers)
        lines, needed = lines + len(all_numbers), needed + len(all_numbers - numbers)
        written.append(f"# session {session_id}")
        written += _written(writer, recorded, sorted(all_numbers), numbers)
    head = [f"{HEADER} {SAVE_ALL}" if saves_all else HEADER, *([f"let {DOLLAR} = $"] if writer.uses_dollar else [])]
    return WrittenScript("\n".join([*head, *written, ""]), lines, needed)


def _opened(invoker: Invoker, session_id: str) -> Session:
    try:
        invoker.catch_up(session_id)
        return invoker.open(session_id)
    except InvocationError as error:
        raise NotWritable(f"session {session_id} cannot be read: {error.message}", error.hint or None) from error


def _written(writer: ScriptWriter, recorded: RecordedLines, numbers: list[int], asked: set[int]) -> Iterator[str]:
    names = SessionNames(recorded.session)
    done = 0
    for number in numbers:
        if number > done:
            texts, done, remark = _from_line(writer, names, recorded, number)
            remarks = [] if not asked.isdisjoint(range(number, done + 1)) else ["needed below"]
            remarks += [each for each in (remark, _ending(recorded.session.lines[number - 1])) if each]
            yield from ([f"# {', '.join(remarks)}:"] if remarks else [])
            yield from texts


def _from_line(
    writer: ScriptWriter, names: SessionNames, recorded: RecordedLines, number: int
) -> tuple[tuple[str, ...], int, str]:
    """Return a line of the script, the number of the last recorded line merged into it, and a remark.

    If the result of a line went into a shell pipe, the line is merged with the line that continues it; without such a
    line, it saves its image.
    Raises: NotWritable.
    """
    lines = recorded.session.lines
    text, last, nodes, stages = "", number, [*recorded.nodes[number]], [*recorded.stages.get(number, [])]
    while True:
        text = join_lines(text, lines[last - 1].text) if text else lines[last - 1].text
        with suppress(NotExpressible):
            return writer.write(names, text, nodes, stages), last, ""
        if last == len(lines) or not _continues(lines[last]):
            break
        last += 1
        nodes += recorded.nodes[last]
        stages += recorded.stages.get(last, [])
    text = lines[number - 1].text
    try:
        written = writer.write(names, text, recorded.nodes[number], recorded.stages.get(number, []), piped=True)
    except NotExpressible:
        message = (
            f"line {number} of session {recorded.session.id} cannot be rewritten as a line that creates the same nodes"
        )
        raise NotWritable(message, f"the line: {' '.join(text.split()) or '(a graph built in Python)'}") from None
    return written, number, "its result was piped to another process; here it is saved"


def _ending(line: SessionLine) -> str:
    if line.outcome in ("", "done"):
        return ""
    return "failed when it was run" if line.outcome == "failed" else f"{line.outcome} when it was run"


def _continues(line: SessionLine) -> bool:
    return line.text.lstrip().startswith("|")


class RecordedLines:
    """The lines of a session with their nodes, stages and dependencies."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.nodes: dict[int, list[Node]] = {line.number: [] for line in session.lines}
        for node in session.graph.nodes.values():
            self.nodes[self._number(node.id)].append(node)
        self.stages: dict[int, list[SessionStage]] = {}
        for stage in session.stages:
            self.stages.setdefault(self._number(stage.nodes[0]) if stage.nodes else stage.line, []).append(stage)

    def _number(self, node_id: str) -> int:
        line = self.session.line_of(node_id)
        assert line is not None
        return line.number

    def needed(self, numbers: Iterable[int]) -> set[int]:
        """Return the numbers of the given lines, and of all lines that they link to or continue."""
        waiting = list(numbers)
        found = set(waiting)
        for number in waiting:
            before = set(self._linked(number)) - found
            if _continues(self.session.lines[number - 1]):
                before |= self._last_before(number) - found
            found |= before
            waiting += before
        return found

    def saves_used_images(self, catalog: Catalog) -> bool:
        """Return True if a line has saved an image automatically that a later line uses."""
        graph = self.session.graph
        written = {id_ for stage in self.session.stages for id_ in stage.nodes}
        for node in graph.nodes.values():
            if node.id in written or "saves" not in roles_of(catalog, node.type):
                continue
            ends = {(edge.source, edge.output) for edge in graph.incoming(node.id)}
            uses = [edge for source, _ in ends for edge in graph.outgoing(source) if (source, edge.output) in ends]
            if any(self._number(edge.target) > self._number(node.id) for edge in uses):
                return True
        return False

    def _linked(self, number: int) -> Iterator[int]:
        for node in self.nodes[number]:
            for edge in self.session.graph.incoming(node.id):
                yield self._number(edge.source)

    def _last_before(self, number: int) -> set[int]:
        """Return, as a set, the number of the last earlier line with a stage, or the given number if there is none."""
        return {max((each for each in self.stages if each < number), default=number)}
