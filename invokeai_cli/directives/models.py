"""`models [list | info MODEL | scan DIR]`: list models, describe one, or scan a folder."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.model_list import check_known, info_data, list_rows, listed
from workflows.model_page import page_data, page_rows, scan_notes
from workflows.own_defaults import own_of_model

from .call import Call


def run(call: Call) -> Answer:
    """Run the chosen subcommand of `models`."""
    if call.row.word == "scan":
        return _scan(call)
    models = call.shell.workspace.invoker.services.models
    kind, family = call.option("kind"), call.option("family")
    if call.row.word == "list":
        found = listed(models, kind, family)
        columns, rows = list_rows(found, call.shell.screen.out_width)
        none = "no model of this kind and family was found; `models` lists all"
        data = {"models": [info_data(each) for each in found]}
        return Answer("models/1", data, (Table(columns, rows, fitted=True),) if rows else (), "" if rows else none)
    if kind or family:
        check_known(models, kind, family, also="auto")
        models.state(call.values[0], kind, family)
    details = models.details(call.values[0])
    own = own_of_model(call.shell.workspace, details.info.name, details.info.path)
    return Answer("model/1", page_data(details, own), (Table(("", ""), page_rows(details, own), wrapped=True),))


def _scan(call: Call) -> Answer:
    """Show the models in a folder; with `--add`, add the folder to the settings."""
    workspace = call.shell.workspace
    models = workspace.invoker.services.models
    found = models.scan(call.values[0])
    columns, rows = list_rows(found.models, call.shell.screen.out_width)
    notes = scan_notes(found, call.shell.config if call.flag("add") else None, (models, workspace.lookup.models))
    data = {"models": [info_data(each) for each in found.models], "folders": found.folders, "complete": found.complete}
    return Answer("models_scan/1", data, (Table(columns, rows, fitted=True),) if rows else (), "\n".join(notes))
