"""Measure how well images follow their prompts: `python -m training.evaluate`."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from training.classify import Facts, Seen, look, stacks
from training.draw import sheet
from training.draw_pen import COLORS
from training.draw_plain import RELATIONS, Plain, caption_plain, paint_plain
from training.draw_scenery import paint_scene
from training.draw_scenes import Scene, caption_scene
from training.draw_shapes import SHAPES
from training.draw_words import HELD_BACKGROUNDS, HELD_ROOFS, HELD_SHAPES, PLACES, may_stand_on, shape_and_color
from training.export import TARGET
from training.learn import exact_attention, pick_device
from training.prompts import SHEET
from training.sample import generate, load

COLUMNS = ("background", "color", "count", "shape", "position", "all")
Scores = dict[str, bool]
Maker = Callable[[random.Random], Plain | Scene]


@dataclass(frozen=True)
class Group:
    """A group of prompts and how its plans are chosen. The name is part of the random seed: do not reword it."""

    name: str
    plan: Maker


def _around(rng: random.Random, color: str, shape: str, background: str) -> Plain:
    """Place a colored shape in one of the four kinds of plain image."""
    kind = rng.choice(("single", "place", "count", "pair"))
    if kind == "count":
        return Plain((shape,), (color,), background, count=rng.choice((2, 3, 4)))
    if kind == "place":
        return Plain((shape,), (color,), background, size=rng.choice(("", "small")), place=rng.choice(list(PLACES)))
    if kind == "single":
        return Plain((shape,), (color,), background, size=rng.choice(("", "large")))
    other = shape_and_color(rng, background)
    while other[0] == shape or other[1] == color:
        other = shape_and_color(rng, background)
    pair = [(shape, color), other]
    rng.shuffle(pair)
    relation = rng.choice([name for name in RELATIONS if name != "and"])
    return Plain((pair[0][0], pair[1][0]), (pair[0][1], pair[1][1]), background, relation=relation)


def trained(rng: random.Random) -> Plain:
    """Choose a plan from the training grammar."""
    background = rng.choice(list(COLORS))
    shape, color = shape_and_color(rng, background)
    return _around(rng, color, shape, background)


def held_shape(rng: random.Random) -> Plain:
    """Choose a plan with a color and shape that never occur together in training."""
    color, shape = rng.choice(sorted(HELD_SHAPES))
    background = rng.choice([name for name in COLORS if may_stand_on(color, name)])
    return _around(rng, color, shape, background)


def held_background(rng: random.Random) -> Plain:
    """Choose a plan with a color and background that never occur together in training."""
    color, background = rng.choice(sorted(HELD_BACKGROUNDS))
    shape = rng.choice([name for name in SHAPES if (color, name) not in HELD_SHAPES])
    return _around(rng, color, shape, background)


def held_roof(rng: random.Random) -> Scene:
    """Choose a house with wall and roof colors that never occur together in training."""
    wall, roof = rng.choice(sorted(HELD_ROOFS))
    return Scene(kind="house", color=wall, second=roof, where="field", time="day")


GROUPS = (
    Group("training grammar", trained),
    Group("held-out colour+shape", held_shape),
    Group("held-out colour+background", held_background),
    Group("held-out wall+roof", held_roof),
)


def score(plan: Plain | Scene, image: Image.Image) -> Scores:
    """Compare an image with its plan; only properties that the plan specifies are scored."""
    if isinstance(plan, Scene):
        right = (plan.color, plan.second) in stacks(image)
        return {"color": right, "all": right}
    return compare(plan, look(image))


def compare(plan: Plain, facts: Facts) -> Scores:
    """Compare recognized facts with a plan."""
    seen, pair = facts.objects, len(plan.kinds) == 2
    scores = {
        "background": facts.background == plan.background,
        "color": sorted({object_.color for object_ in seen}) == sorted(set(plan.colors)),
        "count": len(seen) == (2 if pair else plan.count),
    }
    if pair:
        shapes = dict(zip(plan.colors, plan.kinds, strict=True))
        scores["shape"] = bool(seen) and all(shapes.get(object_.color) == object_.shape for object_ in seen)
        scores["position"] = _related(plan, seen)
    else:
        scores["shape"] = bool(seen) and all(object_.shape == plan.kinds[0] for object_ in seen)
        if plan.place:
            scores["position"] = bool(seen) and _placed(plan.place, max(seen, key=lambda object_: object_.area))
    return scores | {"all": all(scores.values())}


def _related(plan: Plain, seen: tuple[Seen, ...]) -> bool:
    found = {object_.color: object_ for object_ in seen}
    if not set(plan.colors) <= set(found):
        return False
    first, second = (found[color] for color in plan.colors)
    dx, dy = RELATIONS[plan.relation]
    along = (first.x - second.x) * dx + (first.y - second.y) * dy
    across = abs((first.x - second.x) * dy) + abs((first.y - second.y) * dx)
    return along > 0.12 and along > across


def _placed(place: str, object_: Seen) -> bool:
    def fits(asked: float, value: float) -> bool:
        return value < 0.42 if asked == 0 else value > 0.58 if asked == 1 else 0.34 < value < 0.66

    x, y = PLACES[place]
    return fits(x, object_.x) and fits(y, object_.y)


def table(results: dict[str, list[Scores]]) -> str:
    """Format the fractions of correct answers as a Markdown table."""
    lines = ["| group | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, scores in results.items():
        cells = []
        for column in COLUMNS:
            answers = [score[column] for score in scores if column in score]
            cells.append(f"{sum(answers) / len(answers):.2f}" if answers else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plans(group: Group, count: int, seed: int) -> list[tuple[Plain | Scene, str]]:
    """Choose the drawings of an evaluation group, each with a caption without extra phrases before or after it."""
    chosen = []
    for index in range(count):
        rng = random.Random(f"evaluate/{group.name}/{seed}/{index}")
        plan = group.plan(rng)
        chosen.append((plan, caption_scene(plan, rng) if isinstance(plan, Scene) else caption_plain(plan, rng)))
    return chosen


def validate(count: int, size: tuple[int, int], seed: int) -> dict[str, list[Scores]]:
    """Score our own drawings against their plans, then against plans that differ in one word."""
    results: dict[str, list[Scores]] = {}
    for group in GROUPS:
        right, wrong = results.setdefault(f"drawn: {group.name}", []), results.setdefault(f"wrong: {group.name}", [])
        for index, (plan, _) in enumerate(plans(group, count, seed)):
            rng = random.Random(f"validate/{index}")
            image = paint_scene(plan, rng, *size) if isinstance(plan, Scene) else paint_plain(plan, rng, *size)
            right.append(score(plan, image))
            wrong.append(score(_spoiled(plan, rng), image))
    return results


def _spoiled(plan: Plain | Scene, rng: random.Random) -> Plain | Scene:
    """Change one word of a plan, so that its drawing no longer matches."""
    from dataclasses import replace

    another = rng.choice([name for name in COLORS if name not in (*_colors(plan), getattr(plan, "background", ""))])
    if isinstance(plan, Scene):
        return replace(plan, second=another)
    fate = rng.choice(("color", "shape", "background", "count" if len(plan.kinds) == 1 else "position"))
    if fate == "color":
        return replace(plan, colors=(another, *plan.colors[1:]))
    if fate == "background":
        return replace(plan, background=another)
    if fate == "count":
        return replace(plan, count=plan.count % 4 + 1)
    if fate == "position":
        return replace(plan, kinds=plan.kinds[::-1], colors=plan.colors[::-1])
    return replace(plan, kinds=(rng.choice([name for name in SHAPES if name not in plan.kinds]), *plan.kinds[1:]))


def _colors(plan: Plain | Scene) -> tuple[str, ...]:
    return plan.colors if isinstance(plan, Plain) else (plan.color, plan.second)


def main() -> None:
    """Validate the classifier on drawings, then score the model's images."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--prompts", type=int, default=200, help="number of prompts in each group")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--height", type=int, default=96)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only-drawings", action="store_true", help="validate the classifier and stop")
    parser.add_argument("--only-sheet", action="store_true", help="write the sheet of fixed prompts and stop")
    parser.add_argument("--sheet", type=Path, default=Path("training/runs/sheet.png"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    size = (args.width, args.height)
    if not args.only_sheet:
        print(table(validate(args.prompts, size, args.seed)), flush=True)
    if args.only_drawings:
        return
    device = pick_device()
    exact_attention(device)
    model = load(str(args.model), device)
    options = {"size": size, "steps": args.steps, "guidance": args.guidance}
    images = generate(model, SHEET, list(range(len(SHEET))), **options)
    args.sheet.parent.mkdir(parents=True, exist_ok=True)
    sheet(list(zip(images, SHEET, strict=True)), columns=8).quantize(255).save(args.sheet, optimize=True)
    print(f"sheet of prompts written to {args.sheet}", flush=True)
    results: dict[str, list[Scores]] = {}
    for group in () if args.only_sheet else GROUPS:
        chosen = plans(group, args.prompts, args.seed)
        made = generate(
            model, [words for _, words in chosen], [args.seed * 1000 + i for i in range(len(chosen))], **options
        )
        results[group.name] = [score(plan, image) for (plan, _), image in zip(chosen, made, strict=True)]
        pages = [(image, words) for (_, words), image in zip(chosen, made, strict=True)]
        sheet(pages[:64], columns=8).save(args.sheet.with_name(f"group_{group.name.replace(' ', '_')}.png"))
        print(table({group.name: results[group.name]}), flush=True)
    if results:
        print(table(results))


if __name__ == "__main__":
    main()
