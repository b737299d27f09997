"""`recipe [list | save NAME LINE | show NAME | edit NAME | rm NAME ...]`: lines that are saved as commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.spec import InvocationSpec
from invokeai_cli import editor
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table, tables_text
from workflows.chosen_session import chosen_session
from workflows.manual.command import usage
from workflows.planning.planned_files import PlannedFiles
from workflows.problems import UsageError, describe
from workflows.recipes.collection import OwnRecipes, Recipe, taken
from workflows.recipes.file import SUFFIX, read_file, remove_file, write_file
from workflows.recipes.session_line import LineStage, line_in, lines_of
from workflows.recipes.shown import input_rows, line_of, recipe_data

from .call import Call
from .output_file import ASKED
from .parse import parse
from .table import CLEAR, DIRECTIVES, LEAVING, RESERVED

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.memory import Memory
    from workflows.scripts.plan import ScriptPlan

    Lines = tuple[list[str], list[LineStage]]


def run(call: Call) -> Answer:
    """Run the chosen subcommand of `recipe`."""
    actions: dict[str, Callable[..., Answer]] = {
        "list": _list,
        "save": _save,
        "show": _show,
        "edit": _edit,
        "rm": _remove,
    }
    return actions[call.row.word](call, *call.values)


def own_recipes(shell: Shell, catalog: Mapping[str, InvocationSpec] | None = None) -> OwnRecipes:
    """Return the user's recipes. catalog: the commands that recipes may use (default: all commands)."""
    workspace = shell.workspace
    return OwnRecipes(
        shell.config.folders.nodes,
        workspace.catalog if catalog is None else catalog,
        RESERVED,
        LEAVING | {CLEAR},
        check=workspace.check_with(PlannedFiles(may_exist=True)),
        is_file=workspace.is_file,
    )


def apply(shell: Shell, words: Sequence[str], memory: Memory, script: ScriptPlan) -> None:
    """Record in `memory` which recipe a line of a script will have saved or removed when the next line runs.

    Raises: UsageError, Refusal, InvalidRecipe, FileError.
    """
    parsed = parse(DIRECTIVES["recipe"], words[1:])
    own = own_recipes(shell, shell.workspace.catalog.with_recipes(memory.recipes))
    if parsed.row.word == "rm":
        for name in parsed.values:
            own.file_of(name)
        memory.recipes |= dict.fromkeys(parsed.values)
    elif parsed.row.word == "save":
        name, overwrite = parsed.values[0], "overwrite" in parsed.options or _overwrites(shell)
        place = next(iter(parsed.options.get("from", ())), None)
        text = _line(parsed.values[1:], place, lambda: _lines_before(shell, script))
        before = memory.recipes.get(name)
        recipe = own.of_line(name, text, overwrite=overwrite or name in memory.recipes)
        if before is not None and replace(before, summary="") != replace(recipe.spec, summary="") and not overwrite:
            raise taken(name)
        memory.recipes[name] = recipe.spec


def _overwrites(shell: Shell) -> bool:
    return shell.command_line.sets.get(ASKED) == "true"


def _line(values: Sequence[str], place: str | None, lines: Callable[[], Lines]) -> str:
    """Return the line that is saved: the argument, or a line that ran before. Raises: UsageError."""
    line = next(iter(values), "")
    if bool(line) is (place is not None):
        message = "`recipe save` takes either a line or `--from`" if line else "`recipe save` needs a line or `--from`"
        raise UsageError(message, "for example: recipe save poster 't2i ${prompt} --seed ${seed=7} | upscale 2'")
    return line_in(*lines(), place) if place is not None else line


def _lines_before(shell: Shell, script: ScriptPlan) -> Lines:
    """Return the lines of the current session and the lines of a script that are already planned, and their stages."""
    workspace = shell.workspace
    lines, stages = lines_of(workspace.session) if workspace.has_session else ([], [])
    for line in script.lines:
        if not line.is_directive:
            lines.append(line.plan.text or line.source.text if line.plan is not None else line.source.text)
            stages += [LineStage(each.number, each.name, len(lines)) for each in line.placed]
    return lines, stages


