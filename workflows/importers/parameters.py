"""How a picture was made, as other tools tell it; and the steps of our language that do the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool
LONGEST = 20_000  # characters of a prompt
SHOWN = 80  # characters of a foreign value in a note
MULTIPLE = 8  # pixels: sides are multiples of it


@dataclass(frozen=True, slots=True)
class Step:
    """One command with values by input; what comes from the step before comes through the bar."""

    command: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Found:
    """What a text tells: the tool's name, the steps, and line by line what does not map onto them."""

    tool: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Hires:
    """A second pass over the enlarged picture."""

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    strength: float | None = None
    guidance: float | None = None
    scheduler: str | None = None


@dataclass(slots=True)
class Making:
    """What one picture was made with; None where nothing is said."""

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
    strength: float | None = None  # it began from another picture
    image: str | None = None  # that picture's file
    hires: Hires | None = None
    enlarged: float | None = None  # afterwards
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Say once what does not map."""
        if text not in self.notes:
            self.notes.append(text)


def found(tool: str, making: Making) -> Found:
    """Return the steps that make a picture in the same way."""
    steps: list[Step] = []
    if making.strength is not None and making.hires is None:
        steps += _from_picture(making)
    else:
        steps.append(Step("t2i", _values(making, width=making.width, height=making.height)))
    if making.hires is not None:
        steps += _second_pass(making, making.hires)
    if making.enlarged is not None:
        steps.append(Step("upscale", {"scale": making.enlarged}))
    if making.seed is None:
        making.note("no seed is told: another picture will come of it")
    return Found(tool, tuple(steps), tuple(making.notes))


def shown(text: object) -> str:
    """Return a foreign value as short as a note can hold it."""
    whole = " ".join(str(text)[: SHOWN * 4].split())
    return whole if len(whole) <= SHOWN else whole[: SHOWN - 1] + "…"


def _from_picture(making: Making) -> list[Step]:
    if making.image is None:
        making.note(
            f"it was made from another picture (strength {making.strength:g}), which is not named: "
            "this line makes one from the words alone; with that picture: load PICTURE | i2i ..."
        )
        return [Step("t2i", _values(making, width=making.width, height=making.height))]
    values = _values(making, strength=making.strength, width=making.width, height=making.height)
    return [Step("load", {"source": making.image}), Step("i2i", values)]


def _second_pass(making: Making, hires: Hires) -> list[Step]:
    """Return the enlargement of the first picture and the pass that draws it anew."""
    scale, width, height = hires.scale, hires.width, hires.height
    if scale is None and width and making.width:
        scale = width / making.width
    if scale is not None and not width and making.width and making.height:
        width, height = (round(side * scale / MULTIPLE) * MULTIPLE for side in (making.width, making.height))
    again = _values(making, width=width, height=height, strength=hires.strength)
    again |= _present(steps=hires.steps, guidance=hires.guidance, scheduler=hires.scheduler)
    return [Step("upscale", _present(scale=scale)), Step("i2i", again)]


def _values(making: Making, **more: Value | None) -> dict[str, Value]:
    return {"prompt": making.prompt} | _present(
        negative=making.negative or None,
        model=making.model,
        steps=making.steps,
        guidance=making.guidance,
        scheduler=making.scheduler,
        seed=making.seed,
        clip_skip=making.clip_skip,
        **more,
    )


def _present(**values: Value | None) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
