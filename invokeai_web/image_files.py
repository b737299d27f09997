"""Send the files of images: in parts, once per client, and under a name that is safe on every system."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, Response

from .etags import etag_of, is_known, not_modified

IMMUTABLE: Final = "private, max-age=31536000, immutable"
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
    return FileResponse(path, media_type="image/png", headers=headers)


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
