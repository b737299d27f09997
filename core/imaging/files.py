"""Read image files upright, in a fixed list of formats and within a pixel limit; write them atomically."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile, PngInfo

from core.errors import OutOfMemory
from core.foreign import ForeignData, read_bytes
from core.stopping import IsCancelled, check, in_background, never

from .atomic import reason_of, write_atomically
from .chunks import SIGNATURE
from .errors import ImageNotWritten, ImageTooLarge, ImageUnreadable, UnknownImageFormat
from .modes import eight_bit, flatten, normalize

READ = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
WRITTEN = ("png", "jpeg", "webp", "tiff", "bmp")
SUFFIXES = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".bmp": "bmp",
}
MAX_PIXELS = 64_000_000  # an image of 8000 x 8000, which takes 192 MB when decoded as RGB

LARGE_PIXELS = 4_000_000  # encoding an image of this size may take seconds
MAX_BYTES = 512 * 2**20  # the size of 64 megapixels of 16-bit color without compression
MAX_TEXT = 2**20  # maximum length of a text chunk; tools built on Pillow refuse longer chunks
MAX_COMMENT = 30_000  # maximum length of an Exif comment; all of Exif must fit into one segment of 64 KB

# The exceptions that Pillow's decoders raise for damaged bytes, depending on where the damage is.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)

Image.MAX_IMAGE_PIXELS = None  # our own limit is checked instead; exceeding it is an error, not a warning


def read_image(
    source: Path | bytes, *, name: str = "", max_pixels: int = MAX_PIXELS, formats: tuple[str, ...] = READ
) -> Image.Image:
    """Read the first frame of an image, upright, in a mode that `modes.py` lists; error messages call it `name`.

    formats: the formats that may be read, whatever the suffix of the file is

    Raises: ImageUnreadable, ImageTooLarge, OutOfMemory.
    """
    name = name or str(source if isinstance(source, Path) else "the image")
    try:
        with silent(), _open(_stream(source, name), formats) as image:
            if image.width * image.height > max_pixels:
                raise ImageTooLarge(name, image.width, image.height, max_pixels)
            image.load()
            return normalize(_upright(image))
    except UnidentifiedImageError as error:
        raise ImageUnreadable(name, f"its format is not one of {', '.join(formats)}") from error
    except MemoryError as error:
        raise OutOfMemory(None, "cpu") from error
    except BROKEN as error:
        raise ImageUnreadable(name, broken_reason(error)) from error


def write_image(
    image: Image.Image,
    path: Path,
    *,
    format: str = "",  # noqa: A002 - the word the user types
    quality: int = 90,
    metadata: Mapping[str, str] | None = None,
    overwrite: bool = True,
    compress_level: int = 6,
    durable: bool = True,
    made: Iterable[Path] = (),
    cancelled: IsCancelled = never,
) -> None:
    """Write an image atomically; if no format is passed, it is taken from the file's suffix.

    PNG is encoded directly into the file, other formats in memory first. made: as in `write_atomically`.
    cancelled: returns True if the file is no longer wanted.

    Raises: UnknownImageFormat, ImageExists, ImageNotWritten, Cancelled.
    """
    format_name = format or format_of(path)
    is_large = image.width * image.height >= LARGE_PIXELS

    def write(file: BinaryIO) -> None:
        if format_name == "png":
            target = cast(BinaryIO, _CheckedFile(file, cancelled)) if is_large else file
            _encode(image, target, format_name, quality, dict(metadata or {}), compress_level)
        else:
            file.write(encode_file(image, format_name, quality=quality, metadata=metadata, cancelled=cancelled))

    write_atomically(path, write, overwrite=overwrite, durable=durable, made=made)


class _CheckedFile:
    """A file for an encoder that writes piece by piece; it raises Cancelled if no more is wanted."""

    def __init__(self, file: BinaryIO, cancelled: IsCancelled) -> None:
        self._file, self._cancelled = file, cancelled

    def write(self, data: bytes) -> int:
        check(self._cancelled)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _shared(image: Image.Image) -> Image.Image:
    """Return a new image object with the same pixels, because Pillow changes the object that it saves."""
    image.load()
    return image._new(image.im)


def format_of(path: Path) -> str:
    """Return the format for the suffix of a file. Raises: UnknownImageFormat."""
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise UnknownImageFormat(path.suffix.lstrip(".") or path.name, WRITTEN) from None


def encode_file(
    image: Image.Image,
    format: str,  # noqa: A002 - the word the user types
    *,
    quality: int = 90,
    metadata: Mapping[str, str] | None = None,
    compress_level: int = 6,
    cancelled: IsCancelled = never,
) -> bytes:
    """Return the bytes of an image file; if the format has no transparency, the image is flattened onto white.

    PNG stores the metadata in text chunks; JPEG and WebP store only its `parameters` text, in the Exif user comment.
    A large image is encoded in the background. Raises: UnknownImageFormat, ImageNotWritten, Cancelled.
    """
    stream = BytesIO()
    wanted = cancelled if image.width * image.height >= LARGE_PIXELS else never
    try:
        encode = partial(_encode, image, stream, format, quality, dict(metadata or {}), compress_level)
        in_background(encode, wanted)
    except (OSError, ValueError, struct.error) as error:
        raise ImageNotWritten(
            f"a {format} file", f"{image.width}x{image.height} is too large for this format"
        ) from error
    return stream.getvalue()


def _encode(
    image: Image.Image,
    stream: BinaryIO,
    format: str,  # noqa: A002 - the word the user types
    quality: int,
    texts: Mapping[str, str],
    compress_level: int,
) -> None:
    match format:
        case "png":
            _save_png(image, stream, compress_level=compress_level, pnginfo=_chunks(texts))
        case "jpeg":
            sampling = 0 if quality >= 90 else 2  # at high quality, keep the full color resolution, otherwise halve it
            flat = flatten(eight_bit(image))
            flat.save(stream, "JPEG", quality=quality, subsampling=sampling, exif=_comment(texts))
        case "webp":
            eight_bit(image).save(stream, "WEBP", quality=quality, lossless=quality == 100, exif=_comment(texts))
        case "tiff":
            image.save(stream, "TIFF", compression="tiff_adobe_deflate")
        case "bmp":
            flatten(eight_bit(image)).save(stream, "BMP")
        case _:
            raise UnknownImageFormat(format, WRITTEN)


def _save_png(image: Image.Image, stream: BinaryIO, **options: object) -> None:
    """Save a PNG as `Image.save` does, without importing Pillow's plugins for other formats."""
    own = _shared(image)
    own.encoderinfo, own.encoderconfig = options, ()
    Image.SAVE["PNG"](own, stream, "")


