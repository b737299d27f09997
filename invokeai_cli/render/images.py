"""Images as terminal codes: kitty, iTerm2, sixel or colored half blocks. Pillow is imported when an image is drawn."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from invokeai_cli.environment import Environment

if TYPE_CHECKING:
    from PIL.Image import Image

ImageProtocol = Literal["kitty", "iterm", "sixel", "blocks", "none"]

CHUNK = 4096  # maximum number of base64 bytes in one kitty escape sequence
CELL = 8, 16  # assumed size of a character in pixels; it is small so that an image fits any screen
MAX_PIXELS = 512  # maximum length of the longer side of an image that is sent; larger images are scaled down
BLOCK_COLUMNS, BLOCK_ROWS = 64, 24  # maximum size in half blocks; each row of half blocks shows two rows of pixels
SIXEL_COLORS = 216
SIXEL_TERMS = ("foot", "mlterm", "yaft", "contour", "xterm-sixel")


def choose(environment: Environment, choice: str = "auto", reported: ImageProtocol | None = None) -> ImageProtocol:
    """Return the terminal's image protocol, from environment variables or its own report; "none" without a terminal."""
    if choice == "none" or not environment.is_terminal(environment.stderr):
        return "none"
    if choice in ("kitty", "iterm", "sixel", "blocks"):
        return choice  # type: ignore[return-value]
    found = _detected(environment)
    return reported if reported is not None and found == "blocks" else found


def _detected(environment: Environment) -> ImageProtocol:
    term, program = environment.variable("TERM"), environment.variable("TERM_PROGRAM")
    if term == "dumb" or not environment.has_color(environment.stderr):
        return "none"
    if environment.variable("TMUX") or term.startswith(("screen", "tmux")):
        return "blocks" if environment.has_unicode(environment.stderr) else "none"
    if environment.variable("KITTY_WINDOW_ID") or term in ("xterm-kitty", "xterm-ghostty") or program == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm", "mintty") or environment.variable("LC_TERMINAL") == "iTerm2":
        return "iterm"
    if term.startswith(SIXEL_TERMS):
        return "sixel"
    return "blocks" if environment.has_unicode(environment.stderr) else "none"


def draw(
    image: Image, protocol: ImageProtocol, *, columns: int, rows: int = BLOCK_ROWS, true_color: bool = True
) -> str:
    """Return the terminal codes that show an image, with a newline at the end; "" for the protocol "none"."""
    if protocol == "blocks":
        return blocks(image, columns=columns, rows=rows, true_color=true_color)
    if protocol == "none":
        return ""
    small = _fitted(image, min(columns * CELL[0], MAX_PIXELS), min(rows * CELL[1], MAX_PIXELS))
    if protocol == "sixel":
        return sixel(small)
    data = BytesIO()
    small.save(data, "PNG", compress_level=1)
    return (kitty if protocol == "kitty" else iterm)(data.getvalue())


def kitty(png: bytes) -> str:
    """Return kitty graphics codes that transmit a PNG in chunks and show it."""
    payload = base64.standard_b64encode(png).decode()
    chunks = [payload[i : i + CHUNK] for i in range(0, len(payload), CHUNK)] or [""]
    codes = []
    for index, chunk in enumerate(chunks):
        head = "a=T,f=100,q=2," if index == 0 else ""
        codes.append(f"\x1b_G{head}m={int(index < len(chunks) - 1)};{chunk}\x1b\\")
    return "".join(codes) + "\n"


def iterm(png: bytes) -> str:
    """Return iTerm2's code for an inline image."""
    payload = base64.standard_b64encode(png).decode()
    return f"\x1b]1337;File=inline=1;size={len(png)};preserveAspectRatio=1:{payload}\x07\n"


def blocks(image: Image, *, columns: int, rows: int = BLOCK_ROWS, true_color: bool = True) -> str:
    """Return an image as upper half blocks: the foreground is the upper pixel, the background the lower."""
    small = _fitted(image, max(min(columns - 1, BLOCK_COLUMNS), 1), 2 * min(rows, BLOCK_ROWS))
    width, height = small.size
    data = small.tobytes()
    pixels = [tuple(data[i : i + 3]) for i in range(0, len(data), 3)]
    lines = []
    for top in range(0, height, 2):
        line, before = "", ("", "")
        for x in range(width):
            upper = _color_code(pixels[top * width + x], 38, true_color)
            lower = _color_code(pixels[(top + 1) * width + x], 48, true_color) if top + 1 < height else ""
            line += (upper if upper != before[0] else "") + (lower if lower != before[1] else "") + "▀"
            before = upper, lower
        lines.append(line + "\x1b[0m")
    return "\n".join(lines) + "\n"


def sixel(image: Image) -> str:
    """Return an image as sixels: bands of six rows, each color of a band drawn separately."""
    import PIL.Image

    reduced = image.quantize(SIXEL_COLORS, method=PIL.Image.Quantize.MEDIANCUT, dither=PIL.Image.Dither.FLOYDSTEINBERG)
    width, height = reduced.size
    palette, data = reduced.getpalette() or [], reduced.tobytes()
    out = [f'\x1bPq"1;1;{width};{height}']
    for index in range(len(palette) // 3):
        red, green, blue = (round(value * 100 / 255) for value in palette[index * 3 : index * 3 + 3])
        out.append(f"#{index};2;{red};{green};{blue}")
    for top in range(0, height, 6):
        rows = [data[y * width : (y + 1) * width] for y in range(top, min(top + 6, height))]
        out.append("$".join(_sixel_row(rows, index, width) for index in sorted(set(b"".join(rows)))) + "-")
    return "".join(out) + "\x1b\\\n"


def _sixel_row(rows: list[bytes], index: int, width: int) -> str:
    bits = [0] * width
    for row, line in enumerate(rows):
        at = line.find(index)
        while at >= 0:
            bits[at] |= 1 << row
            at = line.find(index, at + 1)
    text, start = f"#{index}", 0
    for x in range(1, width + 1):
        if x == width or bits[x] != bits[start]:
            run, letter = x - start, chr(63 + bits[start])
            text += f"!{run}{letter}" if run > 3 else letter * run
            start = x
    return text


def _color_code(color: tuple[int, ...], layer: int, true_color: bool) -> str:
    red, green, blue = color
    if true_color:
        return f"\x1b[{layer};2;{red};{green};{blue}m"
    cube = 16 + 36 * round(red * 5 / 255) + 6 * round(green * 5 / 255) + round(blue * 5 / 255)
    return f"\x1b[{layer};5;{cube}m"


def _fitted(image: Image, width: int, height: int) -> Image:
    """Return the image in RGB on black, reduced to fit the width and height."""
    import PIL.Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = PIL.Image.alpha_composite(PIL.Image.new("RGBA", image.size, "black"), image.convert("RGBA"))
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256, "L") if image.mode != "I" else image.convert("L")
    image = image.convert("RGB")
    factor = min(width / image.width, height / image.height, 1)
    size = max(round(image.width * factor), 1), max(round(image.height * factor), 1)
    return image if size == image.size else image.resize(size, PIL.Image.Resampling.BOX)
