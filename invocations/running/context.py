"""The context in which a node runs on this machine, and its invocation."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

from invocations.cache.base import CachedResult
from invocations.context import InvocationContext, Record, Services
from invocations.errors import Cancelled, DeclarationError
from invocations.events import Event, LogMessage, ModelLoadFinished, ModelLoadStarted, NodeProgress, Path
from invocations.graph.gather import items_are_separate
from invocations.sessions.session import Session
from invocations.versions import versions

from .base import Catalog
from .plain import plain_work

if TYPE_CHECKING:
    from invocations.invocation import Invocation
    from invocations.services.enhancement.base import EnhancementService
    from invocations.services.files.base import FileService
    from invocations.services.generation.base import GenerationService
    from invocations.services.images.base import ImageService
    from invocations.services.models.base import ModelService
    from invocations.services.tensors.base import TensorService
    from invocations.spec import InvocationSpec

SLICED = "in_pieces"  # name of the fact that marks a result computed in slices to save memory
at_work: ContextVar[LocalContext | None] = ContextVar("at_work", default=None)


def model_load(model: str, part: str, done: bool) -> None:
    """Report that the running node is loading a part of a model or, if `done`, that the part has been loaded."""
    context = at_work.get()
    if context is not None:
        context.model_load(model, part, done)


def note(message: str) -> bool:
    """Show a note about the running node, even without -v; return False if no node is running."""
    context = at_work.get()
    if context is not None:
        context.note(message)
    return context is not None


def is_cancelled() -> bool:
    """Return True if the run of the node that runs in this thread has been cancelled; False if none runs."""
    context = at_work.get()
    return context is not None and context.cancelled()


class LocalContext(InvocationContext):
    """The context of one node: events go to `emit`, and the node stops once `is_cancelled` returns True."""

    def __init__(
        self,
        session: Session,
        node_id: str,
        node_type: str,
        path: Path,
        *,
        services: Services,
        emit: Callable[[Event], None],
        is_cancelled: Callable[[], bool],
        claim: Callable[[str], object] = lambda target: None,
        low_memory: bool = False,
        catalog: Catalog | None = None,
    ) -> None:
        self.session_id = session.id
        self.node_id = node_id
        self.facts: dict[str, Any] = {}
        self._session = session
        self._node_type = node_type
        self._path = path
        self._services = services
        self._emit = emit
        self._is_cancelled = is_cancelled
        self._claim = claim
        self._low_memory = low_memory
        self._catalog = catalog
        self._loading: dict[tuple[str, str], float] = {}

    @cached_property
    def seed(self) -> int:  # type: ignore[override] # computed on first use
        """A 32-bit number that is the same whenever this node and iteration of this session run."""
        text = f"{self.session_id}\n{self.node_id}\n{self._path}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")

    @property
    def images(self) -> ImageService:
        return self._services.images

    @property
    def files(self) -> FileService:
        return self._services.files

    @property
    def tensors(self) -> TensorService:
        return self._services.tensors

    @property
    def models(self) -> ModelService:
        return self._services.models

    @property
    def generation(self) -> GenerationService:
        return self._services.generation

    @property
    def enhancement(self) -> EnhancementService:
        return self._services.enhancement

    def progress(self, step: int, of: int, preview: Any = None) -> None:
        self._emit(NodeProgress(*self._where(), step=step, of=of, preview=preview))
        if self._is_cancelled():
            raise Cancelled

    def cancelled(self) -> bool:
        return self._is_cancelled()

    @property
    def low_memory(self) -> bool:
        if self._low_memory:
            self.facts[SLICED] = True
        return self._low_memory

    @property
    def items_are_separate(self) -> bool:
        return items_are_separate(self._session.graph, self.node_id)

    def fact(self, name: str, value: Any) -> None:
        self.facts[name] = value

    def log(self, message: str) -> None:
        self._emit(LogMessage(*self._where(), message=message))

    def warn(self, message: str) -> None:
        self._emit(LogMessage(*self._where(), message=message, warning=True))

    def note(self, message: str) -> None:
        """Log a message that is shown even without -v, as a note."""
        self._emit(LogMessage(*self._where(), message=message, note=True))

    def claim(self, target: str) -> None:
        self._claim(target)

    @property
    def claimed(self) -> str:
        return self._session.claim((self.node_id, self._path))

    @property
    def replaces(self) -> str:
        return self.claimed if self._session.has_finished((self.node_id, self._path)) else ""

    def record(self) -> Record:
        from .facts import gather_ancestors, gather_facts, gather_files, trace  # only needed by nodes that save

        session = self._session
        start = (self.node_id, self._path)
        traced = trace(session, start)
        line = session.line_of(self.node_id)
        facts = gather_facts(session, traced) | {"index": session.count(self._node_type) + 1}
        if self._path:  # the node is in a loop
            from .axis_facts import axis_facts
            from .one_item import graph_of_item

            facts |= axis_facts(session, start)
            graph = graph_of_item(session, start, facts, self._catalog)
        else:
            graph = session.graph.to_json(session.graph.ancestors((self.node_id,)))
        ancestors = gather_ancestors(session, traced, lambda refs: self.images.makings(refs))
        files = gather_files(session, start, traced)
        return Record(line.text if line else "", graph, facts, versions(), ancestors, files)

    def model_load(self, model: str, part: str, done: bool) -> None:
        """Report that a part of a model is being loaded or, if `done`, has been loaded."""
        if not done:
            self._loading[model, part] = time.perf_counter()
            self._emit(ModelLoadStarted(*self._where(), model=model, part=part))
            return
        seconds = time.perf_counter() - self._loading.pop((model, part), time.perf_counter())
        self._emit(ModelLoadFinished(*self._where(), model=model, part=part, seconds=seconds))

    def _where(self) -> tuple[str, str, str, Path, float]:
        return self.session_id, self.node_id, self._node_type, self._path, time.time()


def _loaded(type_: str, catalog: Catalog, context: LocalContext) -> type[Invocation]:
    """Import the class of a node, which may take seconds if a plug-in imports large libraries. Raises: Cancelled."""
    from core.stopping import in_background  # imported on demand: lines of plain values need no class
    from invocations.services.translate_errors import translated

    with translated():
        return in_background(lambda: catalog.load(type_), context.cancelled)


def invoke_node(
    spec: InvocationSpec,
    inputs: Mapping[str, Any],
    context: LocalContext,
    *,
    catalog: Catalog,
    classes: MutableMapping[str, type[Invocation]],
) -> CachedResult:
    """Return the outputs and facts of a node. Raises: whatever the node raises.

    classes: the node classes that are already loaded; a missing class is added.
    """
    plain = plain_work(spec, inputs)
    token = at_work.set(context)
    try:
        if plain is not None:
            work, whole = plain
            return CachedResult(dict(work(context, whole)), context.facts)
        cls = classes.get(spec.type)
        if cls is None:
            cls = classes[spec.type] = _loaded(spec.type, catalog, context)
        outputs = cls(**inputs).invoke(context)
    finally:
        at_work.reset(token)
    found = dict(getattr(outputs, "__dict__", ()))
    if found.keys() != {field.name for field in spec.outputs}:
        raise DeclarationError(
            cls.__qualname__, f"`invoke` returned {outputs!r}, which does not match its return annotation"
        )
    return CachedResult(found, context.facts)
