"""`line FILE ...`: print the line of each image, text or graph file, with its seeds and its model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invokeai_cli import exit_status
from invokeai_cli.observer import show
from invokeai_cli.render.answer import Answer
from workflows.execute import problems_of
from workflows.image_line import ImageLine, line_of_image

from .call import Call
from .recorded_file import recorded_file

if TYPE_CHECKING:
    from invocations.language.source import Source
    from invokeai_cli.shell import Shell


def run(call: Call) -> Answer:
    """Print the lines; anything that a line does not reproduce is shown as notes."""
    if len(call.values) == 1:
        found = _line(call.shell, call.values[0], whole=call.flag("sweep"))
        for note in found.notes:
            call.shell.renderer.note(note)
        return Answer("line/1", _data(found), text=found.line)
    return _lines(call.shell, call.values, call.line, whole=call.flag("sweep"))


def _lines(shell: Shell, names: Sequence[str], typed: Source, *, whole: bool) -> Answer:
    """Return the lines of several files, each after a comment with the file name; report errors and continue."""
    texts: list[str] = []
    data: list[dict[str, Any]] = []
    status = exit_status.DONE
    for name in names:
        try:
            found = _line(shell, name, whole=whole)
        except Exception as error:
            problems = problems_of(error, typed)
            if not problems:
                raise
            status = max(status, show(shell, problems))
            data.append({"file": name, "errors": [each.to_json() for each in problems]})
            continue
        for note in found.notes:
            shell.renderer.note(f"{name}: {note}")
        texts.append(f"# {name}\n{found.line}")
        data.append({"file": name, **_data(found)})
    return Answer("lines/1", {"files": data}, text="\n".join(texts), status=status)


def _line(shell: Shell, name: str, *, whole: bool) -> ImageLine:
    with recorded_file(shell, name) as (shown, path):
        return line_of_image(shell.workspace, shown, path, whole=whole)


def _data(found: ImageLine) -> dict[str, Any]:
    return {"line": found.line, "tool": found.tool, "identical": found.identical, "notes": list(found.notes)}
