"""Measure how well pictures follow their prompts: `python -m training.evaluate`."""

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
from training.draw_pen import COLOURS
from training.draw_plain import RELATIONS, Plain, caption_plain, paint_plain
from training.draw_scenery import paint_scene
from training.draw_scenes import Scene, caption_scene
from training.draw_shapes import SHAPES
from training.draw_words import HELD_BACKGROUNDS, HELD_ROOFS, HELD_SHAPES, PLACES, may_stand_on, shape_and_colour
from training.export import TARGET
from training.learn import exact_attention, pick_device
from training.prompts import SHEET
from training.sample import generate, load

COLUMNS = ("background", "colour", "count", "shape", "position", "all")
Scores = dict[str, bool]
Maker = Callable[[random.Random], Plain | Scene]


@dataclass(frozen=True)
class Group:
    """A kind of prompts: how a plan is chosen."""

    name: str
    plan: Maker


def _around(rng: random.Random, colour: str, shape: str, background: str) -> Plain:
    """Put one shape of a colour into one of the four kinds of plain pictures."""
    kind = rng.choice(("single", "place", "count", "pair"))
    if kind == "count":
        return Plain((shape,), (colour,), background, count=rng.choice((2, 3, 4)))
    if kind == "place":
        return Plain((shape,), (colour,), background, size=rng.choice(("", "small")), place=rng.choice(list(PLACES)))
    if kind == "single":
        return Plain((shape,), (colour,), background, size=rng.choice(("", "large")))
    other = shape_and_colour(rng, background)
    while other[0] == shape or other[1] == colour:
        other = shape_and_colour(rng, background)
    pair = [(shape, colour), other]
    rng.shuffle(pair)
    relation = rng.choice([name for name in RELATIONS if name != "and"])
    return Plain((pair[0][0], pair[1][0]), (pair[0][1], pair[1][1]), background, relation=relation)


def trained(rng: random.Random) -> Plain:
    """Choose a prompt of the training grammar."""
    background = rng.choice(list(COLOURS))
    shape, colour = shape_and_colour(rng, background)
    return _around(rng, colour, shape, background)


def held_shape(rng: random.Random) -> Plain:
    """Choose a prompt with a colour and a shape that training never joined."""
    colour, shape = rng.choice(sorted(HELD_SHAPES))
    background = rng.choice([name for name in COLOURS if may_stand_on(colour, name)])
    return _around(rng, colour, shape, background)


def held_background(rng: random.Random) -> Plain:
    """Choose a prompt with a colour on a background that training never joined."""
    colour, background = rng.choice(sorted(HELD_BACKGROUNDS))
    shape = rng.choice([name for name in SHAPES if (colour, name) not in HELD_SHAPES])
    return _around(rng, colour, shape, background)


def held_roof(rng: random.Random) -> Scene:
    """Choose a house whose wall and roof training never joined."""
    wall, roof = rng.choice(sorted(HELD_ROOFS))
    return Scene(kind="house", colour=wall, second=roof, where="field", time="day")


GROUPS = (
    Group("training grammar", trained),
    Group("held-out colour+shape", held_shape),
    Group("held-out colour+background", held_background),
    Group("held-out wall+roof", held_roof),
)


def score(plan: Plain | Scene, image: Image.Image) -> Scores:
    """Compare what is seen in a picture with what was asked; only what was asked is in the answer."""
    if isinstance(plan, Scene):
        right = (plan.colour, plan.second) in stacks(image)
        return {"colour": right, "all": right}
    return compare(plan, look(image))


def compare(plan: Plain, facts: Facts) -> Scores:
    """Compare facts with a plan."""
    seen, pair = facts.objects, len(plan.kinds) == 2
    scores = {
        "background": facts.background == plan.background,
        "colour": sorted({one.colour for one in seen}) == sorted(set(plan.colours)),
        "count": len(seen) == (2 if pair else plan.count),
    }
    if pair:
        shapes = dict(zip(plan.colours, plan.kinds, strict=True))
        scores["shape"] = bool(seen) and all(shapes.get(one.colour) == one.shape for one in seen)
        scores["position"] = _related(plan, seen)
    else:
        scores["shape"] = bool(seen) and all(one.shape == plan.kinds[0] for one in seen)
        if plan.place:
            scores["position"] = bool(seen) and _placed(plan.place, max(seen, key=lambda one: one.area))
    return scores | {"all": all(scores.values())}


