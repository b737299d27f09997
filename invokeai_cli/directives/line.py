"""`line FILE`: print the line of an image or of a graph file, with its seeds and its model."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from workflows.image_line import line_of_image

from .call import Call


def run(call: Call) -> Answer:
    """Print the line; anything it does not reproduce is shown as notes."""
    (name,) = call.values
    found = line_of_image(call.shell.workspace, name)
    for note in found.notes:
        call.shell.renderer.note(note)
    data = {"line": found.line, "tool": found.tool, "identical": found.identical, "notes": list(found.notes)}
    return Answer("line/1", data, text=found.line)
