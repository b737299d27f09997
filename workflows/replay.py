"""Replay an image: plan the line stored in it, refuse what an untrusted line may not do, compare the results.

The line is untrusted: it saves only under new names in the output folder, reads files only if allowed, and never uses
the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.language.source import Source

from .decompile.graph import Decompiled, decompile, rewrite
from .decompile.stage import NoText
from .execute import conclude
from .importers.document import is_document
from .importers.provenance import NoProvenance, Provenance, provenance_of_file
from .importers.safety import goes_online, plugin_types, reads, without_saves, writes
from .line_run import LineRun
from .observer import Outcome
from .planning.read_values import parse_value
from .problems import ApplicationError, NotAllowed, UsageError
from .synonyms.table import suggestion
from .values.codecs import ParseError

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry
    from invocations.sessions.session import Session
    from invocations.values import ImageRef

    from .decompile.segments import Segment
    from .observer import Observer
    from .planning.plan import Plan
    from .workspace import Workspace

NOT_REPLAYED = "save.overwrite"  # accepted, but ignored: a replay never overwrites a file
BY_HAND = "`line` prints it, so that you can run it yourself"


class NoImage(ApplicationError):
    """A replayed line returns no image."""

    code = "nothing_to_compare"
    refused = False


@frozen
class Replay:
    """A file that records how an image was made, and the plan of a line that recreates the image."""

    name: str
    path: Path
    provenance: Provenance
    line: str
    plan: Plan


@frozen
class Comparison:
    """A comparison of the original image with the replayed image that is most similar to it.

    psnr: the peak signal-to-noise ratio in dB, or None
    reason: why the images cannot be compared, or ""
    images: how many replayed images were compared with the original
    changes: a note for each library whose version, and for each borrowed part whose lender, is not that of the original
    """

    equal: bool
    psnr: float | None
    reason: str
    images: int
    changes: tuple[str, ...] = ()


def plan_replay(workspace: Workspace, name: str, sets: Mapping[str, str], path: Path | None = None) -> Replay:
    """Plan the line recorded in an image, or in another tool's text or graph file, with some inputs replaced.

    path: where the file is (default: `name` in the folder of the workspace)
    Raises: NoProvenance, ImageUnreadable, UsageError, Refusal.
    """
    path = path or Path(workspace.folder, name)
    provenance = provenance_of_file(workspace.catalog, workspace.lookup, path, name)
    line = replayed_line(workspace, provenance, sets)
    return Replay(name, path, provenance, line, workspace.plan(Source(None, line)))


def check_allowed(plan: Plan, catalog: Registry, *, files: bool = False) -> None:
    """Refuse what a recorded line may not do; `files` allows reading files and using plug-ins. Raises: NotAllowed."""
    if goes_online(plan.nodes):
        raise NotAllowed("the recorded line would use the network", BY_HAND)
    if targets := writes(plan.nodes, catalog):
        raise NotAllowed(f"the recorded line would write `{targets[0]}`", BY_HAND)
    if files:
        return
    if named := reads(plan.nodes, catalog):
        raise NotAllowed(f"the recorded line reads {_listed(named)}", "to allow it: --allow-files")
    if plugins := plugin_types(plan.nodes, catalog):
        message = f"the recorded line uses the plug-in{'s' * (len(plugins) > 1)} {_listed(plugins)}"
        raise NotAllowed(message, "to allow it anyway: --allow-files")


def compare_with_file(workspace: Workspace, replay: Replay, observer: Observer) -> Comparison | Outcome:
    """Run a replay without the cache and without saving, and compare its images with the original.

    Returns the outcome instead if the run failed. Raises: ImageUnreadable, NoImage, UsageError.
    """
    from invocations.services.images.comparing import compare

    if is_document(replay.path):
        raise UsageError(f"`{replay.name}` is not an image, so nothing can be compared", "leave out `--check`")
    plan, images = replay.plan, workspace.invoker.services.images
    (kept,) = images.load(str(replay.path))
    session = workspace.invoker.extend(workspace.session_id, plan.extension())
    workspace.memory.scope.add(plan.stage_outputs)
    nodes = tuple(node.id for node in plan.nodes)
    with _batches_of(workspace, replay.provenance.batch):
        events = workspace.invoker.run(session.id, reuse=False, only=nodes)
    run = LineRun(events, session, workspace, plan.source.text, nodes, ())
    outcome = conclude(run, observer.follow(run), observer, plan)
    if outcome is not Outcome.DONE:
        return outcome
    found = [compare(images, kept, image) for image in _images(session, plan)]
    if not found:
        raise NoImage(f"the line recorded in `{replay.name}` produces no image to compare")
    best = max(found, key=lambda each: (each.equal, each.psnr or 0.0))
    changes = () if best.equal else (*_lenders(replay, session), *_changes(replay.provenance))
    return Comparison(best.equal, best.psnr, best.reason, len(found), changes)


@contextmanager
def _batches_of(workspace: Workspace, size: int) -> Iterator[None]:
    """Let runs that start inside the block repeat each image to a batch of this size, as rounding depends on it."""
    from invocations.running.base import Batching

    invoker, before = workspace.invoker, workspace.invoker.batching
    invoker.batching = Batching(size, repeats=True) if size > 1 else None
    try:
        yield
    finally:
        invoker.batching = before


def replayed_line(workspace: Workspace, provenance: Provenance, sets: Mapping[str, str]) -> str:
    """Return the recorded line without its `save` stages and with some inputs replaced.

    Raises: NoProvenance, UsageError.
    """
    catalog, memory = workspace.catalog, workspace.memory
    defaults = {key: text for key, text in memory.defaults.items() if key not in memory.forced}
    found = decompile(without_saves(provenance.graph, catalog), catalog, defaults)
    if found.missing:
        reasons = "; ".join(found.missing)
        raise NoProvenance(
            f"its graph cannot be written as a line: {reasons}", "`line` prints the part that can be written"
        )
    try:
        return rewrite(found.written, _with(found, sets)) if sets else found.line
    except NoText as error:
        raise UsageError(f"`{error}` cannot be set here") from error


def _with(found: Decompiled, sets: Mapping[str, str]) -> list[Segment]:
    """Return the segments of a line with inputs replaced in every stage that has them. Raises: UsageError."""
    segments = [each.segment for each in found.written]
    for key, text in sets.items():
        if key == NOT_REPLAYED:
            continue
        command, _, name = key.rpartition(".")
        places = [i for i, each in enumerate(segments) if each.spec.input(name) and command in ("", each.spec.type)]
        if not places:
            names = dict.fromkeys(field.name for segment in segments for field in segment.spec.inputs)
            raise UsageError(f"no stage of the recorded line has an input `{key}`", suggestion(name, "inputs", names))
        for i in places:
            segments[i] = _set(segments[i], name, text)
    return segments


def _set(segment: Segment, name: str, text: str) -> Segment:
    field = segment.spec.input(name)
    assert field is not None
    try:
        value = parse_value(field, text)
    except ParseError as reason:
        raise UsageError(f"`{name}` takes {reason.wants}, not `{text}`") from None
    links = {key: end for key, end in segment.links.items() if key != name}
    return replace(segment, values={**segment.values, name: value}, links=links)


def _images(session: Session, plan: Plan) -> Iterator[ImageRef]:
    """Yield the images among the results, including images in lists."""
    from invocations.values import ImageRef

    for offer in plan.results:
        for value in session.values(offer.node, offer.output):
            items = value if isinstance(value, (list, tuple)) else [value]
            yield from (item for item in items if isinstance(item, ImageRef))


def _lenders(replay: Replay, session: Session) -> Iterator[str]:
    """Yield a note for each part that another model has lent than the one that lent it for the original."""
    from invocations.services.models.borrowed import BORROWED, borrowed_in

    from .memory_need import PARTS

    facts = [session.facts((node.id, ())).get(BORROWED, "") for node in replay.plan.nodes]
    now = [borrowed_in(str(each)) for each in facts if each]
    for part, lender in borrowed_in(replay.provenance.borrowed).items():
        others = [each[part] for each in now if part in each]
        if others and lender not in others:
            yield f"made with the {PARTS.get(part, part)} of `{lender}`; it now borrows that of `{others[0]}`"


def _changes(provenance: Provenance) -> Iterator[str]:
    """Yield a note for each library whose installed version differs from the one that made the image."""
    from invocations.versions import versions

    here = versions()
    for name, version in (provenance.versions or {}).items():
        if here.get(name) != version:
            yield f"made with {name} {version}; installed: {here.get(name, 'none')}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)
