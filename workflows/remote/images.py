"""Images on their way: those that a line reads are sent up, those that the server makes are brought back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from invocations.foreign import ForeignData, json_data
from invocations.services.errors import SaveFailed, ServiceError
from invocations.values import ImageRef

from .connection import MAX_IMAGE_BYTES, ServerConnection, escaped

PNG: Final = "image/png"
BINARY: Final = "application/octet-stream"


class TravelingImages:
    """Sends each image once, and brings back those that are not here.

    path_of: returns the path of a file with an image. stored_at: returns the path of an image in the store, whether it
    is there or not; the store compares the content of a file with its name
    """

    def __init__(
        self,
        connection: ServerConnection,
        path_of: Callable[[ImageRef], Path],
        stored_at: Callable[[str], Path],
    ) -> None:
        self._connection = connection
        self._path_of = path_of
        self._stored_at = stored_at
        self._there: dict[str, str] = {}  # the names that images have on the server, by their names here

    def send(self, ref: ImageRef) -> str:
        """Send an image unless the server has it, and return its name there. Raises: ServiceError."""
        if ref.name not in self._there:
            self._there[ref.name] = ref.name if self._has(ref.name) else self._sent(ref)
        return self._there[ref.name]

    def fetch(self, value: Any) -> None:
        """Bring back the images in the outputs of a node that are not here yet. Raises: ServiceError."""
        for ref in images_in(value):
            self._there.setdefault(ref.name, ref.name)
            file = self._stored_at(ref.name)
            if not file.exists():
                answer = self._connection.send("GET", f"/images/{escaped(ref.name)}", most=MAX_IMAGE_BYTES)
                write_whole(file, answer.body)

    def as_sent(self, value: Any, sent: Any) -> Any:
        """Return a value in which images that are among those that were sent have their references here.

        value: the output of a node. sent: the inputs of the node
        """
        known = {self._there.get(ref.name, ref.name): ref for ref in images_in(sent)}
        if isinstance(value, ImageRef) and type(known.get(value.name)) is type(value):
            return known[value.name]
        if isinstance(value, (list, tuple)):
            return [self.as_sent(item, sent) for item in value]
        return value

    def _has(self, name: str) -> bool:
        with suppress(ServiceError):
            return self._connection.send("HEAD", f"/images/{escaped(name)}").status == 200
        return False

    def _sent(self, ref: ImageRef) -> str:
        path = self._path_of(ref)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ServiceError(f"`{path}` cannot be read: {error.strerror}", code="image_unreadable") from error
        kind = PNG if path.suffix.lower() == ".png" else BINARY
        answer = self._connection.send("POST", "/images", data, kind)
        return _name_in(answer.body)


def images_in(value: Any) -> Iterator[ImageRef]:
    """Yield the images in a value."""
    if isinstance(value, ImageRef):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from images_in(item)
    elif isinstance(value, dict):
        yield from images_in([*value.values()])


def _name_in(body: bytes) -> str:
    try:
        return str(json_data(body)["id"])
    except (ForeignData, KeyError, TypeError) as error:
        raise ServiceError("the server did not say what it calls an image", code="server_refused") from error


def write_whole(file: Path, data: bytes) -> None:
    """Write a file completely or not at all. Raises: SaveFailed."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(file)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise SaveFailed(str(file), (error.strerror or str(error)).lower()) from error
