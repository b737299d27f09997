"""`line IMAGE`: print the line that made a picture, its seeds and its model written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_cli.render.answer import Answer
from workflows.decompile.graph import decompile
from workflows.importers.provenance import NothingTold, Origin, origin_of
from workflows.importers.safety import goes_online, reads, writes

from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

OUTSIDE = ("/", "~", "\\")


def run(call: Call) -> Answer:
    """Print the line; what it cannot say is said beside it."""
    (name,) = call.expect(1, 1)
    shell = call.shell
    origin = origin_of(shell, name)
    line, differs = line_of(origin, shell)
    notes = [*origin.notes, *differs, *_cautions(origin, shell)]
    for note in notes:
        shell.renderer.note(note)
    data = {"line": line, "tool": origin.tool, "identical": not (origin.line or differs), "notes": notes}
    return Answer("line/1", data, text=line)


def line_of(origin: Origin, shell: Shell) -> tuple[str, list[str]]:
    """Return the line of a picture, and how what it makes differs from the picture's graph. Raises: NothingTold."""
    if origin.line:
        return origin.line, []
    told = decompile(origin.graph, shell.workspace.catalog, shell.workspace.memory.defaults)
    if not told.line:
        raise NothingTold(f"its graph cannot be told as a line: {'; '.join(told.missing)}")
    return told.line, [f"the line does not make the same graph: {each}" for each in told.missing]


def _cautions(origin: Origin, shell: Shell) -> list[str]:
    """Return what should be known before the line is run as it stands."""
    nodes = list(origin.graph.nodes.values())
    notes = [f"it reads `{each}`" for each in reads(nodes, shell.workspace.catalog)]
    notes += [
        f"it writes `{each}`"
        for each in writes(nodes, shell.workspace.catalog)
        if each.startswith(OUTSIDE) or ".." in each or ":" in each
    ]
    if any(node.type == "save" and node.inputs.get("overwrite") for node in nodes):
        notes.append("its `save` replaces a file of the same name")
    return notes + ["it may use the network"] * goes_online(nodes)
