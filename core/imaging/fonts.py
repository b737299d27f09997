"""The fonts for labels: Pillow's own, or an installed one if a label has characters that Pillow's font lacks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
OWN = ""  # stands for Pillow's own font, which covers little more than ASCII
INSTALLED = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "arial.ttf", "Arial.ttf",
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf",
    "PingFang.ttc", "Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "Arial Unicode.ttf",
    "msyh.ttc", "YuGothM.ttc", "malgun.ttf", "seguisym.ttf",
)  # fmt: skip  # file names of fonts on Linux, macOS and Windows
SMALLEST, LARGEST = 10, 24
NOWHERE = "\U0010fffe"  # a character that no font has
SIMPLE = {"Pd": "-", "Pi": "'", "Pf": "'"}  # replacements for dashes and quotation marks, by Unicode category
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")  # Unicode categories of characters that are not drawn


def size_for(width: int, *, largest: int = LARGEST) -> int:
    """Return the font size for the labels of images that are `width` pixels wide."""
    return max(SMALLEST, min(largest, width // 14))


def font_of(size: int, texts: Iterable[str] = ()) -> Font:
    """Return a font for the given labels: the one that has the most of their characters."""
    found = _loaded(_best(_unusual(texts)), size)
    assert found is not None
    return found


def drawable(text: str, lacking: str = "") -> str:
    """Return a text without characters that have no shape, such as marks for the writing direction.

    lacking: characters that the font lacks; each is replaced by a simpler form if it has one, such as `e` for `é`
    """
    kept = (each for each in text if each.isspace() or unicodedata.category(each) not in INVISIBLE)
    return "".join(_simpler(each) if each in lacking else each for each in kept)


def _simpler(character: str) -> str:
    """Return the ASCII form of a character, or the character itself if it has none."""
    apart = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return apart or SIMPLE.get(unicodedata.category(character), character)


def missing(texts: Iterable[str]) -> str:
    """Return the characters in the given labels that their font lacks."""
    wanted = _unusual(texts)
    return "".join(each for each in wanted if not _has(_best(wanted), each))


def undrawable(texts: Iterable[str]) -> str:
    """Return the characters in the given labels that their font lacks and that have no simpler form."""
    return "".join(each for each in missing(texts) if _simpler(each) == each)


def _unusual(texts: Iterable[str]) -> str:
    """Return the characters beyond ASCII, which not every font has, without duplicates."""
    found = dict.fromkeys(each for text in texts if not text.isascii() for each in drawable(text))
    return "".join(each for each in found if not each.isascii() and not each.isspace())


@lru_cache(64)
def _best(characters: str) -> str:
    """Return the name of the font that has the most of these characters; the first one if several do."""
    best, most = OWN, -1
    for name in (OWN, *INSTALLED) if characters else ():
        count = sum(_has(name, each) for each in characters) if _loaded(name, SMALLEST) is not None else -1
        if count > most:
            best, most = name, count
        if count == len(characters):
            break
    return best


@cache
def _has(name: str, character: str) -> bool:
    """Whether a font has a glyph for a character."""
    font = _loaded(name, LARGEST)
    assert font is not None
    return _shape(font, character) != _shape(font, NOWHERE)


def _shape(font: Font, character: str) -> tuple[object, bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


@cache
def _loaded(name: str, size: int) -> Font | None:
    """Return a font, or None if it is not installed."""
    if name == OWN:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None
