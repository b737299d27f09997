"""The context of a step that may need its session: for the record of an image, and for the files that it writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from invocations.context import Record
from invocations.events import Path
from invocations.graph.gather import items_are_separate
from invocations.sessions.session import Session

from .base import Catalog
from .context import StepContext


class SessionContext(StepContext):
    """The context of one run of a node in the process that holds the session.

    claim: records a file that the node is about to write. The other parameters are those of `StepContext`.
    """

    def __init__(
        self,
        session: Session,
        node_id: str,
        node_type: str,
        path: Path,
        *,
        claim: Callable[[str], object],
        catalog: Catalog | None = None,
        **how: Any,
    ) -> None:
        super().__init__(session.id, node_id, node_type, path, **how)
        self._session = session
        self._claim = claim
        self._catalog = catalog

    @property
    def items_are_separate(self) -> bool:
        return items_are_separate(self._session.graph, self.node_id)

    def claim(self, target: str) -> None:
        self._claim(target)

    @property
    def claimed(self) -> str:
        return self._session.claim((self.node_id, self._path))

    @property
    def replaces(self) -> str:
        return self.claimed if self._session.has_finished((self.node_id, self._path)) else ""

    def record(self) -> Record:
        from .facts import record_of  # only needed by nodes that save

        return record_of(
            self._session,
            (self.node_id, self._path),
            index=self._session.count(self._node_type) + 1,
            makings=lambda refs: self.images.makings(refs),
            catalog=self._catalog,
        )
