"""`replay IMAGE`: show the plan of an image's own line and run it, or with `--check` compare its result.

The line is untrusted: it saves under new names in the output folder only, reads files only with `--allow-files`, and
never uses the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invocations.language.did_you_mean import did_you_mean
from invocations.language.source import Source
from invokeai_cli import exit_status
from invokeai_cli.line import ending, run_line
from invokeai_cli.render.answer import Answer
from invokeai_cli.watch import watch
from workflows.decompile.graph import Decompiled, decompile, rewrite
from workflows.decompile.stage import NoText
from workflows.importers.provenance import NoProvenance, Provenance, provenance_of
from workflows.importers.safety import goes_online, plugin_types, reads, without_saves, writes
from workflows.planning.autosave import add_saves
from workflows.problems import ApplicationError, UsageError
from workflows.values.codecs import ParseError, codec_of

from . import explain
from .call import Call

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invocations.values import ImageRef
    from invokeai_cli.shell import Shell
    from workflows.decompile.segments import Segment
    from workflows.planning.plan_line import Plan


class NotAllowed(NoProvenance):
    """An image's line would do what was not allowed."""

    code = "not_allowed"


def run(call: Call) -> Answer:
    """Show the plan, then run it or check it."""
    sets = _sets(call)
    (name,) = call.values
    shell, workspace = call.shell, call.shell.workspace
    provenance = provenance_of(workspace.catalog, workspace.lookup, Path(workspace.folder, name), name)
    line = _line(shell, provenance, sets)
    plan = shell.workspace.plan(Source(None, line))
    _show(shell, provenance, line, plan)
    _refuse(plan, shell, files=call.flag("allow-files"))
    if call.flag("check"):
        if sets:
            raise UsageError("`--check` and `--set` cannot be combined", "use one of them")
        return _check(shell, plan, name, provenance)
    return Answer("", None, status=run_line(shell, Source(None, line)))


def _sets(call: Call) -> dict[str, str]:
    """Return what `--set` sets, on the command line or in this line. Raises: UsageError."""
    sets = dict(call.shell.config.forced)
    for given in call.every("set"):
        name, equals, text = given.partition("=")
        if not name or not equals:
            raise UsageError(f"`--set {given}` is not of the form INPUT=VALUE", "for example `--set steps=20`")
        sets[name.replace("-", "_")] = text
    return sets


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
    for text in explain.shown(plan, add_saves(plan, shell.workspace.catalog)).as_text().split("\n"):
        note(text)


def _refuse(plan: Plan, shell: Shell, *, files: bool) -> None:
    """Refuse what an image's line may not do unasked. Raises: NotAllowed."""
    if goes_online(plan.nodes):
        raise NotAllowed("the image's line would use the network", "`line` prints it, to be run by hand")
    if targets := writes(plan.nodes, shell.workspace.catalog):
        raise NotAllowed(f"the image's line would write `{targets[0]}`", "`line` prints it, to be run by hand")
    named = reads(plan.nodes, shell.workspace.catalog)
    if named and not files:
        raise NotAllowed(f"the image's line reads {_listed(named)}", "if that is what you want: --allow-files")
    plugins = plugin_types(plan.nodes, shell.workspace.catalog)
    if plugins and not files:
        message = f"the image's line uses the plug-in {_listed(plugins)}"
        raise NotAllowed(message, "if you trust it with a stranger's inputs: --allow-files")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


class NoImage(ApplicationError):
    """A line that was run again returned no image."""

    code = "nothing_to_compare"
    refused = False


def _check(shell: Shell, plan: Plan, name: str, provenance: Provenance) -> Answer:
    """Run a plan again without cache and saves, and report how its images differ from a file."""
    from invocations.services.images.comparing import compare

    images = shell.workspace.invoker.services.images
    (kept,) = images.load(str(Path(shell.environment.folder, name)))
    shell.renderer.loading()
    session = shell.workspace.invoker.extend(shell.workspace.session_id, plan.extension())
    shell.workspace.memory.scope.add(plan.stage_outputs)
    only = [node.id for node in plan.nodes]
    watched = watch(shell.workspace.invoker.run(session.id, reuse=False, only=only), shell.renderer, shell.environment)
    status = ending(shell, watched, plan, len(plan.nodes))
    if status:
        return Answer("", None, status=status)
    images_made = list(_images(session, plan))
    if not images_made:
        raise NoImage(f"the line of `{name}` has no image to compare")
    found = [compare(images, kept, image) for image in images_made]
    best = max(found, key=lambda each: (each.equal, each.psnr or 0.0))
    data: dict[str, Any] = {"picture": name, "equal": best.equal, "psnr": best.psnr, "pictures": len(found)}
    if best.equal:
        return Answer("replay-check/1", data, text=f"{name}: equal")
    how = f"PSNR {best.psnr:.1f} dB" if best.psnr is not None else best.reason
    text = "\n".join([f"{name}: different, {how}", *_changes(provenance)])
    return Answer("replay-check/1", data, text=text, status=exit_status.NODE_FAILED)


def _images(session: Session, plan: Plan) -> Iterator[ImageRef]:
    """Yield the images among the results, also those in lists."""
    from invocations.values import ImageRef

    for offer in plan.results:
        for value in session.values(offer.node, offer.output):
            items = value if isinstance(value, (list, tuple)) else [value]
            yield from (item for item in items if isinstance(item, ImageRef))


def _changes(provenance: Provenance) -> list[str]:
    """Return the versions that differ from those that made the image."""
    from invocations.versions import versions

    here = versions()
    return [
        f"made with {name} {version}, here it is {here.get(name, 'missing')}"
        for name, version in (provenance.versions or {}).items()
        if here.get(name) != version
    ]
