"""Services of a server in a temporary folder, for the tests of the shelf."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from invocations.invoker import Invoker
from invocations.local import LocalSettings, local_invoker
from invocations.served import ServedServices


def served(home: Path, **how: object) -> tuple[Invoker, ServedServices]:
    """Return an invoker and its services, as a server uses them; close the invoker."""
    settings = LocalSettings(home / "data", home / "cache", home / "out", models_dirs=(home / "models",), base=home)
    services = ServedServices(settings, **how)  # type: ignore[arg-type]
    invoker = local_invoker(settings, services=services)
    services.attach(invoker)
    return invoker, services


def file_bytes(image: Image.Image, format_name: str = "PNG", **how: object) -> bytes:
    """Return the bytes of an image file."""
    stream = BytesIO()
    image.save(stream, format_name, **how)
    return stream.getvalue()
