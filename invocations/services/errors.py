"""What a service cannot do; every error carries what it was asked for.

InvocationError
  ServiceError                          what a service cannot do; carries what it was asked for
    ImageError   ImageUnreadable  ImageTooLarge  ImageGone  NothingMatches  UrlRefused  SaveFailed  FileExists
      BadFileName  OutputClosed
    TensorsGone
    ModelError   ModelMissing  ModelBroken  PickleRefused  ModelUnsupported
    UnknownScheduler  UnknownUpscaler
    BadSize
    DeviceRefused  OutOfMemory
"""

from __future__ import annotations

import errno
import os

from invocations.errors import MAKE_ROOM, InvocationError


class ServiceError(InvocationError):
    """A service cannot do what it is asked."""

    code = "service"


class ImageError(ServiceError):
    """Something is wrong with a picture or its file."""

    code = "image"


class ImageUnreadable(ImageError):
    """A file is no picture that can be read; `reason` says why."""

    code = "image_unreadable"

    def __init__(self, source: str, reason: str, hint: str = "") -> None:
        super().__init__(f"`{source}` cannot be read as a picture: {reason}", hint)
        self.source = source
        self.reason = reason


class ImageTooLarge(ImageError):
    """A picture has more pixels than are allowed."""

    code = "image_too_large"

    def __init__(self, source: str, pixels: int, limit: int, hint: str = "") -> None:
        super().__init__(f"`{source}` has {pixels / 1e6:.1f} megapixels; the limit is {limit / 1e6:.1f}", hint)
        self.source = source
        self.pixels = pixels
        self.limit = limit


class ImageGone(ImageError):
    """A picture that was kept is there no longer."""

    code = "image_gone"

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__(f"the picture {name[:12]} is no longer kept", hint or "run the line that made it again")
        self.name = name


class NothingMatches(ImageError):
    """A path or a pattern matches no file."""

    code = "nothing_matches"

    def __init__(self, source: str, hint: str = "") -> None:
        super().__init__(f"no file matches `{source}`", hint)
        self.source = source


class UrlRefused(ImageError):
    """A picture would have to be fetched, and that was not allowed."""

    code = "url_refused"

    def __init__(self, url: str, hint: str = "") -> None:
        super().__init__(f"`{url}` is an address in the network, and fetching was not allowed", hint)
        self.url = url


FULL = {os.strerror(number).lower() for number in (errno.ENOSPC, errno.EDQUOT)}  # a disk, a user's part of it


class SaveFailed(ImageError):
    """A file could not be written; nothing of it is left."""

    code = "save_failed"

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(f"`{path}` cannot be written: {reason}", hint or (MAKE_ROOM if reason in FULL else ""))
        self.path = path
        self.reason = reason


class FileExists(ImageError):
    """A file is there already and overwriting was not asked for."""

    code = "file_exists"

    def __init__(self, path: str, hint: str = "") -> None:
        super().__init__(f"`{path}` is there already", hint)
        self.path = path


class BadFileName(ImageError):
    """A file-name template names what nobody knows, or leads out of its folder."""

    code = "bad_file_name"

    def __init__(self, template: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.template = template


class OutputClosed(ImageError):
    """Who reads standard output has gone."""

    code = "output_closed"


class TensorsGone(ServiceError):
    """Tensors that were kept are there no longer."""

    code = "tensors_gone"

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__(f"the tensors {name[:12]} are no longer kept", hint or "run the line that made them again")
        self.name = name


class ModelError(ServiceError):
    """Something is wrong with a model; `model` is what it was called."""

    code = "model"

    def __init__(self, model: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.model = model


class ModelMissing(ModelError):
    """There is no model of that name, or nothing at that path."""

    code = "model_missing"


class ModelBroken(ModelError):
    """A model's files are truncated, missing or of another kind."""

    code = "model_broken"


class PickleRefused(ModelError):
    """A model's weights are pickled: reading them could run foreign code."""

    code = "pickle_refused"


class ModelUnsupported(ModelError):
    """A whole model, but of a kind that cannot be run."""

    code = "model_unsupported"


class UnknownScheduler(ServiceError):
    """There is no scheduler of that name."""

    code = "unknown_scheduler"


class UnknownUpscaler(ServiceError):
    """There is no upscaler of that name."""

    code = "unknown_upscaler"


class BadSize(ServiceError):
    """The model cannot make pictures of this size; `suggested` is the nearest that it can (width, height)."""

    code = "bad_size"

    def __init__(self, message: str, suggested: tuple[int, int], hint: str = "") -> None:
        super().__init__(message, hint)
        self.suggested = suggested


class DeviceRefused(ServiceError):
    """The device or the precision is not to be had on this machine."""

    code = "device_refused"


class OutOfMemory(ServiceError):
    """The computation needs more memory than the device has."""

    code = "out_of_memory"
