"""`replay IMAGE`: show the plan of an image's own line and run it, or with `--check` compare its result.

The line is untrusted: it saves under new names in the output folder only, reads files only with `--allow-files`, and
never uses the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.language.source import Source
from invokeai_cli.line import run_line
from invokeai_cli.render.answer import Answer
from workflows.decompile.graph import Decompiled, decompile, rewrite
from workflows.decompile.stage import NoText
from workflows.importers.provenance import NoProvenance, Provenance, provenance_of
from workflows.importers.safety import goes_online, plugin_types, reads, without_saves, writes
from workflows.planning.autosave import add_saves
from workflows.problems import UsageError
from workflows.values.codecs import ParseError, codec_of

from . import explain
from .call import Call

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell
    from workflows.decompile.segments import Segment
    from workflows.planning.plan_line import Plan

ALLOW = "--allow-files"


class NotAllowed(NoProvenance):
    """An image's line would do what was not allowed."""

    code = "not_allowed"


def run(call: Call) -> Answer:
    """Show the plan, then run it or check it."""
    check, call = call.flag("--check")
    files, call = call.flag(ALLOW)
    sets, call = _sets(call)
    (name,) = call.expect(1, 1)
    shell, workspace = call.shell, call.shell.workspace
    provenance = provenance_of(workspace.catalog, workspace.lookup, Path(workspace.folder, name), name)
    line = _line(shell, provenance, sets)
    plan = shell.workspace.plan(Source(None, line))
    _show(shell, provenance, line, plan)
    _refuse(plan, shell, files=files)
    if check:
        from .comparing import check as compare

        if sets:
            raise UsageError("`--check` renders the image unchanged: it does not go with `--set`", "use one of them")
        return compare(shell, plan, name, provenance)
    return Answer("", None, status=run_line(shell, Source(None, line)))


def _sets(call: Call) -> tuple[dict[str, str], Call]:
    """Return what `--set` says, on the command line or in this line, and the call without it. Raises: UsageError."""
    words, sets = list(call.words), dict(call.shell.config.forced)
    while "--set" in words:
        at = words.index("--set")
        name, equals, text = (words[at + 1] if at + 1 < len(words) else "").partition("=")
        if not name or not equals:
            raise UsageError("`--set` is not followed by NAME=VALUE", "for example `--set steps=20`")
        sets[name.replace("-", "_")] = text
        del words[at : at + 2]
    return sets, replace(call, words=tuple(words))


def _line(shell: Shell, provenance: Provenance, sets: Mapping[str, str]) -> str:
    """Return the line to run: the image's without its saves, with inputs set. Raises: NoProvenance."""
    catalog, memory = shell.workspace.catalog, shell.workspace.memory
    defaults = {key: text for key, text in memory.defaults.items() if key not in memory.forced}
    written = decompile(without_saves(provenance.graph, catalog), catalog, defaults)
    if written.missing:
        raise NoProvenance(
            f"its graph cannot be written as a line: {'; '.join(written.missing)}", "`line` prints what can be"
        )
    try:
        return rewrite(written.written, _with(written, sets)) if sets else written.line
    except NoText as error:
        raise UsageError(f"`{error}` cannot be set here") from error


def _with(written: Decompiled, sets: Mapping[str, str]) -> list[Segment]:
    """Return the segments of a line with inputs set, `steps` in every stage that has it. Raises: UsageError."""
    segments = [each.segment for each in written.written]
    for key, text in sets.items():
        if key == "save.overwrite":  # `--overwrite`: nothing is replaced here
            continue
        command, _, name = key.rpartition(".")
        found = [i for i, p in enumerate(segments) if p.spec.input(name) and command in ("", p.spec.type)]
        if not found:
            names = dict.fromkeys(field.name for segment in segments for field in segment.spec.inputs)
            raise UsageError(f"no stage of the image's line has an input `{key}`", did_you_mean(name, names))
        for i in found:
            segments[i] = _changed(segments[i], name, text)
    return segments


def _changed(segment: Segment, name: str, text: str) -> Segment:
    field = segment.spec.input(name)
    assert field is not None
    try:
        value = codec_of(field.type).parse(text)
    except ParseError as reason:
        raise UsageError(f"`{name}` takes {reason.wants}, not `{text}`") from None
    links = {key: end for key, end in segment.links.items() if key != name}
    return replace(segment, values={**segment.values, name: value}, links=links)


def _show(shell: Shell, provenance: Provenance, line: str, plan: Plan) -> None:
    """Show the plan as notes before anything runs."""
    note = shell.renderer.note
    for text in provenance.notes:
        note(text)
    note(line)
    for text in explain.shown(plan, add_saves(plan, shell.workspace.catalog)).as_text().split("
"):
        note(text)


def _refuse(plan: Plan, shell: Shell, *, files: bool) -> None:
    """Refuse what an image's line may not do unasked. Raises: NotAllowed."""
    if goes_online(plan.nodes):
        raise NotAllowed("the image's line would use the network", "`line` prints it, to be run by hand")
    if targets := writes(plan.nodes, shell.workspace.catalog):
        raise NotAllowed(f"the image's line would write `{targets[0]}`", "`line` prints it, to be run by hand")
    named = reads(plan.nodes, shell.workspace.catalog)
    if named and not files:
        raise NotAllowed(f"the image's line reads {_listed(named)}", f"if that is what you want: {ALLOW}")
    plugins = plugin_types(plan.nodes, shell.workspace.catalog)
    if plugins and not files:
        message = f"the image's line uses the plug-in {_listed(plugins)}"
        raise NotAllowed(message, f"if you trust it with a stranger's inputs: {ALLOW}")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)
