"""What one client works with: a workspace with a session of its own, and the images that it has made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflows.problems import describe

from .answer import ImageLink, ToolAnswer

if TYPE_CHECKING:
    from invocations.language.source import Source
    from workflows.planning.plan import Plan
    from workflows.results import Result
    from workflows.workspace import Workspace


class Connection:
    """A workspace, which one thread at a time plans with, and the images that its lines have saved.

    Only these images can be read by the client.
    """

    def __init__(self, open_workspace: Callable[[Callable[[str], None]], Workspace]) -> None:
        self._warnings: list[str] = []
        self._planning = threading.RLock()
        self._images: dict[str, ImageLink] = {}
        self.workspace = open_workspace(self._warnings.append)

    @contextmanager
    def planning(self) -> Iterator[Workspace]:
        """Let only this thread plan lines and add them to the session."""
        with self._planning:
            yield self.workspace

    def take_warnings(self) -> list[str]:
        """Return the warnings since the last call, such as plug-ins that cannot be loaded."""
        with self._planning:
            found, self._warnings[:] = [*self._warnings], []
            return found

    def plan(self, source: Source, most_items: int | None) -> Plan:
        """Plan a line. Raises: Refusal, ConfigError."""
        from .streams import refuse_streams

        plan = self.workspace.plan(source, most_items=most_items or 0)
        refuse_streams(plan, self.workspace.catalog)
        return plan

    def link(self, result: Result) -> list[ImageLink]:
        """Return a link to each saved image of a result, which can be read from now on."""
        paths = [self.workspace.path(ref) for ref in result.image_refs] if result.text else []
        links = [
            ImageLink(Path(path).as_uri(), path, result.node, ref.width, ref.height)
            for path, ref in zip(paths, result.image_refs, strict=False)
        ]
        self._images |= {link.uri: link for link in links}
        return links

    @property
    def images(self) -> list[ImageLink]:
        """The images that lines have saved, in this order."""
        return [*self._images.values()]

    def image(self, uri: str) -> bytes | None:
        """Return the content of an image's file, or None if no line has saved such an image or it has been removed."""
        link = self._images.get(uri)
        if link is None:
            return None
        try:
            return Path(link.path).read_bytes()
        except OSError:
            return None

    def close(self) -> None:
        """Write what is pending and close all files."""
        self.workspace.close(at_once=True)


def answered(work: Callable[..., ToolAnswer], *args: Any) -> ToolAnswer:
    """Return the answer of a tool; a known error becomes an answer, too."""
    try:
        return work(*args)
    except Exception as error:
        problems = tuple(describe(error))
        if not problems:
            raise
        return ToolAnswer(problems=problems)
