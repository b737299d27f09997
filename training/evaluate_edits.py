"""Evaluate img2img and inpainting on drawings by comparing pixels: `python -m training.evaluate_edits`."""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from training.addition import frozen
from training.classify import Facts, look
from training.draw import sheet
from training.draw_pen import COLORS
from training.draw_plain import Plain, caption_plain, paint_plain
from training.draw_words import HELD_SHAPES, may_stand_on, shape_and_color
from training.export import TARGET
from training.learn import RUNS, pick_device
from training.parts import GUIDANCE, STEPS, new_scheduler
from training.sample import Model, decoded, denoise, noise_of
from training.vae import to_tensor

SIZE = (96, 96)
MOVED = 0.12  # an object has moved if its center shifts by more than this fraction of the image size
BATCH = 16


@dataclass(frozen=True)
class Task:
    """An editing task: a drawing, the prompt for the edit, and a mask that is white where the drawing may change."""

    plan: Plain
    drawn: Image.Image
    words: str
    mask: Image.Image | None


def recoloring(index: int, seed: int) -> Task:
    """Draw one shape anywhere; the prompt asks for another color without naming a place."""
    rng = random.Random(f"img2img/{seed}/{index}")
    background = rng.choice(list(COLORS))
    shape, color = shape_and_color(rng, background)
    plan = Plain((shape,), (color,), background)
    others = [name for name in COLORS if name != color and may_stand_on(name, background)]
    wanted = replace(plan, colors=(rng.choice([name for name in others if (name, shape) not in HELD_SHAPES]),))
    return Task(wanted, paint_plain(plan, rng, *SIZE), caption_plain(wanted, rng), None)


