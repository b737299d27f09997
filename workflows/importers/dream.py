"""The `Dream` text of InvokeAI 1 and 2: a prompt in quotes and short options, as typed at its own prompt."""

from __future__ import annotations

import re
import shlex

from .parameters import GenerationParameters, Imported, imported, short
from .samplers import scheduler_of
from .untrusted import integer, number, string

TOOL = "InvokeAI 2 (Dream)"
MAX_TEXT = 50_000
NEGATIVE = re.compile(r"\[([^\[\]]{0,5000})\]")
COMPEL = re.compile(r"\.(swap|blend|and)\s{0,9}\(")
# Our names for the options that are supported; all others are reported.
NAMES = {
    "-s": "steps", "--steps": "steps", "-S": "seed", "--seed": "seed", "-W": "width", "--width": "width",
    "-H": "height", "--height": "height", "-C": "guidance", "--cfg_scale": "guidance", "-A": "sampler",
    "--sampler": "sampler", "--sampler_name": "sampler", "-m": "sampler", "-I": "image", "--init_img": "image",
    "-f": "strength", "--strength": "strength", "-U": "enlarged", "--upscale": "enlarged", "--model": "model",
}  # fmt: skip
FLAGS = frozenset(
    {"--seamless", "--hires_fix", "--hires", "-1", "-x", "-F", "--fit", "-i", "-g", "-z"}
)  # options without a value


def read(dream: str) -> Imported | None:
    """Return the settings in a `Dream` text, or None if it cannot be parsed."""
    try:
        words = shlex.split(dream[:MAX_TEXT])
    except ValueError:
        return None
    params = GenerationParameters()
    positional: list[str] = []
    options: dict[str, list[str]] = {}
    target = positional
    for word in words:
        name, equals, value = word.partition("=")
        if name.startswith("--") and equals:
            options[name], target = [value], positional
        elif word.startswith("--") or (word.startswith("-") and word[1:2].isalpha()) or word in FLAGS:
            target = options.setdefault(word, [])
            target = positional if word in FLAGS else target
        else:
            target.append(word)
            target = target if target is positional or len(target) < 2 else positional
    if not positional:
        return None
    params.prompt, params.negative = split_prompt(" ".join(positional), params)
    for option, values in options.items():
        _take(option, values, params)
    return imported(TOOL, params)


def split_prompt(prompt: str, params: GenerationParameters) -> tuple[str, str]:
    """Split a prompt of InvokeAI 2 into the prompt and the negative prompt, which is in square brackets."""
    for name in sorted(set(COMPEL.findall(prompt))):
        params.note(f"`.{name}(...)` is not supported in prompts and stays as text")
    negative = ", ".join(part.strip() for part in NEGATIVE.findall(prompt) if part.strip())
    return string(" ".join(NEGATIVE.sub(" ", prompt).split())), string(negative)


def _take(option: str, values: list[str], params: GenerationParameters) -> None:
    name, value = NAMES.get(option, ""), values[0] if values else ""
    match name:
        case "steps" | "seed" | "width" | "height":
            setattr(params, name, integer(value))
        case "guidance" | "strength" | "enlarged":
            setattr(params, name, number(value))
        case "image" | "model":
            setattr(params, name, value or None)
        case "sampler":
            params.scheduler, note = scheduler_of(value[:60])
            if note:
                params.note(note)
        case _:
            params.note(f"`{short(' '.join([option, *([] if option in FLAGS else values)]))}` is not supported")
    if name == "enlarged" and len(values) > 1:
        params.note(
            f"`{option}`: the upscaler's strength {short(values[1])} is not supported: `upscale` uses its own method"
        )
    if name == "image" and params.strength is None:
        params.strength = 0.75  # InvokeAI 2 uses this if no strength is given
