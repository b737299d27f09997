"""Send several images as one ZIP file, piece by piece, so that it never has to fit into memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from io import RawIOBase
from pathlib import Path
from typing import Final, Protocol
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from invocations.errors import BadValue
from invocations.frozen import frozen
from invocations.values import ImageRef

from .base import ImageService
from .names import path_part

MAX_IMAGES: Final = 200
PIECE_BYTES: Final = 2**20
WORDS_BYTES: Final = 60  # how much of a line becomes part of a name
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # a ZIP file cannot contain earlier times
LATEST_YEAR: Final = 2107


class Archivable(Protocol):
    """An image of the gallery: its reference, its name on the shelf, and the text of the line that made it."""

    @property
    def id(self) -> str: ...
    @property
    def ref(self) -> ImageRef: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def created(self) -> float: ...


@frozen
class ArchivedFile:
    """A file in an archive. created: in seconds since 1970"""

    name: str
    path: Path
    created: float


def archived(found: Sequence[Archivable], images: ImageService) -> list[ArchivedFile]:
    """Return the files of an archive of images of the gallery, each with a name of its own that is made here.

    The name is that on the shelf, or else begins with the line. Each image is included once.
    Raises: BadValue, if there are none or too many; ServiceError, if the content of one no longer exists.
    """
    once = list({each.id: each for each in found}.values())
    if not 0 < len(once) <= MAX_IMAGES:
        message = f"an archive contains 1 to {MAX_IMAGES} images, not {len(once)}"
        raise BadValue("ids", message, "select fewer images" if once else "select an image")
    taken: set[str] = set()
    files = []
    for each in once:
        wanted = path_part(each.name or each.text, WORDS_BYTES) or each.id[:12]
        name, number = wanted, 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name.casefold())
        files.append(ArchivedFile(f"{name}.png", images.path(each.ref), each.created))
    return files


def archive(files: Sequence[ArchivedFile]) -> Iterator[bytes]:
    """Yield the pieces of a ZIP file; PNG files are compressed already, so they are stored as they are.

    Raises: OSError, if a file was removed in the meantime.
    """
    out = _Pieces()
    with ZipFile(out, "w", ZIP_STORED) as made:
        for each in files:
            with each.path.open("rb") as source, made.open(_info(each), "w") as target:
                while piece := source.read(PIECE_BYTES):
                    target.write(piece)
                    yield from out.taken()
            yield from out.taken()
    yield from out.taken()


def _info(file: ArchivedFile) -> ZipInfo:
    moment = time.gmtime(max(file.created, 0))
    when = (*moment[:5], min(moment[5], 59))
    info = ZipInfo(file.name, when if EARLIEST[0] <= moment.tm_year <= LATEST_YEAR else EARLIEST)
    info.compress_type, info.external_attr = ZIP_STORED, 0o644 << 16
    return info


class _Pieces(RawIOBase):
    """A stream that cannot seek; what is written to it is taken from it in pieces."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._written.append(piece)
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        """Yield what was written since the last call."""
        pieces, self._written = self._written, []
        yield from filter(None, pieces)
