"""Find out whether a script has been run to its end, in which case running it again would change nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from glob import glob
from itertools import islice
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import first_argument
from invocations.errors import InvocationError
from invocations.events import NodeFinished
from invocations.sessions.lost_results import refs_at, refs_of
from invocations.values import ImageRef
from workflows.results import is_sent
from workflows.tally import Tally

from .earlier import Earlier
from .match import SessionMatch
from .targets import existing_files

if TYPE_CHECKING:
    from invocations.sessions.session import Key, Session
    from workflows.observer import Observer
    from workflows.workspace import Workspace

    from .plan import ScriptLine, ScriptPlan
    from .resume import ScriptId

WILDCARDS: Final = "wildcards"  # what `completes` contains if an input takes folders of wildcard files
MAX_FOLDERS: Final = 10_000


def finished(workspace: Workspace, script: ScriptPlan, script_id: ScriptId, *, unused: bool = False) -> Earlier | None:
    """Return the last run of a script if all its lines are done, its files are in place and nothing has changed.

    unused: whether the session must not be in use by another process
    """
    invoker = workspace.invoker
    found = invoker.sessions_of(script_id.path)
    if not found or found[0][1] != script_id.digest or (unused and invoker.in_use(found[0][0])):
        return None
    try:
        invoker.catch_up(found[0][0])
        session = invoker.open(found[0][0])
    except InvocationError:
        return None
    match = SessionMatch.of(session, script)
    earlier = Earlier(session, frozenset(map(id, match.lines)))
    if not match.whole or not 0 < script.line_count == len(match.lines):
        return None
    if not all(is_done(workspace, earlier, line) for line in match.lines):
        return None
    if _has_changed(session, workspace):
        return None
    match.adopt(script)
    return earlier


def finished_note(script_id: ScriptId) -> str:
    """Return the note that is shown instead of running a finished script."""
    return f"`{script_id.name}` is finished: nothing left to do; `--overwrite` runs it again"


def is_done(workspace: Workspace, earlier: Earlier, line: ScriptLine) -> bool:
    """Return True if a line is done and its results still exist, or if it did not run because its files exist."""
    if earlier.was_skipped(line):
        return bool(existing_files(workspace, line))
    return earlier.is_done(line) and not earlier.lost(line, workspace.invoker.is_there)


def show_finished(
    workspace: Workspace,
    script: ScriptPlan,
    earlier: Earlier,
    observer: Observer,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Show the results of a finished script and its summary; nothing runs."""
    lines = [line for line in script.lines if line.added is not None]
    tally = Tally(sum(line.images for line in lines), len(lines), clock, any(line.loops for line in lines))
    observer.script_started(tally)
    for line in lines:
        if line.added is not None:
            observer.results(workspace.results_of(earlier.session, line.added.results))
        tally.line(line.images, reused=True)
    observer.script_finished(tally)


def _has_changed(session: Session, workspace: Workspace) -> bool:
    """Return True if a file that the script read has changed, or if its images would now be saved elsewhere."""
    saved = list(_saved(session))
    if any(not _is_place(workspace, target, path) for path, target in saved):
        return True
    own = {os.path.realpath(path) for path, _ in saved}
    times = {(each.node_id, each.path): each.time for each in session.history if isinstance(each, NodeFinished)}
    if any(_reads_other_files(session, id_, times, workspace.base, own) for id_ in session.graph.nodes):
        return True
    return any(_reads_other_words(session, id_, times, workspace) for id_ in session.graph.nodes)


def _saved(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the path of each saved image, "" for standard output, and the target as written."""
    for id_, node in session.graph.nodes.items():
        spec = session.graph.node_type(id_).spec
        if "saves" in spec.roles:
            target = node.inputs.get(first_argument(spec), "")
            path = "" if is_sent(session, id_) else None
            for ref in _images(session, id_):
                yield path if path is not None else ref.path or "", target if isinstance(target, str) else ""


def _reads_other_files(session: Session, id_: str, times: Mapping[Key, float], base: str, own: Collection[str]) -> bool:
    """Return True if a node would now read different files, or files that have changed since it ran.

    times: when each node ran
    own: the paths of the images that the script itself saves
    """
    spec, inputs = session.graph.node_type(id_).spec, session.graph.nodes[id_].inputs
    paths = session.paths(id_) if "loads" in spec.roles else []
    read = {
        os.path.realpath(ref.path): times.get((id_, path), session.created)
        for path in paths
        for ref in refs_at(session, (id_, path))
        if isinstance(ref, ImageRef) and ref.path
    }
    names = [inputs.get(field.name) for field in spec.inputs if field.reads_file]
    for name in (os.path.join(base, os.path.expanduser(name)) for name in names if isinstance(name, str) and name):
        if any(char in name for char in "*?["):
            if {os.path.realpath(path) for path in glob(name)} - {*own} != {*read} - {*own}:
                return True
        elif "://" not in name:
            read.setdefault(os.path.realpath(name), times.get((id_, ()), session.created))
    return any(path not in own and _is_newer(path, moment) for path, moment in read.items())


def _reads_other_words(session: Session, id_: str, times: Mapping[Key, float], workspace: Workspace) -> bool:
    """Return True if a file in a folder of wildcards that a node may read has changed since the node ran."""
    spec, inputs = session.graph.node_type(id_).spec, session.graph.nodes[id_].inputs
    written = [inputs.get(field.name) or [] for field in spec.inputs if field.completes == WILDCARDS]
    if not written:
        return False
    moment = min((each for (node, _), each in times.items() if node == id_), default=session.created)
    own = [os.path.join(workspace.base, os.path.expanduser(folder)) for folders in written for folder in folders]
    return any(_has_newer(folder, moment) for folder in (*own, *workspace.settings.wildcards_dirs))


def _has_newer(folder: str, moment: float) -> bool:
    """Return True if a folder, or a file in it or in the folders inside it, changed after `moment`."""
    found = islice(os.walk(folder), MAX_FOLDERS)
    return any(_is_newer(os.path.join(top, name), moment) for top, _, files in found for name in (".", *files))


def _images(session: Session, id_: str) -> Iterator[ImageRef]:
    return (ref for ref in refs_of(session, id_) if isinstance(ref, ImageRef))


def _is_newer(path: str, moment: float) -> bool:
    """Return True if a file has been written, renamed or removed after `moment`, in seconds since 1970."""
    try:
        found = os.stat(path)
    except OSError:
        return True
    return max(found.st_mtime, found.st_ctime) > moment


def _is_place(workspace: Workspace, target: str, path: str) -> bool:
    """Return True if `save` would write an image with this target at this path, whatever number is in the file name."""
    start = os.path.expanduser(target.partition("{")[0])
    folder = start if target else workspace.settings.output_dir
    return path.startswith(os.path.abspath(os.path.join(workspace.base, folder)))
