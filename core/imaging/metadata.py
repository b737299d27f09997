"""What a picture file says of its making: text chunks of our own, and the `parameters` text that other tools read.

The `parameters` text has three parts: the prompt, a line `Negative prompt: ...`, and a line `Name: value, Name: value`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PIL import ExifTags, Image

from core.imaging.atomic import reason_of
from core.imaging.chunks import MOST_BYTES, Chunks, read_chunks
from core.imaging.errors import PictureUnreadable
from core.imaging.files import BROKEN, READ, silent

PARAMETERS = "parameters"
NEGATIVE = "Negative prompt: "
# Fact -> the name it has in the `parameters` text, in the order in which other tools write them.
NAMES = {
    "steps": "Steps",
    "scheduler": "Sampler",
    "guidance": "CFG scale",
    "seed": "Seed",
    "size": "Size",
    "model_hash": "Model hash",
    "model": "Model",
    "strength": "Denoising strength",
    "clip_skip": "Clip skip",
    "version": "Version",
}
# Our short names of schedulers -> the names by which other tools know the same method; "_k" is " Karras" there.
SAMPLERS = {
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "deis": "DEIS",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "dpmpp_3m_sde": "DPM++ 3M SDE",
    "dpmpp_sde": "DPM++ SDE",
    "euler": "Euler",
    "euler_a": "Euler a",
    "heun": "Heun",
    "kdpm_2": "DPM2",
    "kdpm_2_a": "DPM2 a",
    "lcm": "LCM",
    "lms": "LMS",
    "pndm": "PLMS",
    "unipc": "UniPC",
}
PAIR = re.compile(r'\s*([\w][\w \-/]*):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def parameters_text(facts: Mapping[str, object]) -> str:
    """Return the `parameters` text for a prompt, its negative, and what is known of `NAMES`; "" without a prompt."""
    if not facts.get("prompt"):
        return ""
    known = dict(facts)
    if "width" in facts and "height" in facts:
        known["size"] = f"{facts['width']}x{facts['height']}"
    if facts.get("scheduler"):
        known["scheduler"] = sampler_name(str(facts["scheduler"]))
    lines = [str(facts["prompt"])]
    if facts.get("negative"):
        lines.append(NEGATIVE + str(facts["negative"]))
    lines.append(
        ", ".join(f"{name}: {_quoted(known[key])}" for key, name in NAMES.items() if known.get(key) is not None)
    )
    return "\n".join(line for line in lines if line)


def read_parameters(text: str) -> dict[str, str]:
    """Return the facts in a `parameters` text, as texts; names that we do not use keep their own spelling."""
    lines = text.strip().split("\n")
    facts: dict[str, str] = {}
    if len(PAIR.findall(lines[-1])) >= 3:
        facts = _pairs(lines.pop())
    prompt, found, negative = "\n".join(lines).partition(NEGATIVE.rstrip())
    facts["prompt"] = prompt.strip()
    if found:
        facts["negative"] = negative.strip()
    if "scheduler" in facts:
        facts["scheduler"] = scheduler_name(facts["scheduler"])
    width, cross, height = facts.pop("size", "").partition("x")
    return facts | {"width": width, "height": height} if cross else facts


def sampler_name(scheduler: str) -> str:
    """Return the name by which other tools know a scheduler, or its own where they do not know it."""
    plain = scheduler.removesuffix("_k")
    return SAMPLERS.get(plain, plain) + (" Karras" if plain != scheduler else "")


def scheduler_name(sampler: str) -> str:
    """Return our short name for another tool's sampler, or the name as it is; the inverse of `sampler_name`."""
    plain = sampler.removesuffix(" Karras")
    names = {name.casefold(): short for short, name in SAMPLERS.items()}
    return names.get(plain.casefold(), plain) + ("_k" if plain != sampler else "")


def read_texts(path: Path) -> dict[str, str]:
    """Return the texts in a file: PNG text chunks, and Exif's user comment as `parameters`; no pixel is decoded.

    Raises: PictureUnreadable.
    """
    try:
        if (chunks := _chunks_of(path)) is not None:
            return (_exif_texts(chunks.exif) if chunks.exif else {}) | chunks.texts
        with silent(), Image.open(path, formats=READ) as image:
            return _texts_in(image.getexif())
    except BROKEN as error:
        raise PictureUnreadable(str(path), "not a picture, or damaged") from error


def _chunks_of(path: Path) -> Chunks | None:
    if path.exists() and not path.is_file():
        raise PictureUnreadable(str(path), "it is no file")
    try:
        with path.open("rb") as file:
            return read_chunks(file)
    except OSError as error:
        raise PictureUnreadable(str(path), reason_of(error)) from error


def _exif_texts(data: bytes) -> dict[str, str]:
    """Return the texts in a PNG's Exif; one that is damaged has none."""
    exif = Image.Exif()
    with suppress(*BROKEN):
        exif.load(data)
        return _texts_in(exif)
    return {}


def _texts_in(exif: Image.Exif) -> dict[str, str]:
    """Return the user comment as `parameters`, and texts that name themselves: ComfyUI's `prompt:...` in WebP."""
    texts: dict[str, str] = {}
    for tag in (ExifTags.Base.Make, ExifTags.Base.Model):
        key, colon, text = str(exif.get(tag, "")).partition(":")
        if colon and key.lower() in ("prompt", "workflow"):
            texts[key.lower()] = text
    comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if comment:
        texts[PARAMETERS] = _decoded(comment)[:MOST_BYTES]
    return {key: text for key, text in texts.items() if text}


def _decoded(comment: object) -> str:
    """Return a user comment as text; its first eight bytes say how it is written, and some tools turn the bytes."""
    if not isinstance(comment, bytes):
        return str(comment)
    head, body = comment[:8], comment[8:]
    if head == b"UNICODE\0":
        turned = body[1::2].count(0) > body[::2].count(0)
        return body.decode("utf-16-le" if turned else "utf-16-be", "replace").removeprefix("\ufeff")
    if head in (b"ASCII\0\0\0", bytes(8)):
        return body.decode("utf-8", "replace").rstrip("\0")
    return comment.decode("utf-8", "replace").rstrip("\0")


def _pairs(line: str) -> dict[str, str]:
    keys = {name: key for key, name in NAMES.items()}
    return {keys.get(name, name): _unquoted(value.strip()) for name, value in PAIR.findall(line)}


def _quoted(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(',:\n"') else text


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text
