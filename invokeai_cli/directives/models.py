"""`models [list]`: list the models on this machine."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.charts.counted import file_size

from .call import Call


def run(call: Call) -> Answer:
    """List the built-in model, then the models in the user's folders."""
    found = call.shell.workspace.invoker.services.models.list()
    rows = tuple((model.name, model.family, file_size(model.size_bytes), model.origin) for model in found)
    data = [
        {"name": m.name, "family": m.family, "path": m.path, "size_bytes": m.size_bytes, "origin": m.origin}
        for m in found
    ]
    tables = (Table(("model", "family", "size", "from"), rows),) if rows else ()
    return Answer("models/1", {"models": data}, tables, "" if rows else "no models found; see `help default-model`")
