"""The parameters that other tools record in an image, and the equivalent steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from invocations.frozen import frozen

Value = str | int | float | bool
T = TypeVar("T")
MAX_PROMPT = 20_000  # maximum length of a prompt; the rest is cut
MAX_SHOWN = 80  # how many characters of an imported value a note quotes
MULTIPLE_PX = 8
NO_SEED = "no seed is recorded: the image will be different"
MAX_SEED = 2**64 - 1
RANDOM_SEED = "-1"  # stands for a random seed


@frozen
class ImportedStep:
    """A command and the values of its inputs; the output of the previous step is piped into it.

    mask: the mask, if only a part of the image was generated and the mask's file is recorded
    name: the name of the stage, or "" if it has none. links: the names of earlier stages, by input
    """

    command: str
    values: Mapping[str, Value]
    mask: ImportedMask | None = None
    name: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


@frozen
class ImportedMask:
    """The file of a mask, and the steps that prepare it for `inpaint`, in which white marks the area to generate."""

    source: str
    changes: tuple[ImportedStep, ...] = ()

    def then(self, command: str, **values: Value) -> ImportedMask:
        """Return a copy of the mask with one more step, such as `mask-grow`, to apply."""
        return ImportedMask(self.source, (*self.changes, ImportedStep(command, values)))


@frozen
class Imported:
    """What was read from an image: the name of the tool, the steps, and notes on unsupported settings."""

    tool: str
    steps: tuple[ImportedStep, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Hires:
    """A second pass over the upscaled image (hires fix)."""

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    strength: float | None = None
    guidance: float | None = None
    scheduler: str | None = None


@dataclass(slots=True)
class GenerationParameters:
    """The settings that an image was made with; None stands for a setting that was not recorded."""

    prompt: str = ""
    negative: str = ""
    steps: int | None = None
    scheduler: str | None = None
    guidance: float | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    clip_skip: int | None = None
    model: str | None = None
    refiner: str | None = None  # the model that ran the last steps
    refiner_start: float | None = None  # where in the noise schedule it started, 0 to 1
    strength: float | None = None  # denoising strength; set if the generation started from another image
    image: str | None = None  # file name of the image that the generation started from
    mask: ImportedMask | None = None  # the area that was generated, if its file is recorded
    hires: Hires | None = None
    enlarged: float | None = None  # factor by which the finished image was upscaled
    prompt_syntax: str | None = None  # the syntax of the prompts, if it is not the default
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Record a note, without duplicates."""
        if text not in self.notes:
            self.notes.append(text)

    def read(self, name: str, value: object, convert: Callable[[object], T | None]) -> T | None:
        """Return a converted value, or None if it is missing; a value that cannot be converted is reported."""
        found = convert(value)
        if found is None and value not in (None, ""):
            self.note(f"`{name}: {short(value)}` is not understood and is ignored")
        return found

    def read_prompt(self, value: object) -> str:
        """Return a prompt, or "" for any other value; a prompt that is too long is cut, and the cut is reported."""
        return cut_prompt(value, self.note) if isinstance(value, str) else ""

    def read_seed(self, name: str, value: object) -> int | None:
        """Return a seed, or None if it is random or missing; an invalid seed is reported."""
        digits = str(value).strip()
        if digits == RANDOM_SEED:
            return None  # a later note reports that no seed is recorded
        if not isinstance(value, bool) and digits.isascii() and digits.isdigit() and len(digits) < MAX_SHOWN:
            if int(digits) <= MAX_SEED:
                return int(digits)
            self.note(f"`{name}: {digits}` is ignored: the largest seed is {MAX_SEED}")
            return None
        return self.read(name, value, lambda _: None)


