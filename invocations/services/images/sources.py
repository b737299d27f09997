"""Read images from a path, a glob, standard input or, if allowed, a URL."""

from __future__ import annotations

import glob
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from invocations.foreign import too_large
from invocations.services.errors import ServiceError, image_unreadable
from invocations.services.translate_errors import translated

from .loaded_files import LoadedFile

if TYPE_CHECKING:
    from PIL.Image import Image

URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]+)://")
MAX_BYTES = 256 * 2**20  # maximum size of a compressed image from standard input or the network
DOWNLOAD_TIMEOUT_S = 30.0
CHUNK_BYTES = 2**20


def read_source(
    source: str,
    *,
    allow_url: bool,
    stdin: Callable[[], BinaryIO],
    max_pixels: int,
    base: Path = Path(),
    keep_unreadable: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[Image | str, LoadedFile | None]]:
    """Yield each image with the state of its file when it was read, or with None if it has no file.

    base: the folder that relative paths and patterns are resolved against (default: the current folder).
    keep_unreadable: whether to yield the absolute path of a file that cannot be read instead of its image.
    cancelled: returns True if no more images are wanted.
    Raises: Cancelled, ServiceError.
    """
    from core.imaging.errors import ImagingError
    from core.imaging.files import read_image
    from core.stopping import check, in_background

    with translated():
        if source == "-":
            data = in_background(lambda: _limited(stdin(), "standard input", deadline=None), cancelled)
            yield read_image(data, name="standard input", max_pixels=max_pixels), None
        elif URL.match(source):
            data = in_background(lambda: _fetched(source, allow_url), cancelled)
            yield read_image(data, name=source, max_pixels=max_pixels), None
        else:
            for path in matching(source, base):
                check(cancelled)
                file = base / path
                with suppress(OSError):  # `read_image` below raises a better error
                    loaded = LoadedFile.of(os.path.abspath(file))
                try:
                    image = read_image(file, name=str(path), max_pixels=max_pixels)
                except ImagingError:
                    if not keep_unreadable:
                        raise
                    yield os.path.abspath(file), None
                else:
                    yield image, loaded


def matching(source: str, base: Path) -> list[Path]:
    """Return the file at a path, or the files that match a pattern in natural order; relative paths start from `base`.

    Raises: ServiceError.
    """
    if not source:
        raise _no_match(source, "specify the path of an image")
    path = Path(os.path.expanduser(source))
    file = base / path
    if os.path.isdir(file):
        raise image_unreadable(source, "it is a folder", f"try `{source.rstrip('/')}/*.png`")
    if "\0" in source or not glob.has_magic(source) or os.path.isfile(file):
        if "\0" in source or not os.path.lexists(file):
            raise _no_match(source, near_file(path, base))
        return [path]
    found = [Path(match) for match in glob.glob(_pattern(path, base), root_dir=base, recursive=True)]
    files = sorted((file for file in found if os.path.isfile(base / file)), key=lambda file: natural(str(file)))
    if not files:
        raise _no_match(source)
    return files


def _pattern(path: Path, base: Path) -> str:
    """Return a path as a glob pattern in which existing folders such as `d[1]` are matched literally."""
    for folder in path.parents:  # the longest path comes first
        if glob.has_magic(str(folder)) and os.path.isdir(base / folder):
            return os.path.join(glob.escape(str(folder)), path.relative_to(folder))
    return str(path)


def _no_match(source: str, hint: str = "") -> ServiceError:
    return ServiceError(f"no file matches `{source}`", hint, code="nothing_matches", source=source)


def _refused(url: str, hint: str) -> ServiceError:
    return ServiceError(f"`{url}` is a URL, and downloading is not allowed", hint, code="url_refused", url=url)


def check_url(url: str, allowed: bool) -> None:
    """Refuse a URL that must not be downloaded. Raises: ServiceError."""
    if url.partition(":")[0].lower() not in ("http", "https"):
        raise _refused(url, "only http and https URLs can be downloaded")
    if not allowed:
        raise _refused(url, "add `--allow-url` to download the image")


def natural(text: str) -> list[tuple[int, int, str]]:
    """Return a sort key for natural order: `2.png` before `10.png`."""
    parts = re.split(r"([0-9]+)", text.casefold())
    return [(0, int(part), "") if place % 2 else (1, 0, part) for place, part in enumerate(parts)]


def near_file(path: Path, base: Path) -> str:
    """Return a hint with the file in the same folder that has the most similar name, or "" if none is similar."""
    from difflib import get_close_matches

    try:
        near = get_close_matches(path.name, os.listdir(base / path.parent), n=1)
    except (OSError, ValueError):
        return ""
    return f"did you mean `{path.parent / near[0] if str(path.parent) != '.' else near[0]}`?" if near else ""


def _limited(stream: BinaryIO, name: str, *, deadline: float | None) -> bytes:
    if stream.isatty():
        raise image_unreadable(name, "it is a terminal", "pipe an image into it: `cat fox.png | ...`")
    parts, size = [], 0
    while part := stream.read(CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise image_unreadable(name, f"it {too_large(MAX_BYTES)}")
        if deadline is not None and time.monotonic() > deadline:
            raise image_unreadable(name, f"it took longer than {DOWNLOAD_TIMEOUT_S:g} s")
    return b"".join(parts)


def _fetched(url: str, allowed: bool) -> bytes:
    check_url(url, allowed)
    from urllib import request

    opener = request.OpenerDirector()  # unlike the default opener, this one does not open file, FTP or data URLs
    for handler in (
        request.ProxyHandler(), request.HTTPHandler(), request.HTTPSHandler(), request.HTTPRedirectHandler(),
        request.HTTPDefaultErrorHandler(), request.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    deadline = time.monotonic() + DOWNLOAD_TIMEOUT_S
    try:
        with opener.open(url, timeout=DOWNLOAD_TIMEOUT_S) as answer:
            return _limited(answer, url, deadline=deadline)
    except (OSError, ValueError) as error:
        raise image_unreadable(url, str(error)) from error
