"""Send the files of images: in parts, once per client, and under a name that is safe on every system."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, Response

from .etags import etag_of, is_known, not_modified
from .problem_details import ApiProblem

IMMUTABLE: Final = "private, max-age=31536000, immutable"
RANGE: Final = re.compile(r"bytes=\s*(\d{1,18}-\d{0,18}|-\d{1,18})(\s*,\s*(\d{1,18}-\d{0,18}|-\d{1,18}))*\s*", re.ASCII)
MOST_PARTS: Final = 5
LONGEST_NAME: Final = 100


def image_file(request: Request, path: Path, image_id: str, download: str = "") -> Response:
    """Return a PNG file, a part of it that the client asks for, or 304 if the client has it.

    download: the name under which a browser saves it; "" if it is to be shown
    """
    headers = {"cache-control": IMMUTABLE, "etag": etag_of(image_id, str(path.stat().st_size))}
    if download:
        headers["content-disposition"] = disposition(download)
    if is_known(request, headers["etag"]):
        return not_modified(headers["etag"], {"cache-control": IMMUTABLE})
    _check_range(request, path.stat().st_size)
    return FileResponse(path, media_type="image/png", headers=headers)


def _check_range(request: Request, size: int) -> None:
    """Leave out a header Range that is malformed or asks for many parts, so that the whole file is sent.

    Raises: ApiProblem, if no part that it asks for is in the file.
    """
    given = request.headers.get("Range", "")
    if not given:
        return
    parts = [part.strip() for part in given.removeprefix("bytes=").split(",")]
    ends = [(first, last) for first, _, last in (part.partition("-") for part in parts)]
    if not RANGE.fullmatch(given) or len(parts) > MOST_PARTS or any(_is_backward(*each) for each in ends):
        request.scope["headers"] = [each for each in request.scope["headers"] if each[0].lower() != b"range"]
    elif all(int(first) >= size if first else int(last) == 0 for first, last in ends):
        message = f"the file has {size} bytes, none of which are in the range `{given:.60}`"
        headers = {"Content-Range": f"bytes */{size}"}
        raise ApiProblem(416, "range_not_satisfiable", message, "leave the header Range out", headers=headers)


def _is_backward(first: str, last: str) -> bool:
    return bool(first and last) and int(last) < int(first)


def image_bytes(request: Request, data: bytes, media_type: str, *tag: str) -> Response:
    """Return the bytes of an image that never changes, or 304 if the client has it; `tag` identifies it."""
    headers = {"cache-control": IMMUTABLE, "etag": etag_of(*tag)}
    if is_known(request, headers["etag"]):
        return not_modified(headers["etag"], {"cache-control": IMMUTABLE})
    return Response(data, media_type=media_type, headers=headers)


def disposition(name: str) -> str:
    """Return the header Content-Disposition for a file that is saved, with its name in ASCII and in full."""
    shown = "".join(each if each.isalnum() or each in "-_+. " else "-" for each in name)[:LONGEST_NAME].strip(". ")
    plain = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode().strip(". ") or "image.png"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown or plain)}"
