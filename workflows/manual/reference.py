"""Topics that list what there is: schedulers, the default model, exit statuses, environment variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from invocations.frozen import frozen
from workflows.settings.folders import HOME
from workflows.settings.table import SETTINGS

from .page import Block, Literal, Page, Rows

SCHEDULERS: Final = """\
A scheduler (sampler) determines how noise becomes an image, step by step:
`t2i a house --scheduler euler`; by default the one that suits the model. Those
whose names end in _k space the noise levels as Karras et al. do."""
DEFAULT_MODEL: Final = """\
A small model is included, so that every line works at once, without a download
and without a graphics card. It draws simple images of what the prompt names, at
its own small size.

  t2i a red circle left of a blue square | save shapes.png
  t2i a yellow duck on the sea at sunset

It knows these words; other words do no harm, but mean nothing to it."""
OTHER_MODELS: Final = """\
Bring your own: any folder in the layout of diffusers, of the Stable Diffusion
1 or 2 kind, with its weights in safetensors.

  t2i a house by a lake --model /path/to/model

`--model-dir DIR` (or the setting models_dirs) names folders to look in;
`models` lists what is found there. `set model NAME` in a script holds for the
lines after it; with --save, from now on."""
PRECEDENCE: Final = """\
An option overrides a variable, a variable the `invokeai.toml` of the project,
and that your own settings file (`config path`). `config show` lists where each
value comes from."""


@frozen
class Facts:
    """What topics need to know: the services of this machine, opened when first used, and the exit statuses."""

    services: Callable[[], Any]  # with `generation` and `models`
    exit_statuses: Mapping[int, str]


def schedulers(facts: Facts) -> Page:
    """Return the schedulers by name, what each is, and how one is chosen."""
    return _listed(SCHEDULERS, facts.services().generation.about_schedulers())


def default_model(facts: Facts) -> Page:
    """Return what the included model can draw, in its own words, and its settings."""
    models = facts.services().models
    ref = models.find("default")
    suits = models.settings(ref)
    used = f"{suits.width}x{suits.height}, {suits.steps} steps, guidance scale {suits.guidance:g}, {suits.scheduler}"
    return (*_listed(DEFAULT_MODEL, {**models.world(ref), "by default": used}), Literal(OTHER_MODELS))


def exit_statuses(facts: Facts) -> Page:
    """Return the exit statuses and their meanings."""
    return (Rows(tuple((f"{number:>3}", meaning) for number, meaning in facts.exit_statuses.items())),)


def environment(facts: Facts) -> Page:
    """Return the environment variables that are read."""
    rows = [(HOME, "one folder for all files of the program")]
    rows += [(setting.variable, setting.description) for setting in SETTINGS]
    rows += [("NO_COLOR, FORCE_COLOR", "turn color off or on"), ("COLUMNS", "width of tables and bars")]
    return (Rows(tuple(rows)), Literal(PRECEDENCE))


def _listed(text: str, rows: Mapping[str, str]) -> tuple[Block, ...]:
    return (Literal(text), Rows(tuple(rows.items())))