@contextmanager
def silent() -> Iterator[None]:
    """Suppress Pillow's warnings about damaged files; damage that prevents reading is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _stream(source: Path | bytes, name: str) -> BinaryIO:
    if isinstance(source, bytes):
        if not source:
            raise ImageUnreadable(name, "it is empty")
        return BytesIO(source)
    try:
        data = read_bytes(source, limit=MAX_BYTES)
    except OSError as error:
        raise ImageUnreadable(name, reason_of(error)) from error
    except ForeignData as error:
        raise ImageUnreadable(name, f"it {error}") from error
    return _stream(data, name)


def _open(file: BinaryIO, formats: tuple[str, ...]) -> Image.Image:
    """Open an image file; for a PNG, Pillow's plugins for other formats are not imported, which saves time."""
    is_png = file.read(len(SIGNATURE)) == SIGNATURE
    file.seek(0)
    if not is_png:
        return Image.open(file, formats=formats)
    try:
        return PngImageFile(file)
    except SyntaxError as error:
        raise UnidentifiedImageError(str(error)) from error


def _upright(image: Image.Image) -> Image.Image:
    """Rotate the image by its Exif orientation, if it has one; unreadable Exif is ignored."""
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
        return ImageOps.exif_transpose(image) if turned else image
    except BROKEN:
        return image


def broken_reason(error: BaseException) -> str:
    """Return the reason why a file cannot be decoded, based on the error of Pillow's decoder."""
    text = str(error).lower()
    return "the file is truncated" if "truncated" in text or "premature" in text else "the file is damaged"


def _chunks(texts: Mapping[str, str]) -> PngInfo:
    info = PngInfo()
    for key, text in texts.items():
        data = text.encode("utf-8", "surrogateescape")
        if len(data) < MAX_TEXT:
            # PNG cannot store bytes that are not UTF-8, which occur in some file names.
            info.add_text(key, data.decode("utf-8", "replace"), zip=len(text) > 2000)
    return info


def _comment(texts: Mapping[str, str]) -> Image.Exif:
    exif = Image.Exif()
    if texts.get("parameters"):
        comment = b"UNICODE\0" + texts["parameters"][:MAX_COMMENT].encode("utf-16-be", "replace")
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif
