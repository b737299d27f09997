"""A short description of an earlier result: a number, the beginning of a string, an image's size and name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from invocations.values import ImageRef, Ref, to_json
from invokeai_cli.render.screen import cut, plain

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

MAX_COLUMNS = 32


def results(shell: Shell, node: str, output: str) -> str:
    """Return a short description of an output of this session; "" if the output has no value."""
    if shell.workspace.memory.session_id is None:
        return ""
    session = shell.workspace.invoker.open(shell.workspace.memory.session_id)
    if node not in session.graph:
        return ""
    values = session.values(node, output)
    if not values:
        return "not run"
    more = f" and {len(values) - 1} more" if len(values) > 1 else ""
    return cut(plain(_text(values[0])), MAX_COLUMNS) + more


def _text(value: Any) -> str:
    if isinstance(value, ImageRef):
        size = f"{value.width}x{value.height}"
        return f"{size} {os.path.basename(value.path)}" if value.path else size
    if isinstance(value, Ref):
        return ""
    return value if isinstance(value, str) else str(to_json(value))
