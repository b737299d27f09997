"""`config [show | get NAME | set NAME VALUE | unset NAME | path]`: show settings with their origins, or change them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.lookup import check_target
from workflows.own_defaults import listed_defaults, origin_of
from workflows.problems import UsageError
from workflows.settings.file import write_setting
from workflows.settings.resolve import find_project_file
from workflows.settings.searched import change_notes, check_folders
from workflows.settings.table import BY_NAME, SETTINGS, InvalidValue, Setting, as_text, find_setting, from_text

from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell


def run(call: Call) -> Answer:
    """Run the chosen subcommand of `config`."""
    actions: dict[str, Callable[..., Answer]] = {
        "show": _show,
        "get": _get,
        "set": _set,
        "unset": _unset,
        "where": _where,
        "path": _path,
    }
    return actions[call.row.word](call, *call.values)


def _show(call: Call) -> Answer:
    config = call.shell.config
    rows = [(each.name, as_text(getattr(config, each.name)), config.origins[each.name]) for each in SETTINGS]
    data = {each.name: {"value": getattr(config, each.name), "origin": config.origins[each.name]} for each in SETTINGS}
    for each in listed_defaults(call.shell.workspace):
        rows.append((each.key, each.value, each.source))
        data[each.key] = {"value": each.value, "origin": each.origin}
    return Answer("config/1", {"settings": data}, (Table(("setting", "value", "from"), tuple(rows)),))


def _get(call: Call, name: str) -> Answer:
    value = getattr(call.shell.config, _setting(name).name)
    return Answer("setting/1", {"name": name, "value": value}, text=as_text(value))


def _set(call: Call, name: str, text: str) -> Answer:
    setting = _setting(name)
    try:
        value = from_text(setting, text, call.shell.environment.folder)
    except InvalidValue as error:
        raise UsageError(f"`{name}` {error}, not `{text}`", setting.purpose) from error
    check_setting(call.shell, setting.name, value)
    notes = [*change_notes(call.shell.config, setting.name, value)]
    write_setting(call.shell.config.folders.user_file, setting.name, value)
    for note in notes:
        call.shell.renderer.note(note)
    if value != getattr(call.shell.config, setting.name):
        _note_start(call, setting)
    return Answer("setting/1", {"name": name, "value": value})


def _unset(call: Call, name: str) -> Answer:
    setting = _setting(name)
    write_setting(call.shell.config.folders.user_file, setting.name, None)
    if call.shell.config.origins[setting.name] == call.shell.config.folders.user_file:
        _note_start(call, setting)
    return Answer("setting/1", {"name": name, "value": None})


def _note_start(call: Call, setting: Setting) -> None:
    """Say that a changed setting does not apply yet, unless the program ends now."""
    if not call.is_whole_program:
        call.shell.renderer.note(f"`{setting.name}` takes effect when invokeai starts again")


def _where(call: Call, key: str) -> Answer:
    value, origin = origin_of(key, call.shell.workspace, call.option("model"))
    return Answer("setting/1", {"name": key, "value": value, "origin": origin}, text=origin)


def _path(call: Call) -> Answer:
    config = call.shell.config
    project = find_project_file(call.shell.environment.place, config.folders)
    rows = [("your settings", config.folders.user_file), ("project settings", project or "(none here)")]
    rows += [("your nodes", config.folders.nodes), ("your models", config.folders.models)]
    rows += [("data", config.folders.data), ("state", config.folders.state), ("cache", config.folders.cache)]
    shown = tuple(
        (what, path + ("" if not os.path.isabs(path) or os.path.exists(path) else "  (not created yet)"))
        for what, path in rows
    )
    return Answer("paths/1", {"paths": dict(rows)}, (Table(("", ""), shown),))


def _setting(name: str) -> Setting:
    setting = find_setting(name)
    if setting is None:
        hint = did_you_mean(name, BY_NAME, f"the settings are {', '.join(BY_NAME)}")
        raise UsageError(f"there is no setting `{name}`", hint)
    return setting


def check_setting(shell: Shell, name: str, value: Any) -> None:
    """Reject a value that is well-formed but cannot be used. Raises: UsageError, ConfigError."""
    if name == "template":
        workspace = shell.workspace
        objection = check_target(workspace.services_with(template=value), workspace.catalog)
        if objection is not None:
            raise UsageError(objection.message, objection.hint)
    elif name == "theme":
        from invokeai_cli.render.style import make_style  # imported here, because the import is slow

        make_style(value)
    elif BY_NAME[name].kind in ("path", "paths"):
        if isinstance(value, tuple):
            check_folders(name, value)
        for path in [value] if isinstance(value, str) else value:
            if os.path.exists(path) and not os.path.isdir(path):
                raise UsageError(f"`{path}` is a file, but `{name}` takes a folder", None)
