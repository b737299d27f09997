"""Make one small image with the default model, without leaving a session, a file or a cached result."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from invocations.events import NodeFailed, SessionFinished
from invocations.language.source import Source
from workflows.backend import Backend
from workflows.planning.plan_line import plan_line
from workflows.planning.scope import Scope
from workflows.services import local_settings

from .finding import ERROR, OK, Finding

LINE: Final = "t2i a red house --width 64 --height 64 --steps 2 --seed 1"
SIDE: Final = 64


def self_test(backend: Backend) -> Iterator[Finding]:
    """Yield whether a small image could be made, and how long it took."""
    with tempfile.TemporaryDirectory(prefix="invokeai-doctor-") as folder:
        began = time.perf_counter()
        problem = _problem(backend, Path(folder))
        seconds = time.perf_counter() - began
    if problem is None:
        yield Finding("self test", OK, f"an image of {SIDE}x{SIDE} in {seconds:.1f} s, including loading the model")
    else:
        yield problem


def _problem(backend: Backend, folder: Path) -> Finding | None:
    """Make the image; return the problem that occurred, or None."""
    from invocations.local import local_invoker
    from invocations.storing.memory import MemoryStore

    settings = local_settings(backend.settings, backend.settings.folders)
    settings = replace(settings, data_dir=folder, cache_dir=folder, output_dir=folder)
    invoker = local_invoker(settings, registry=backend.catalog, store=MemoryStore())
    try:
        plan = plan_line(Source(None, LINE), catalog=backend.catalog, scope=Scope())
        session = invoker.create()
        invoker.extend(session.id, plan.extension())
        events = list(invoker.run(session.id, reuse=False))
        failed = next((event.error for event in events if isinstance(event, NodeFailed)), None)
        if failed is not None:
            return Finding("self test", ERROR, f"`{LINE}`: {failed.message}", failed.hint or "")
        if not isinstance(events[-1], SessionFinished):
            return Finding("self test", ERROR, f"`{LINE}` did not finish")
        (result,) = plan.results
        (ref,) = session.values(result.node, result.output)
        extrema = invoker.services.images.get(ref).convert("L").getextrema()
        if (ref.width, ref.height) != (SIDE, SIDE) or extrema[0] == extrema[1]:
            return Finding(
                "self test", ERROR, f"`{LINE}` produced an empty image", "try `--device cpu` or `--dtype float32`"
            )
        return None
    finally:
        invoker.close()
