"""How an image was made, from the session that made it or from what its file records: line, graph, parameters, tool."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invocations.errors import InvocationError
from invocations.frozen import frozen
from invocations.values import Ref, to_json

from .image_line import ImageLine, line_of_provenance
from .importers.provenance import Provenance, provenance_of, provenance_of_texts
from .replay import replayed_line

if TYPE_CHECKING:
    from invocations.context import Record
    from invocations.storing.gallery.base import GalleryImage

    from .workspace import Workspace


@frozen
class ImageMaking:
    """How an image was made.

    parameters: prompt, seed, steps and so on, as far as they are known
    """

    name: str
    provenance: Provenance
    parameters: Mapping[str, Any]

    def line(self, workspace: Workspace) -> ImageLine:
        """Return the line that makes the image, with seeds and model. Raises: NoProvenance."""
        return line_of_provenance(workspace, self.provenance, self.name)

    def replayed(self, workspace: Workspace, sets: Mapping[str, str]) -> str:
        """Return the line without what it saves and with some inputs replaced. Raises: NoProvenance, UsageError."""
        return replayed_line(workspace, self.provenance, sets)


def making_of(workspace: Workspace, image: GalleryImage) -> ImageMaking:
    """Return how an image of the gallery was made. Raises: NoProvenance, ServiceError."""
    name = image.name or image.id[:12]
    record = _record(workspace, image)
    if record is not None:
        from invocations.services.images.metadata import texts_of

        provenance = provenance_of_texts(workspace.catalog, texts_of(record), name)
        return ImageMaking(name, provenance, _plain(record.facts))
    from invocations.services.images.metadata import read_metadata

    path = Path(workspace.invoker.services.images.path(image.ref))
    provenance = provenance_of(workspace.catalog, workspace.lookup, path, name)
    return ImageMaking(name, provenance, _plain(read_metadata(path).facts))


def texts_of_image(workspace: Workspace, image: GalleryImage) -> dict[str, str]:
    """Return the text chunks that record how a session has made an image; none if that is not known."""
    from invocations.services.images.metadata import texts_of

    record = _record(workspace, image)
    return texts_of(record) if record is not None else {}


def _record(workspace: Workspace, image: GalleryImage) -> Record | None:
    """Return the record of an image that a session has made; None if the session is gone or made no such image."""
    from invocations.running.facts import record_of

    if not image.session:
        return None
    try:
        session = workspace.invoker.open(image.session)
    except InvocationError:
        return None
    key = image.node, image.path
    images = workspace.invoker.services.images
    with session.lock:  # it may be running
        if key not in session.results:
            return None
        return record_of(session, key, index=image.line, makings=images.makings, catalog=workspace.catalog)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as JSON data, without references and without facts for names of files."""
    return {
        name: to_json(value)
        for name, value in facts.items()
        if name != "index" and value not in (None, "") and not isinstance(value, (Ref, dict))
    }