def _related(plan: Plain, seen: tuple[Seen, ...]) -> bool:
    found = {one.colour: one for one in seen}
    if not set(plan.colours) <= set(found):
        return False
    first, second = (found[colour] for colour in plan.colours)
    dx, dy = RELATIONS[plan.relation]
    along = (first.x - second.x) * dx + (first.y - second.y) * dy
    across = abs((first.x - second.x) * dy) + abs((first.y - second.y) * dx)
    return along > 0.12 and along > across


def _placed(place: str, one: Seen) -> bool:
    def fits(asked: float, value: float) -> bool:
        return value < 0.42 if asked == 0 else value > 0.58 if asked == 1 else 0.34 < value < 0.66

    x, y = PLACES[place]
    return fits(x, one.x) and fits(y, one.y)


def table(results: dict[str, list[Scores]]) -> str:
    """Lay the shares of right answers out as a Markdown table."""
    lines = ["| group | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, scores in results.items():
        cells = []
        for column in COLUMNS:
            answers = [one[column] for one in scores if column in one]
            cells.append(f"{sum(answers) / len(answers):.2f}" if answers else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plans(group: Group, count: int, seed: int) -> list[tuple[Plain | Scene, str]]:
    """Choose the plans of a group with a caption each, without words around it."""
    chosen = []
    for index in range(count):
        rng = random.Random(f"evaluate/{group.name}/{seed}/{index}")
        plan = group.plan(rng)
        chosen.append((plan, caption_scene(plan, rng) if isinstance(plan, Scene) else caption_plain(plan, rng)))
    return chosen


def validate(count: int, size: tuple[int, int], seed: int) -> dict[str, list[Scores]]:
    """Score our own drawings, then the same drawings against plans that differ in one word."""
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
    """Change one word of a plan, so that its drawing becomes a wrong one."""
    from dataclasses import replace

    another = rng.choice([name for name in COLOURS if name not in (*_colours(plan), getattr(plan, "background", ""))])
    if isinstance(plan, Scene):
        return replace(plan, second=another)
    fate = rng.choice(("colour", "shape", "background", "count" if len(plan.kinds) == 1 else "position"))
    if fate == "colour":
        return replace(plan, colours=(another, *plan.colours[1:]))
    if fate == "background":
        return replace(plan, background=another)
    if fate == "count":
        return replace(plan, count=plan.count % 4 + 1)
    if fate == "position":
        return replace(plan, kinds=plan.kinds[::-1], colours=plan.colours[::-1])
    return replace(plan, kinds=(rng.choice([name for name in SHAPES if name not in plan.kinds]), *plan.kinds[1:]))


def _colours(plan: Plain | Scene) -> tuple[str, ...]:
    return plan.colours if isinstance(plan, Plain) else (plan.colour, plan.second)


def main() -> None:
    """Validate the classifier on drawings, then score the model's pictures."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--prompts", type=int, default=200, help="prompts in each group")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--height", type=int, default=96)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only-drawings", action="store_true", help="validate the classifier and stop")
    parser.add_argument("--only-sheet", action="store_true", help="write the sheet of fixed prompts and stop")
    parser.add_argument("--sheet", type=Path, default=Path("training/runs/sheet.png"))
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    size = (asked.width, asked.height)
    if not asked.only_sheet:
        print(table(validate(asked.prompts, size, asked.seed)), flush=True)
    if asked.only_drawings:
        return
    device = pick_device()
    exact_attention(device)
    model = load(str(asked.model), device)
    options = {"size": size, "steps": asked.steps, "guidance": asked.guidance}
    pictures = generate(model, SHEET, list(range(len(SHEET))), **options)
    asked.sheet.parent.mkdir(parents=True, exist_ok=True)
    sheet(list(zip(pictures, SHEET, strict=True)), columns=8).quantize(255).save(asked.sheet, optimize=True)
    print(f"sheet in {asked.sheet}", flush=True)
    results: dict[str, list[Scores]] = {}
    for group in () if asked.only_sheet else GROUPS:
        chosen = plans(group, asked.prompts, asked.seed)
        made = generate(
            model, [words for _, words in chosen], [asked.seed * 1000 + i for i in range(len(chosen))], **options
        )
        results[group.name] = [score(plan, image) for (plan, _), image in zip(chosen, made, strict=True)]
        pages = [(image, words) for (_, words), image in zip(chosen, made, strict=True)]
        sheet(pages[:64], columns=8).save(asked.sheet.with_name(f"group_{group.name.replace(' ', '_')}.png"))
        print(table({group.name: results[group.name]}), flush=True)
    if results:
        print(table(results))


if __name__ == "__main__":
    main()
