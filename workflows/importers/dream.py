"""The `Dream` text of InvokeAI 1 and 2: a prompt in quotes and short options, as its own prompt took them."""

from __future__ import annotations

import re
import shlex

from .parameters import Found, Making, found, shown
from .samplers import scheduler_of
from .untrusted import real, text, whole

TOOL = "InvokeAI 2 (Dream)"
LONGEST_TEXT = 50_000
NEGATIVE = re.compile(r"\[([^\[\]]{0,5000})\]")
COMPEL = re.compile(r"\.(swap|blend|and)\s{0,9}\(")
# Option -> what it is called here; those of the last two lines have no counterpart.
NAMES = {
    "-s": "steps", "--steps": "steps", "-S": "seed", "--seed": "seed", "-W": "width", "--width": "width",
    "-H": "height", "--height": "height", "-C": "guidance", "--cfg_scale": "guidance", "-A": "sampler",
    "--sampler": "sampler", "--sampler_name": "sampler", "-m": "sampler", "-I": "image", "--init_img": "image",
    "-f": "strength", "--strength": "strength", "-U": "enlarged", "--upscale": "enlarged", "--model": "model",
}  # fmt: skip
ALONE = frozenset({"--seamless", "--hires_fix", "--hires", "-1", "-x", "-F", "--fit", "-i", "-g", "-z"})  # no value


def read(dream: str) -> Found | None:
    """Return what a `Dream` text tells, None where it cannot be read."""
    try:
        words = shlex.split(dream[:LONGEST_TEXT])
    except ValueError:
        return None
    making = Making()
    bare: list[str] = []
    options: dict[str, list[str]] = {}
    target = bare
    for word in words:
        name, equals, value = word.partition("=")
        if name.startswith("--") and equals:
            options[name], target = [value], bare
        elif word.startswith("--") or (word.startswith("-") and word[1:2].isalpha()) or word in ALONE:
            target = options.setdefault(word, [])
            target = bare if word in ALONE else target
        else:
            target.append(word)
            target = target if target is bare or len(target) < 2 else bare
    if not bare:
        return None
    making.prompt, making.negative = split_prompt(" ".join(bare), making)
    for option, values in options.items():
        _take(option, values, making)
    return found(TOOL, making)


def split_prompt(prompt: str, making: Making) -> tuple[str, str]:
    """Return the prompt of InvokeAI 2 and its negative, which stands in square brackets; weights are as ours."""
    for name in sorted(set(COMPEL.findall(prompt))):
        making.note(f"`.{name}(...)` is not known in prompts here and stays as text")
    negative = ", ".join(part.strip() for part in NEGATIVE.findall(prompt) if part.strip())
    return text(" ".join(NEGATIVE.sub(" ", prompt).split())), text(negative)


def _take(option: str, values: list[str], making: Making) -> None:
    name, value = NAMES.get(option, ""), values[0] if values else ""
    match name:
        case "steps" | "seed" | "width" | "height":
            setattr(making, name, whole(value))
        case "guidance" | "strength" | "enlarged":
            setattr(making, name, real(value))
        case "image" | "model":
            setattr(making, name, value or None)
        case "sampler":
            making.scheduler, note = scheduler_of(value[:60])
            if note:
                making.note(note)
        case _:
            making.note(f"`{shown(' '.join([option, *([] if option in ALONE else values)]))}` has no counterpart here")
    if name == "enlarged" and len(values) > 1:
        making.note(f"`{option}`: the upscaler's strength {shown(values[1])} has no counterpart: `upscale` is another")
    if name == "image" and making.strength is None:
        making.strength = 0.75  # what InvokeAI 2 took where none was written