def imported(tool: str, params: GenerationParameters) -> Imported:
    """Return the steps that make an image with these settings, and the name of the tool that recorded them."""
    _round_size(params, params)
    if params.hires is not None:
        _round_size(params.hires, params)
    steps: list[ImportedStep] = []
    if params.strength is not None and params.hires is None:
        steps += _from_image(params)
    else:
        values = _values(params, width=params.width, height=params.height)
        if params.hires is not None:  # only the second pass has a refiner
            values = {name: value for name, value in values.items() if not name.startswith("refiner")}
        steps.append(ImportedStep("t2i", values))
    if params.hires is not None:
        steps += _second_pass(params, params.hires)
    if params.enlarged is not None:
        steps.append(ImportedStep("upscale", {"scale": params.enlarged}))
    if params.seed is None:
        params.note(NO_SEED)
    return Imported(tool, tuple(steps), tuple(params.notes))


def _round_size(sized: GenerationParameters | Hires, params: GenerationParameters) -> None:
    sized.width, sized.height = rounded_size(sized.width, sized.height, params.note)


def rounded_size(width: int | None, height: int | None, note: Callable[[str], None]) -> tuple[int | None, int | None]:
    """Return a size rounded down, as other tools do, to multiples that models support."""
    size = [width, height]
    rounded = [None if side is None else side // MULTIPLE_PX * MULTIPLE_PX or side for side in size]
    if rounded != size:
        shown = [" x ".join("?" if side is None else str(side) for side in each) for each in (size, rounded)]
        note(f"the size {shown[0]} is rounded down to {shown[1]}: width and height must be multiples of {MULTIPLE_PX}")
    return rounded[0], rounded[1]


def cut_prompt(prompt: str, note: Callable[[str], None]) -> str:
    """Return a prompt, cut to the maximum length; the cut is noted."""
    if len(prompt) > MAX_PROMPT:
        note(f"a prompt of {len(prompt)} characters is truncated to {MAX_PROMPT}")
    return prompt[:MAX_PROMPT]


def short(text: object) -> str:
    """Return an imported value as text, cut to fit into a note."""
    whole = " ".join(str(text)[: MAX_SHOWN * 4].split())
    return whole if len(whole) <= MAX_SHOWN else whole[: MAX_SHOWN - 1] + "…"


def _from_image(params: GenerationParameters) -> list[ImportedStep]:
    if params.image is None:
        params.note(
            f"the image was made from another image (strength {params.strength:g}), which is not recorded: "
            "this line uses only the prompt; to start from that image, write: load IMAGE | i2i ..."
        )
        return [ImportedStep("t2i", _values(params, width=params.width, height=params.height))]
    values = _values(params, strength=params.strength, width=params.width, height=params.height)
    return [ImportedStep("load", {"source": params.image}), ImportedStep("i2i", values, params.mask)]


def _second_pass(params: GenerationParameters, hires: Hires) -> list[ImportedStep]:
    """Return the steps that upscale the first image and make a second pass over it."""
    scale, width, height = hires.scale, hires.width, hires.height
    if scale is None and width and params.width:
        scale = round(width / params.width, 4)
    if scale is not None and not width and params.width and params.height:
        width, height = (round(side * scale / MULTIPLE_PX) * MULTIPLE_PX for side in (params.width, params.height))
    again = _values(params, width=width, height=height, strength=hires.strength)
    again |= _present(steps=hires.steps, guidance=hires.guidance, scheduler=hires.scheduler)
    return [ImportedStep("upscale", _present(scale=scale)), ImportedStep("i2i", again)]


def _values(params: GenerationParameters, **more: Value | None) -> dict[str, Value]:
    return {"prompt": params.prompt} | _present(
        negative=params.negative or None,
        model=params.model,
        refiner=params.refiner,
        refiner_start=params.refiner_start if params.refiner else None,
        steps=params.steps,
        guidance=params.guidance,
        scheduler=params.scheduler,
        seed=params.seed,
        clip_skip=params.clip_skip,
        prompt_syntax=params.prompt_syntax,
        **more,
    )


def _present(**values: Value | None) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
