"""Texts in PNG files: every reader of PNG files finds them, and no pixel changes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from invokeai_web.compat.png_text import with_text


def png() -> bytes:
    """Return a small PNG file."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((9, 7)).save(out, "PNG")
    return out.getvalue()


def test_a_text_is_read_back_and_the_pixels_are_the_same() -> None:
    text = "a café 🦊\nSteps: 2, Seed: 7"
    changed = Image.open(io.BytesIO(with_text(png(), "parameters", text)))
    changed.load()
    assert changed.info["parameters"] == text
    assert changed.tobytes() == Image.open(io.BytesIO(png())).tobytes()


def test_an_empty_text_changes_nothing() -> None:
    assert with_text(png(), "parameters", "") == png()


def test_what_is_not_a_png_is_refused() -> None:
    with pytest.raises(ValueError, match="not a PNG file"):
        with_text(b"GIF89a" + bytes(40), "parameters", "a")
