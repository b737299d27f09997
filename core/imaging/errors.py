"""Errors of image operations and files.

CoreError
└── ImagingError
    ├── ImageUnreadable     not an image, truncated, or missing
    ├── ImageTooLarge       more pixels than allowed, according to the header
    ├── ImageNotWritten     the folder is not writable, or the disk is full
    ├── ImageExists         a file would be overwritten
    ├── UnknownImageFormat  a format that cannot be written
    └── BadImageInput       sizes that do not fit, an invalid color, a box outside the image
"""

from __future__ import annotations

from core.errors import CoreError


class ImagingError(CoreError):
    """An image could not be read, written or edited."""

    code = "imaging_error"


class ImageUnreadable(ImagingError):
    """The bytes at `source` are not an image that can be read."""

    code = "image_unreadable"

    def __init__(self, source: str, reason: str) -> None:
        self.source, self.reason = source, reason
        super().__init__(f"`{source}` cannot be read as an image: {reason}")


class ImageTooLarge(ImagingError):
    """The image has more pixels than allowed; it was not decoded."""

    code = "image_too_large"

    def __init__(self, source: str, width: int, height: int, limit: int) -> None:
        self.source, self.width, self.height, self.limit = source, width, height, limit
        self.hint = "make it smaller before loading it, or raise the setting `max_megapixels`"
        megapixels = f"{width * height / 1e6:.1f} megapixels; the limit is {limit / 1e6:.1f}"
        super().__init__(f"`{source}` has {megapixels}")


class ImageNotWritten(ImagingError):
    """The file could not be written; no partial file remains."""

    code = "save_failed"

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"`{path}` cannot be written: {reason}")


class ImageExists(ImagingError):
    """A file with this name already exists, and overwriting was not requested."""

    code = "file_exists"

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"`{path}` already exists")


class UnknownImageFormat(ImagingError):
    """There is no image format with this name that can be written."""

    code = "unknown_format"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name, self.known = name, known
        self.hint = "formats: " + ", ".join(known)
        super().__init__(f"images cannot be written in the format `{name}`")


class BadImageInput(ImagingError):
    """An image operation cannot use its input, such as images of different sizes."""

    code = "bad_value"

    def __init__(self, reason: str, hint: str = "") -> None:
        self.reason, self.hint = reason, hint
        super().__init__(reason)
