"""A line for what another tool has recorded: its settings as text or JSON, or its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.frozen import frozen
from workflows.importers.provenance import provenance_of_text

if TYPE_CHECKING:
    from workflows.workspace import Workspace


@frozen
class ImportedLine:
    """A line, the tool whose record it stands for, and notes on what differs."""

    line: str
    tool: str
    notes: tuple[str, ...] = ()


def line_of_text(workspace: Workspace, text: str) -> ImportedLine:
    """Return the line for a text that another tool wrote. Raises: NoProvenance."""
    found = provenance_of_text(workspace.catalog, workspace.lookup, text)
    return ImportedLine(found.line, found.tool, found.notes)
