"""Help topics for reference: schedulers, the default model, exit statuses, environment variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from invocations.frozen import frozen
from workflows.settings.folders import HOME
from workflows.settings.table import SETTINGS

from .page import Block, Literal, Page, Rows

SCHEDULERS: Final = """\
A scheduler (sampler) determines how noise becomes an image, step by step:
`t2i a house --scheduler euler` (default: the model's own). Schedulers whose
names end in _k space the noise levels as in Karras et al."""
DEFAULT_MODEL: Final = """\
A small model is included, so every line works right away, without a download or
a graphics card. It draws small, simple images of the things that the prompt
names.

  t2i a red circle left of a blue square | save shapes.png
  t2i a yellow duck on the sea at sunset

It knows only the words below."""
OTHER_MODELS: Final = """\
You can use your own Stable Diffusion 1, 2 and XL models in place, without
copying them, if their weights are in safetensors:

  t2i a house by a lake --model /path/to/model
  models scan ~/stable-diffusion-webui --add

`models scan` shows the models in a folder of AUTOMATIC1111, ComfyUI, InvokeAI
or the Hugging Face cache; --add adds it to the setting `models_dirs`, so that
its models can be used by name, and --remove removes it again. `models` lists
all models, including those that cannot be used yet, such as LoRAs; `models info
NAME` describes a model or a file.

`set model NAME` sets the default for the lines that follow; add --save to make
it permanent. `set steps 30 --model NAME` sets a default for one model. With an
SDXL model, `--refiner NAME` lets a refiner run the last steps."""
PRECEDENCE: Final = """\
An option overrides a variable, which overrides the project's `invokeai.toml`,
which overrides your own settings file (`config path` prints where it is).
`config show` lists where each value comes from; `config where KEY` prints it
for one setting or default. A variable that lists folders replaces the folders
of the settings files; `{separator}` separates the folders in it."""
LABELS: Final = {"colours": "colors", "pictures": "images"}  # spellings in the model's file that are shown differently


@frozen
class Facts:
    """The data that help topics need: the local services, which are opened on first use, and the exit statuses."""

    services: Callable[[], Any]  # returns an object with the services `generation` and `models`
    exit_statuses: Mapping[int, str]


def schedulers(facts: Facts) -> Page:
    """Return the page that lists the schedulers and says how to choose one."""
    return _listed(SCHEDULERS, facts.services().generation.about_schedulers())


def default_model(facts: Facts) -> Page:
    """Return the page about the included model: what it can draw, its settings, and how to use another model."""
    models = facts.services().models
    ref = models.find("default")
    suits = models.settings(ref)
    used = f"{suits.width}x{suits.height}, {suits.steps} steps, guidance scale {suits.guidance:g}, {suits.scheduler}"
    world = {LABELS.get(name, name): words for name, words in models.world(ref).items()}
    return (*_listed(DEFAULT_MODEL, {**world, "defaults": used}), Literal(OTHER_MODELS))


def exit_statuses(facts: Facts) -> Page:
    """Return the page that lists the exit statuses and their meanings."""
    return (Rows(tuple((f"{number:>3}", meaning) for number, meaning in facts.exit_statuses.items())),)


def environment(facts: Facts) -> Page:
    """Return the page that lists the environment variables."""
    rows = [(HOME, "folder for all of the program's own files: settings, models, sessions, cache")]
    rows += [(setting.variable, setting.description) for setting in SETTINGS]
    rows += [("NO_COLOR, FORCE_COLOR", "turn color off or on"), ("COLUMNS", "width of the output, in characters")]
    return (Rows(tuple(rows)), Literal(PRECEDENCE.format(separator=os.pathsep)))


def _listed(text: str, rows: Mapping[str, str]) -> tuple[Block, ...]:
    return (Literal(text), Rows(tuple(rows.items())))
