"""Random lines that can be expressed as ComfyUI graphs."""

from __future__ import annotations

from random import Random
from typing import Any

from invocations.catalog.registry import open_registry
from invocations.language.parser import parse
from invocations.language.printer import print_tree
from invocations.language.source import Source
from invocations.language.tree import Option, Positional, Stage, Word
from workflows.importers.graph_stages import part
from workflows.importers.parameters import Imported, ImportedStep
from workflows.importers.to_pipeline import to_pipeline

REGISTRY = open_registry()
MODELS = ("default", "dreamshaper_8")
TEXTS = ("a fox", "in snow", "(red)1.3 sky", "an old-fashioned photo", "a (blue house)0.8", "cinema", "5 cats")
SCHEDULERS = ("euler", "euler_a", "dpmpp_2m_k", "dpmpp_2m_sde_k", "dpmpp_3m_sde", "dpmpp_sde_k", "heun", "lms_k",
              "ddim", "unipc")  # fmt: skip
METHODS = ("nearest", "bilinear", "box", "bicubic")
POSITIONS = {
    "t2i": ("prompt",), "i2i": ("prompt",), "load": ("source",), "upscale": ("scale",), "resize": ("width", "height"),
    "scale": ("factor",), "blur": ("radius",), "crop": ("width", "height"), "flip": ("direction",),
    "rotate": ("degrees",), "invert": (),
}  # fmt: skip
Values = dict[str, Any]


def random_line(rng: Random) -> str:
    """Return a line of one to five stages."""
    steps = [_first(rng)]
    while rng.random() < 0.6 and len(steps) < 5:
        again = rng.random() < 0.5
        steps.append(("i2i", _second(rng, steps)) if again else _change(rng))
    imported = Imported("", tuple(ImportedStep(command, values) for command, values in steps))
    pipeline, notes = to_pipeline(imported, REGISTRY, MODELS)
    assert notes == ()
    return print_tree(pipeline)


def stages_of(line: str) -> list[tuple[str, Values]]:
    """Return the command of each stage of a line, with the typed string for each input."""
    return [(stage.command.text, _values(stage)) for stage in parse(Source(None, line)).stages]


def _values(stage: Stage) -> Values:
    names = iter(POSITIONS[stage.command.text])
    values: Values = {}
    name = ""
    for argument in stage.arguments:
        if isinstance(argument, Option):
            name = argument.name.replace("-", "_")
            values[name] = True
        elif isinstance(argument, Positional) and isinstance(argument.value, Word):
            values[name or next(names)] = argument.value.text
            name = ""
    return values


def _first(rng: Random) -> tuple[str, Values]:
    if rng.random() < 0.15:
        return "load", {"source": rng.choice(["cat.png", "in/my cat.png"])}
    size = {"width": 8 * rng.randint(8, 128), "height": 8 * rng.randint(8, 128)}
    return "t2i", {**_sampling(rng), **size, **_tiled(rng)}


def _second(rng: Random, steps: list[tuple[str, Values]]) -> Values:
    values = _sampling(rng)
    if rng.random() < 0.3 and "seed" in steps[-1][1]:
        values["seed"] = steps[-1][1]["seed"]
    steps_taken = rng.randint(1, values["steps"])
    strength = {"strength": part(values["steps"], values["steps"] - steps_taken)}
    last, given = steps[-1]
    size = {name: given[name] for name in ("width", "height") if name in given} if last == "resize" else {}
    return {**values, **strength, **size, **_tiled(rng)}


def _sampling(rng: Random) -> Values:
    negative = {"negative": ", ".join(rng.sample(TEXTS, rng.randint(1, 2)))} if rng.random() < 0.7 else {}
    skip = {"clip_skip": rng.randint(1, 3)} if rng.random() < 0.2 else {}
    return {
        "prompt": ", ".join(rng.sample(TEXTS, rng.randint(1, 3))),
        **negative,
        "model": rng.choice(MODELS),
        "steps": rng.randint(2, 40),
        "guidance": rng.choice([1, 3.5, 7, 8.25]),
        "scheduler": rng.choice(SCHEDULERS),
        "seed": rng.choice([0, 7, 2**32 + 1, 2**64 - 1, rng.randrange(2**63)]),
        **skip,
    }


def _tiled(rng: Random) -> Values:
    return {"tiled": True} if rng.random() < 0.15 else {}


def _change(rng: Random) -> tuple[str, Values]:
    method = {"method": rng.choice(METHODS)} if rng.random() < 0.5 else {}
    match rng.randrange(8):
        case 0:
            return "upscale", {"scale": rng.choice([2, 3, 4, 8])}
        case 1:
            fit = {"fit": "cover"} if rng.random() < 0.5 else {}
            return "resize", {"width": 8 * rng.randint(8, 99), "height": 8 * rng.randint(8, 99), **fit, **method}
        case 2:
            return "scale", {"factor": rng.choice([0.5, 1.25, 2]), **method}
        case 3:
            return "blur", {"radius": rng.choice([1, 2, 4.5])}
        case 4:
            return "crop", {"width": 64, "height": 32, "left": rng.randint(0, 9), "top": rng.randint(0, 9)}
        case 5:
            return "flip", {"direction": rng.choice(["vertical", "horizontal"])}
        case 6:
            return "rotate", {"degrees": rng.choice([90, 180, 270])}
    return "invert", {}
