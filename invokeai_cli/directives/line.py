"""`line IMAGE`: print the line that made an image, seeds and model written out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from invocations.catalog.roles import roles_of
from invokeai_cli.render.answer import Answer
from workflows.decompile.graph import decompile
from workflows.importers.provenance import NoProvenance, Provenance, provenance_of
from workflows.importers.safety import goes_online, reads, writes

from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

OUTSIDE = ("/", "~", "\\")


def run(call: Call) -> Answer:
    """Print the line; what it does not make is reported as notes."""
    (name,) = call.values
    shell, workspace = call.shell, call.shell.workspace
    provenance = provenance_of(workspace.catalog, workspace.lookup, Path(workspace.folder, name), name)
    line, differs = line_of(provenance, shell)
    notes = [*provenance.notes, *differs, *_cautions(provenance, shell)]
    for note in notes:
        shell.renderer.note(note)
    data = {"line": line, "tool": provenance.tool, "identical": not (provenance.line or differs), "notes": notes}
    return Answer("line/1", data, text=line)


def line_of(provenance: Provenance, shell: Shell) -> tuple[str, list[str]]:
    """Return the line of an image, and how its graph differs from the image's. Raises: NoProvenance."""
    if provenance.line:
        return provenance.line, []
    written = decompile(provenance.graph, shell.workspace.catalog, shell.workspace.memory.defaults)
    if not written.line:
        raise NoProvenance(f"its graph cannot be written as a line: {'; '.join(written.missing)}")
    return written.line, [f"the line does not make the same graph: {each}" for each in written.missing]


def _cautions(provenance: Provenance, shell: Shell) -> list[str]:
    """Return warnings for anyone who runs the line as it is."""
    nodes = list(provenance.graph.nodes.values())
    notes = [f"it reads `{each}`" for each in reads(nodes, shell.workspace.catalog)]
    notes += [
        f"it writes `{each}`"
        for each in writes(nodes, shell.workspace.catalog)
        if each.startswith(OUTSIDE) or ".." in each or ":" in each
    ]
    if any("saves" in roles_of(shell.workspace.catalog, node.type) and node.inputs.get("overwrite") for node in nodes):
        notes.append("its `save` overwrites a file of the same name")
    return notes + ["it may use the network"] * goes_online(nodes)
