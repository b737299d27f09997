"""How an image was made, as data, and the content of images that the user wants to keep."""

from __future__ import annotations

from typing import Any

from invocations.graph.exact_integers import with_strings, write_document
from invocations.public_json import public_json
from invocations.served import ServedServices
from invocations.storing.gallery.base import GalleryImage
from workflows.image_making import ImageMaking, texts_of_image

from .clean_data import clean_data, clean_texts
from .problem_details import ApiProblem
from .server import Server


def making_data(making: ImageMaking, server: Server) -> dict[str, Any]:
    """Return how an image was made as the data of an `ImageMakingData`. Raises: NoProvenance."""
    provenance, clean = making.provenance, server.without_paths
    found = making.line(server.workspace)
    graph = write_document(public_json(provenance.graph.to_json()), server.catalog)
    return {
        "line": clean(found.line),
        "typed": clean(provenance.typed),
        "tool": provenance.tool,
        "identical": found.identical,
        "graph": clean_data(graph, clean),
        "parameters": clean_data(with_strings(dict(making.parameters)), clean),
        "versions": dict(provenance.versions or {}),
        "notes": clean_texts(found.notes, clean),
    }


def keep(server: Server, image: GalleryImage) -> None:
    """Store the content of an image, and how it was made, where it outlives the cache. Raises: ServiceError."""
    services = served(server)
    if services.uploads.path(image.id) is None:
        services.uploads.store(services.images.get(image.ref), texts_of_image(server.workspace, image))


def served(server: Server) -> ServedServices:
    """Return the services that know images by name. Raises: ApiProblem, if the server was given other services."""
    if not isinstance(server.services, ServedServices):
        raise ApiProblem(503, "no_images", "this server does not keep images")
    return server.services
