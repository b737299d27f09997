"""Draw captioned images from a seed; `python -m training.draw` writes a contact sheet."""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from training.draw_plain import Plain, caption_plain, paint_plain, plan_plain
from training.draw_scenery import paint_scene
from training.draw_scenes import Scene, caption_scene, plan_scene
from training.draw_style import STYLES, styled
from training.draw_words import framed


@dataclass(frozen=True)
class Drawing:
    """One training example: the image, its caption, and the plan that both were made from."""

    image: Image.Image
    caption: str
    plan: Plain | Scene


def drawing(seed: int, index: int, width: int, height: int, styles: float = 0.0) -> Drawing:
    """Draw image number `index` for a given seed; `styles` is the fraction of images drawn in a particular style."""
    rng = random.Random(f"{seed}/{index}")
    plan: Plain | Scene
    if rng.random() < 0.58:
        plan = plan_plain(rng)
        caption, image = caption_plain(plan, rng), paint_plain(plan, rng, width, height)
    else:
        plan = plan_scene(rng)
        caption, image = caption_scene(plan, rng), paint_scene(plan, rng, width, height)
    if rng.random() < styles:
        style = rng.choice(list(STYLES))
        return Drawing(styled(image, style, rng), f"{caption}, {rng.choice(STYLES[style])}", plan)
    return Drawing(image, framed(caption, rng), plan)


def sheet(images: list[tuple[Image.Image, str]], columns: int, zoom: int = 2) -> Image.Image:
    """Lay out images and their captions in a grid."""
    wide = max(image.width for image, _ in images) * zoom + 8
    high = max(image.height for image, _ in images) * zoom + 32
    rows = -(-len(images) // columns)
    page = Image.new("RGB", (columns * wide, rows * high), "white")
    pen = ImageDraw.Draw(page)
    for index, (image, words) in enumerate(images):
        x, y = index % columns * wide, index // columns * high
        page.paste(image.resize((image.width * zoom, image.height * zoom), Image.Resampling.BICUBIC), (x, y))
        letters = (wide - 8) // 6
        for row in range(2):
            pen.text((x, y + high - 31 + 13 * row), words[row * letters : (row + 1) * letters], fill="black")
    return page


def main() -> None:
    """Write a contact sheet of drawings."""
    parser = argparse.ArgumentParser(prog="python -m training.draw", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--height", type=int, default=96)
    parser.add_argument("--styles", type=float, default=0.0, help="fraction of images drawn in a particular style")
    parser.add_argument("--out", type=Path, default=Path("training/runs/drawings.png"))
    args = parser.parse_args()
    drawn = [drawing(args.seed, i, args.width, args.height, args.styles) for i in range(args.count)]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    sheet([(drawing.image, drawing.caption) for drawing in drawn], columns=8).save(args.out)
    print(f"{args.count} drawings written to {args.out}")


if __name__ == "__main__":
    main()
