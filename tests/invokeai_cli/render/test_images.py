"""Images as escape codes for terminals; small decoders read each protocol back."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image

from invokeai_cli.environment import Environment
from invokeai_cli.render import images


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def world(terminal: bool = True, **variables: str) -> Environment:
    stream = Terminal() if terminal else io.StringIO()
    return Environment(None, None, stream, {"TERM": "xterm-256color", **variables}, "/")


@pytest.mark.parametrize(
    ("variables", "way"),
    [
        ({"KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "mlterm-256color"}, "sixel"),
        ({}, "blocks"),
        ({"TMUX": "1", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({"TERM": "dumb"}, "none"),
        ({"NO_COLOR": "1"}, "none"),
    ],
)
def test_the_image_protocol_is_detected_from_the_environment(variables: dict[str, str], way: str) -> None:
    assert images.choose(world(**variables)) == way


def test_a_requested_protocol_is_used_only_on_a_terminal() -> None:
    assert images.choose(world(), "sixel") == "sixel"
    assert images.choose(world(KITTY_WINDOW_ID="1"), "none") == "none"
    assert images.choose(world(terminal=False), "kitty") == "none"


def picture(width: int = 8, height: int = 6) -> Image.Image:
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (0, height // 2, width, height))
    return image


def test_kitty_is_sent_a_png_in_chunks() -> None:
    image = Image.effect_noise((300, 300), 90).convert("RGB")
    codes = images.draw(image, "kitty", columns=80)
    parts = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", codes)
    assert all(len(data) <= 4096 for _, data in parts)
    assert [head.rpartition("m=")[2] for head, _ in parts] == ["1"] * (len(parts) - 1) + ["0"]
    assert parts[0][0].startswith("a=T,f=100,q=2,")
    shown = Image.open(io.BytesIO(base64.b64decode("".join(data for _, data in parts))), formats=["PNG"])
    assert shown.convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize(
    ("columns", "rows", "size"), [(80, 24, (384, 384)), (40, 24, (320, 320)), (80, 10, (160, 160))]
)
def test_an_image_fits_a_terminal_with_small_characters(columns: int, rows: int, size: tuple[int, int]) -> None:
    codes = images.draw(picture(1000, 1000), "sixel", columns=columns, rows=rows)
    assert codes.startswith(f'\x1bPq"1;1;{size[0]};{size[1]}#')


def test_iterm_is_sent_a_png_with_its_size() -> None:
    codes = images.draw(picture(), "iterm", columns=80)
    found = re.fullmatch(r"\x1b\]1337;File=inline=1;size=(\d+);preserveAspectRatio=1:(.*)\x07\n", codes)
    assert found is not None
    data = base64.b64decode(found[2])
    assert len(data) == int(found[1])
    assert Image.open(io.BytesIO(data), formats=["PNG"]).size == (8, 6)


def test_a_half_block_shows_two_rows_of_pixels() -> None:
    codes = images.draw(picture(2, 4), "blocks", columns=80)
    red, blue = "255;0;0", "0;0;255"
    rows = codes.splitlines()
    assert rows[0] == f"\x1b[38;2;{red}m\x1b[48;2;{red}m▀▀\x1b[0m"
    assert rows[1] == f"\x1b[38;2;{blue}m\x1b[48;2;{blue}m▀▀\x1b[0m"


@pytest.mark.parametrize(("columns", "width"), [(40, 39), (100, 64)])
def test_half_blocks_fit_the_width_of_the_terminal_and_use_only_its_colors(columns: int, width: int) -> None:
    codes = images.draw(picture(500, 100), "blocks", columns=columns, true_color=False)
    assert {row.count("▀") for row in codes.splitlines()} == {width}
    assert "38;2" not in codes
    assert "\x1b[38;5;196m" in codes


def test_sixels_draw_every_pixel() -> None:
    image = picture(10, 13)
    codes = images.sixel(image)
    head, _, body = codes.removesuffix("\x1b\\\n").partition('"1;1;10;13')
    assert head == "\x1bPq"
    assert read_sixels(body, 10, 13) == list(zip(*[iter(image.tobytes())] * 3, strict=True))


def read_sixels(body: str, width: int, height: int) -> list[tuple[int, ...]]:
    colors: dict[int, tuple[int, ...]] = {}
    pixels: dict[tuple[int, int], tuple[int, ...]] = {}
    color, x, top = 0, 0, 0
    for token in re.findall(r"#\d+(?:;\d+)*|!\d+.|[?-~$-]", body):
        if token[0] == "#":
            color, *rest = map(int, token[1:].split(";"))
            if rest:
                colors[color] = tuple(round(value * 255 / 100) for value in rest[1:])
        elif token == "$":
            x = 0
        elif token == "-":
            x, top = 0, top + 6
        else:
            count = int(token[1:-1]) if token[0] == "!" else 1
            bits = ord(token[-1]) - 63
            for at in range(x, x + count):
                pixels.update({(at, top + row): colors[color] for row in range(6) if bits >> row & 1})
            x += count
    return [pixels[x, y] for y in range(height) for x in range(width)]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16", "CMYK"])
@pytest.mark.parametrize("way", ["kitty", "iterm", "sixel", "blocks"])
def test_every_image_mode_can_be_shown(mode: str, way: images.ImageProtocol) -> None:
    assert images.draw(Image.new(mode, (3, 5)), way, columns=80)
