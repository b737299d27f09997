"""`history [COUNT]`: list the lines of all sessions, latest last, or save them as a script."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.shown_numbers import counted
from invocations.storing.base import SessionFilter
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.chosen_session import chosen_id
from workflows.problems import UsageError
from workflows.session_page import shown
from workflows.shown_text import duration, local_time

from .call import Call
from .filters import count, since

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.storing.base import LineInfo

DEFAULT_COUNT = 50  # default number of lines to list


def run(call: Call) -> Answer:
    """List lines with time, duration and outcome, or save them as a script."""
    file = call.option("save")
    wanted = _wanted(call, saves=file is not None)
    lines = call.shell.workspace.invoker.lines(wanted)
    if file is not None:
        return _saved(call, file, lines, replaces=call.flag("overwrite"))
    rows = tuple(
        (
            local_time(each.started),
            duration(each.seconds) if each.outcome else "",
            shown(each.outcome),
            each.text.strip(),
        )
        for each in lines
    )
    tables = (Table(("", "", "", ""), rows),) if rows else ()
    narrowed = wanted != SessionFilter(limit=wanted.limit)
    none = "no line matches" if narrowed else "nothing has been run yet"
    return Answer("history/1", {"lines": [_data(each) for each in lines]}, tables, "" if rows else none)


def _wanted(call: Call, *, saves: bool) -> SessionFilter:
    """Return the filter that the arguments describe. Raises: UsageError."""
    words = tuple(part for word in call.every("search") for part in word.split())
    session, texts = call.option("session"), call.values
    if texts and not texts[0].isdigit():
        raise UsageError(
            f"`history` takes a number of lines, not `{texts[0]}`", f"to search: history --search {texts[0]}"
        )
    asked = call.option("limit")
    if texts and asked is not None:
        raise UsageError("COUNT and `--limit` mean the same", "use only one of them")
    limit = count(texts[0], "history") if texts else count(asked, "--limit") if asked is not None else None
    wanted = SessionFilter(words, call.flag("failed"), since(call.option("since")), limit=limit)
    if session is not None:
        wanted = replace(wanted, session=chosen_id(call.shell.workspace, session))
    elif saves and wanted == SessionFilter():
        wanted = replace(wanted, session=chosen_id(call.shell.workspace))
    if not saves and limit is None:
        wanted = replace(wanted, limit=DEFAULT_COUNT)
    return wanted


def _saved(call: Call, file: str, lines: Sequence[LineInfo], *, replaces: bool) -> Answer:
    """Write lines as a script. Raises: UsageError, FileError."""
    from workflows.decompile.script import write_script

    from .output_file import write_new
    from .parse import quoted

    if not lines:
        raise UsageError("there are no lines to save", "`history` lists the lines that were run")
    shell = call.shell
    script = write_script(
        lines,
        invoker=shell.workspace.invoker,
        catalog=shell.workspace.catalog,
        defaults=shell.workspace.memory.defaults,
    )
    write_new(shell, file, script.text, replaces=replaces)
    more = f", including {script.needed} that the others depend on," if script.needed else ""
    shell.renderer.note(
        f"saved {counted(script.lines, 'line')}{more} to {file}; run it with `invokeai run {quoted(file)}`"
    )
    return Answer("history_saved/1", {"file": file, "lines": script.lines, "needed": script.needed}, text=file)


def _data(line: LineInfo) -> dict[str, object]:
    return {
        "started": line.started,
        "seconds": line.seconds,
        "outcome": line.outcome,
        "line": line.text,
        "session": line.session,
        "number": line.number,
        "source": line.source,
    }
