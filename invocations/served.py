"""The services of a server: clients name images and models, never files; shared by all sessions of the process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from .local import LocalServices, LocalSettings
from .running.context import is_cancelled
from .services.allowed_folder import AllowedFolder
from .services.content_folder import ContentFolder
from .shared_property import shared_property

if TYPE_CHECKING:
    from .invoker import Invoker
    from .services.files.allowed import AllowedFiles
    from .services.images.thumbnails import Thumbnails
    from .services.images.uploads import Uploads
    from .services.models.named import NamedModels
    from .shelf.headers import ShelfHeaders
    from .shelf.images import ShelfImages
    from .storing.gallery.base import Gallery

UPLOADS_BYTES: Final = 1_500_000_000
THUMBNAILS_BYTES: Final = 500_000_000


class ServedServices(LocalServices):
    """Local services in which no word of a client is a path; call `attach` before the first line runs.

    uploads_bytes, thumbnails_bytes: the room for images that clients have sent, and for thumbnails
    allow_files: a folder whose files lines may read, or None
    """

    def __init__(
        self,
        settings: LocalSettings,
        *,
        uploads_bytes: int = UPLOADS_BYTES,
        thumbnails_bytes: int = THUMBNAILS_BYTES,
        allow_files: Path | None = None,
    ) -> None:
        super().__init__(settings)
        self._uploads_bytes, self._thumbnails_bytes = uploads_bytes, thumbnails_bytes
        self._allowed = None if allow_files is None else AllowedFolder(allow_files)
        self._invoker: Invoker | None = None

    def attach(self, invoker: Invoker) -> None:
        """Use the gallery of an invoker, and let its cache identify images by their content."""
        self._invoker = invoker
        signer = getattr(invoker.cache, "signer", None)
        if signer is not None:
            signer.content_of = self.images.content_of

    @property
    def gallery(self) -> Gallery:
        """The gallery, whose names are the shelf."""
        assert self._invoker is not None, "`attach` was not called"
        return self._invoker.gallery

    @shared_property
    def uploads(self) -> Uploads:
        """The images that clients have sent."""
        from .services.images.uploads import FOLDER, Uploads

        root = self._settings.data_dir / FOLDER
        folder = ContentFolder(root, ".png", self._uploads_bytes, kept=lambda: self.gallery.kept())
        return Uploads(folder, self._settings.max_pixels)

    @shared_property
    def images(self) -> ShelfImages:
        """The image service, in which names stand for images on the shelf."""
        from .shelf.images import ShelfImages

        settings = self._settings
        return ShelfImages(
            settings.data_dir / "images", self.uploads, lambda: self.gallery, allowed=self._allowed,
            max_pixels=settings.max_pixels, compress_level=settings.png_compression, cancelled=is_cancelled,
        )  # fmt: skip

    @shared_property
    def thumbnails(self) -> Thumbnails:
        """The thumbnails of images."""
        from .services.images.thumbnails import FOLDER, Thumbnails

        return Thumbnails(self.images, self._settings.cache_dir / FOLDER, self._thumbnails_bytes)

    @shared_property
    def headers(self) -> ShelfHeaders:
        """Knows the sizes of the images on the shelf."""
        from .shelf.headers import ShelfHeaders

        base = Path() if self._allowed is None else self._allowed.root
        return ShelfHeaders(self.images, base, self._settings.max_pixels)

    @shared_property
    def files(self) -> AllowedFiles:
        """The file service, which reads nothing unless the owner allows a folder."""
        from .services.files.allowed import AllowedFiles

        return AllowedFiles(self._allowed, wildcards_dirs=self._settings.wildcards_dirs, cancelled=is_cancelled)

    @shared_property
    def models(self) -> NamedModels:
        """The model service, which finds models by name."""
        from .running.meter import resident_bytes
        from .services.models.named import NamedModels

        self._start_bytes, settings = resident_bytes(), self._settings
        return NamedModels(
            settings.models_dirs, digests=self.digests, base=settings.base, store=settings.data_dir / "models",
            fits=self._fits,
        )  # fmt: skip