def _list(call: Call) -> Answer:
    workspace = call.shell.workspace
    workspace.check_plugins()
    specs = [spec for spec in workspace.catalog.values() if spec.is_recipe]
    rows = tuple((spec.type, spec.summary, spec.origin) for spec in sorted(specs, key=lambda spec: spec.type))
    data = [{"name": s.type, "summary": s.summary, "origin": s.origin, "line": line_of(s)} for s in specs]
    return Answer("recipes/1", {"recipes": data}, (Table(("recipe", "summary", "from"), rows),))


def _save(call: Call, name: str, *line: str) -> Answer:
    text = _line(line, call.option("from"), lambda: lines_of(chosen_session(call.shell.workspace)))
    own, overwrite = own_recipes(call.shell), call.flag("overwrite") or _overwrites(call.shell)
    return _saved(call.shell, own, own.of_line(name, text, summary=call.option("summary") or "", overwrite=overwrite))


def _saved(shell: Shell, own: OwnRecipes, recipe: Recipe) -> Answer:
    """Write the file of a recipe, and show the usage of the new command."""
    own.save(recipe)
    shell.workspace.catalog.refresh()
    spec = recipe.spec
    ways = " or ".join(f"`{each}`" for each in usage(spec))
    shell.renderer.note(f"{'unchanged' if recipe.is_saved else 'saved'}: {ways}; `help {spec.type}` explains it")
    return Answer("recipe_saved/1", {**recipe_data(spec), "file": recipe.path}, text=recipe.path)


def _show(call: Call, name: str) -> Answer:
    spec = call.shell.workspace.catalog.get(name)
    if spec is None or not spec.is_recipe:
        call.shell.workspace.warn_of_plugins()
        raise own_recipes(call.shell).unknown(name)
    rows = input_rows(spec)
    inputs = tables_text((Table(("input", "sets", "default"), rows),)) if rows else "no inputs"
    return Answer(
        "recipe/1", recipe_data(spec), text=f"{line_of(spec)}\n\n{inputs}\n\n{spec.summary}\nfrom {spec.origin}"
    )


def _edit(call: Call, name: str) -> Answer:
    """Open the file of a recipe in the user's editor; if the edited text has errors, keep it for the next edit."""
    shell, own = call.shell, own_recipes(call.shell)
    path = own.file_of(name)
    kept = os.path.join(shell.config.folders.state, "recipes", name + SUFFIX)
    before = read_file(path)
    if os.path.exists(kept):
        shell.renderer.note("this is the text that was refused the last time; to discard it, remove all of it")
    text = read_file(kept) if os.path.exists(kept) else before
    try:
        text = editor.edit(text, editor.command(shell.environment), suffix=SUFFIX) + "\n"
    except editor.EditorFailed as error:
        raise UsageError(str(error), "set $VISUAL or $EDITOR to your editor") from error
    if not text.strip():
        if os.path.exists(kept):
            remove_file(kept)
        shell.renderer.note("the recipe is unchanged, because the text was empty")
        return Answer("recipe_saved/1", {"name": name, "file": path}, text=path)
    try:
        recipe = own.of_text(name, text)
    except Exception as error:
        if not describe(error):
            raise
        write_file(kept, text)
        shell.renderer.note(f"the recipe is unchanged; `recipe edit {name}` opens your text again")
        raise
    if os.path.exists(kept):
        remove_file(kept)
    return _saved(shell, own, recipe)


def _remove(call: Call, *names: str) -> Answer:
    """Remove all given recipes, or none if one does not exist, and print their lines."""
    own = own_recipes(call.shell)
    for name in dict.fromkeys(names):
        own.file_of(name)
    users = {name: [user for user in own.users_of(name) if user not in names] for name in dict.fromkeys(names)}
    removed = {name: own.remove(name) for name in users}
    call.shell.workspace.catalog.refresh()
    for name, others in users.items():
        for user in others:
            call.shell.renderer.note(f"the recipe `{user}` uses `{name}` and no longer works")
    data = [{"name": name, "file": path, "line": line} for name, (path, line) in removed.items()]
    text = "\n".join(f"removed {name}: {line}" for name, (_, line) in removed.items())
    return Answer("recipes_removed/1", {"removed": data}, text=text)
