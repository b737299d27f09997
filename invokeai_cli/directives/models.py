"""`models [list | info MODEL | scan DIR]`: list models, describe one, or scan a folder."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.model_list import check_known, folded, info_data, list_notes, list_rows, listed
from workflows.model_page import page_data, page_rows
from workflows.model_scan import scan_data, scanned
from workflows.own_defaults import own_of_model
from workflows.settings.searched import saved_folders

from .call import Call


def run(call: Call) -> Answer:
    """Run the chosen subcommand of `models`."""
    if call.row.word == "scan":
        return _scan(call)
    models = call.shell.workspace.invoker.services.models
    kind, family = call.option("kind"), call.option("family")
    if call.row.word == "list":
        found = listed(models, kind, family)
        columns, rows = list_rows(found, call.shell.screen.page_width)
        data = {"models": [info_data(each) for each in found], "cut_folders": [*models.cut_folders()]}
        tables = (Table(columns, rows, fitted=True),) if rows else ()
        return Answer("models/1", data, tables, "\n".join(list_notes(models, found)))
    if kind or family:
        kind, family = folded(kind), folded(family)
        check_known(models, kind, family, also="auto")
        models.state(call.values[0], kind, family)
    details = models.details(call.values[0])
    own = own_of_model(call.shell.workspace, details.info.name, details.info.path)
    return Answer("model/1", page_data(details, own), (Table(("", ""), page_rows(details, own), wrapped=True),))


def _scan(call: Call) -> Answer:
    """Show the models in a folder; `--add` and `--remove` change the setting that lists the folders to search."""
    workspace, config, folder = call.shell.workspace, call.shell.config, call.values[0]
    services = (workspace.invoker.services.models, workspace.lookup.models)
    change = "add" if call.flag("add") else "remove" if call.flag("remove") else ""
    saved = saved_folders(config)
    found, notes = scanned(folder, services, config, change, base=call.shell.environment.folder)
    columns, rows = list_rows(found.models, call.shell.screen.page_width)
    tables = (Table(columns, rows, fitted=True),) if rows else ()
    return Answer("models_scan/1", scan_data(found, saved, config), tables, "\n".join(notes))
