"""What can go wrong with pictures.

CoreError
└── ImagingError
    ├── ImageUnreadable     not a picture, truncated, or not there
    ├── ImageTooLarge       more pixels than allowed, told from the header
    ├── ImageNotWritten     the folder is not writable, the disk is full
    ├── ImageExists         a file would have to be overwritten
    ├── UnknownImageFormat  no format of this name can be written
    └── BadImageInput       sizes that do not fit, a color that is none, a box outside the picture
"""

from __future__ import annotations

from core.errors import CoreError


class ImagingError(CoreError):
    """A picture could not be read, written or worked upon."""

    code = "imaging_error"


class ImageUnreadable(ImagingError):
    """The bytes at `source` are not a picture that can be read."""

    code = "image_unreadable"

    def __init__(self, source: str, reason: str) -> None:
        self.source, self.reason = source, reason
        super().__init__(f"`{source}` cannot be read as an image: {reason}")


class ImageTooLarge(ImagingError):
    """The picture has more pixels than are allowed; nothing of it was decoded."""

    code = "image_too_large"

    def __init__(self, source: str, width: int, height: int, limit: int) -> None:
        self.source, self.width, self.height, self.limit = source, width, height, limit
        self.hint = "make it smaller before it is loaded, or raise the setting `max_megapixels`"
        megapixels = f"{width * height / 1e6:.1f} megapixels; the limit is {limit / 1e6:.1f}"
        super().__init__(f"`{source}` has {megapixels}")


class ImageNotWritten(ImagingError):
    """The file could not be written; nothing of it was left behind."""

    code = "save_failed"

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"`{path}` cannot be written: {reason}")


class ImageExists(ImagingError):
    """There is a file of that name, and overwriting was not asked for."""

    code = "file_exists"

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"`{path}` already exists")


class UnknownImageFormat(ImagingError):
    """No format of this name can be written."""

    code = "unknown_format"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name, self.known = name, known
        self.hint = "there are " + ", ".join(known)
        super().__init__(f"`{name}` is no picture format that can be written")


class BadImageInput(ImagingError):
    """An operation cannot work on what it was given."""

    code = "bad_value"

    def __init__(self, reason: str, hint: str = "") -> None:
        self.reason, self.hint = reason, hint
        super().__init__(reason)