def filling(index: int, seed: int) -> Task:
    """Mask part of an image for inpainting; in half of the tasks the mask covers an existing shape."""
    rng = random.Random(f"inpaint/{seed}/{index}")
    background = rng.choice(list(COLORS))
    shape, color = shape_and_color(rng, background)
    side = rng.choice((44, 52, 60))
    x, y = (rng.randint(0, (SIZE[axis] - side) // 4) * 4 for axis in (0, 1))
    mask = Image.new("L", SIZE, 0)
    ImageDraw.Draw(mask).rectangle((x, y, x + side - 1, y + side - 1), fill=255)
    base = Image.new("RGB", SIZE, COLORS[background])
    if index % 2:
        inside = paint_plain(Plain((shape,), (color,), background, size="small"), rng, side, side)
        base = Image.new("RGB", SIZE, inside.getpixel((0, 0)))
        base.paste(inside, (x, y))
    wanted = shape_and_color(rng, background)
    while wanted[0] == shape or wanted[1] == color:
        wanted = shape_and_color(rng, background)
    plan = Plain((wanted[0],), (wanted[1],), background)
    return Task(plan, base, caption_plain(plan, rng), mask)


@torch.no_grad()
def edited(model: Model, tasks: list[Task], seeds: list[int], strength: float) -> list[Image.Image]:
    """Run img2img, or inpainting with the original pasted back outside the mask, like `i2i` and `inpaint`.

    strength: the denoising strength, 0 to 1."""
    torch.manual_seed(seeds[0])
    made: list[Image.Image] = []
    for first in range(0, len(tasks), BATCH):
        some, numbers = tasks[first : first + BATCH], seeds[first : first + BATCH]
        scheduler = new_scheduler()
        scheduler.set_timesteps(STEPS, device=model.device)
        begin = STEPS - min(int(STEPS * strength), STEPS)
        pixels = to_tensor([task.drawn for task in some]).to(model.device)
        clean = model.vae.encode(pixels).latent_dist.mode() * model.vae.config.scaling_factor
        noise = noise_of(numbers, SIZE).to(model.device)
        times = scheduler.timesteps
        start = noise if begin == 0 else scheduler.add_noise(clean, noise, times[begin : begin + 1])
        after = _keeper(some, clean, noise, scheduler) if some[0].mask else None
        eta = 1.0 if after else 0.0
        latents = denoise(model, scheduler, start, [task.words for task in some], GUIDANCE, None, after, begin, eta)
        for task, image in zip(some, decoded(model, latents), strict=True):
            made.append(Image.composite(image, task.drawn, task.mask) if task.mask else image)
    return made


def _keeper(tasks: list[Task], clean: torch.Tensor, noise: torch.Tensor, scheduler):  # type: ignore[no-untyped-def]
    small = [np.asarray((task.mask or task.drawn).resize((24, 24), Image.Resampling.NEAREST)) for task in tasks]
    free = (torch.from_numpy(np.stack(small)).float() / 255)[:, None].to(clean)

    def after(latents: torch.Tensor, number: int) -> torch.Tensor:
        later = scheduler.timesteps[number + 1 : number + 2]
        known = scheduler.add_noise(clean, noise, later) if len(later) else clean
        return free * latents + (1 - free) * known

    return after


def keeps_place(task: Task, made: Facts, drawn: Facts) -> bool:
    """Return True if the image's only object is where it was in the drawing."""
    if len(made.objects) != 1 or len(drawn.objects) != 1:
        return False
    mine, theirs = made.objects[0], drawn.objects[0]
    return abs(mine.x - theirs.x) <= MOVED and abs(mine.y - theirs.y) <= MOVED


def has_asked(task: Task, image: Image.Image, with_shape: bool = True) -> bool:
    """Return True if the requested color and shape are found inside the mask, or anywhere if there is no mask."""
    box = task.mask.getbbox() if task.mask else None
    facts = look(image)
    for object_ in facts.objects:
        inside = box is None or (box[0] <= object_.x * SIZE[0] < box[2] and box[1] <= object_.y * SIZE[1] < box[3])
        if inside and object_.color == task.plan.colors[0] and (not with_shape or object_.shape == task.plan.kinds[0]):
            return True
    return False


def outside_changed(task: Task, image: Image.Image) -> int:
    """Return the number of channel values outside the mask that differ from the drawing."""
    keep = np.asarray(task.mask) == 0
    return int((np.asarray(image)[keep] != np.asarray(task.drawn)[keep]).sum())


def share(answers: list[bool]) -> str:
    """Format the fraction of true answers."""
    return f"{sum(answers) / len(answers):.2f}"


def main() -> None:
    """Score the drawings themselves, then img2img, then inpainting."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate_edits", description=__doc__)
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--strength", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = frozen(args.model, pick_device())
    seeds = [args.seed * 1000 + index for index in range(args.prompts)]
    tasks = [recoloring(index, args.seed) for index in range(args.prompts)]
    drawn = [look(task.drawn) for task in tasks]
    other = [drawn[(index + 1) % len(drawn)] for index in range(len(drawn))]
    kept = [keeps_place(task, facts, facts) for task, facts in zip(tasks, drawn, strict=True)]
    lost = [keeps_place(task, facts, changed) for task, facts, changed in zip(tasks, drawn, other, strict=True)]
    print(f"position kept: same drawing {share(kept)}, different drawing {share(lost)}", flush=True)
    made = edited(model, tasks, seeds, args.strength)
    kept = [keeps_place(task, look(image), facts) for task, image, facts in zip(tasks, made, drawn, strict=True)]
    right = [has_asked(task, image, with_shape=False) for task, image in zip(tasks, made, strict=True)]
    both = [in_place and recolored for in_place, recolored in zip(kept, right, strict=True)]
    print(
        f"img2img at strength {args.strength}: position kept {share(kept)}, color {share(right)}, both {share(both)}",
        flush=True,
    )
    _page(tasks, made, "edits_img2img")
    tasks = [filling(index, args.seed) for index in range(args.prompts)]
    print(
        f"before inpainting: requested shape found in mask {share([has_asked(task, task.drawn) for task in tasks])}",
        flush=True,
    )
    made = edited(model, tasks, seeds, 1.0)
    right = [has_asked(task, image) for task, image in zip(tasks, made, strict=True)]
    color = [has_asked(task, image, with_shape=False) for task, image in zip(tasks, made, strict=True)]
    changed = sum(outside_changed(task, image) for task, image in zip(tasks, made, strict=True))
    print(f"after inpainting: requested shape found in mask {share(right)}, requested color {share(color)}")
    print(f"after inpainting: values changed outside the mask: {changed}", flush=True)
    _page(tasks, made, "edits_inpaint")


def _page(tasks: list[Task], made: list[Image.Image], name: str) -> None:
    pairs = [(image, words) for task, result in zip(tasks[:32], made, strict=False)
             for image, words in ((task.drawn, "from"), (result, task.words))]  # fmt: skip
    sheet(pairs, columns=8).save(RUNS / f"{name}.png")


if __name__ == "__main__":
    main()
