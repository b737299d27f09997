"""A picture rendered again and compared with its file, pixel by pixel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invokeai_cli import exit_status
from invokeai_cli.line import ending
from invokeai_cli.render.answer import Answer
from invokeai_cli.watch import watch
from workflows.problems import ApplicationError

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invocations.values import ImageRef
    from invokeai_cli.shell import Shell
    from workflows.importers.provenance import Provenance
    from workflows.planning.plan_line import Plan


class NoPicture(ApplicationError):
    """A line was run again and gave no picture."""

    code = "nothing_to_compare"
    refused = False


def check(shell: Shell, plan: Plan, name: str, origin: Provenance) -> Answer:
    """Run a plan anew, without stored results and without saving, and tell how its pictures differ from a file's."""
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
    pictures = list(_pictures(session, plan))
    if not pictures:
        raise NoPicture(f"the line of `{name}` gives no picture to compare")
    found = [compare(images, kept, picture) for picture in pictures]
    best = max(found, key=lambda each: (each.equal, each.psnr or 0.0))
    data: dict[str, Any] = {"picture": name, "equal": best.equal, "psnr": best.psnr, "pictures": len(found)}
    if best.equal:
        return Answer("replay-check/1", data, text=f"{name}: equal")
    how = f"PSNR {best.psnr:.1f} dB" if best.psnr is not None else best.reason
    text = "\n".join([f"{name}: different, {how}", *_changes(origin)])
    return Answer("replay-check/1", data, text=text, status=exit_status.NODE_FAILED)


def _pictures(session: Session, plan: Plan) -> Iterator[ImageRef]:
    """Yield the pictures among the results, also those in lists."""
    from invocations.values import ImageRef

    for offer in plan.results:
        for value in session.values(offer.node, offer.output):
            items = value if isinstance(value, (list, tuple)) else [value]
            yield from (item for item in items if isinstance(item, ImageRef))


def _changes(origin: Provenance) -> list[str]:
    """Return which versions are others than those that made the picture."""
    from invocations.versions import versions

    here = versions()
    return [
        f"made with {name} {version}, here it is {here.get(name, 'not there')}"
        for name, version in (origin.versions or {}).items()
        if here.get(name) != version
    ]
