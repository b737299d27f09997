"""The `Dream` text of InvokeAI 1 and 2, as typed on its command line: a prompt in quotes and short options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from workflows.synonyms.samplers import scheduler_of

from .parameters import GenerationParameters, Imported, ImportedMask, imported, short
from .prompt_weights import of_invokeai
from .untrusted import integer, number, string

TOOL = "InvokeAI 2 (Dream)"
MAX_TEXT = 50_000
MAX_PATH = 1000
QUOTED = re.compile(r'\s*"((?:\\.|.)*?)"(?=\s+-|\s*$)', re.DOTALL)
OPTION = re.compile(r"-[A-Za-z1]|--\w")
NEGATIVE = re.compile(r"\[([^\[\]]{0,5000})\]")
COMPEL = re.compile(r"\.(swap|blend|and)\s{0,9}\(")
# Our names for the options that are supported; all others are reported.
NAMES = {
    "-s": "steps", "--steps": "steps", "-S": "seed", "--seed": "seed", "-W": "width", "--width": "width",
    "-H": "height", "--height": "height", "-C": "guidance", "--cfg_scale": "guidance", "-A": "sampler",
    "--sampler": "sampler", "--sampler_name": "sampler", "-m": "sampler", "-I": "image", "--init_img": "image",
    "-M": "mask", "--init_mask": "mask",
    "-f": "strength", "--strength": "strength", "-U": "enlarged", "--upscale": "enlarged", "--model": "model",
}  # fmt: skip
FLAGS = frozenset(
    {"--seamless", "--hires_fix", "--hires", "-1", "-x", "-F", "--fit", "-i", "-g", "-z"}
)  # options without a value


def read(dream: str) -> Imported | None:
    """Return the settings in a `Dream` text, or None if it cannot be parsed."""
    found = _parts(dream[:MAX_TEXT])
    if found is None:
        return None
    prompt, words = found
    params = GenerationParameters()
    params.prompt, params.negative = split_prompt(prompt, params)
    for option, values in _options(words):
        _take(option, values, params)
    return imported(TOOL, params)


def split_prompt(prompt: str, params: GenerationParameters) -> tuple[str, str]:
    """Split an InvokeAI 2 prompt into the prompt and the negative prompt, which is in square brackets."""
    negative = ", ".join(part.strip() for part in NEGATIVE.findall(prompt) if part.strip())
    return as_ours(" ".join(NEGATIVE.sub(" ", prompt).split()), params), as_ours(negative, params)


def as_ours(prompt: object, params: GenerationParameters) -> str:
    """Return a prompt from any version of InvokeAI in our syntax, or "" if the value is not a string."""
    text = params.read_prompt(prompt)
    for name in sorted(set(COMPEL.findall(text))):
        params.note(f"`.{name}(...)` is not supported in prompts and is kept as text")
    found, notes = of_invokeai(text)
    for note in notes:
        params.note(note)
    return found


def transparent_mask(path: object) -> ImportedMask | None:
    """Return an InvokeAI 2 mask, whose transparent area was generated; None if the value is not a path."""
    path = string(path)
    if not path or len(path) > MAX_PATH or path.startswith("data:"):
        return None
    return ImportedMask(path).then("mask-from-alpha")


def _parts(dream: str) -> tuple[str, list[str]] | None:
    """Return the prompt, which comes first, and the words after it, or None if a quote is not closed."""
    quoted = QUOTED.match(dream)
    try:
        words = shlex.split(dream[quoted.end() :] if quoted else dream)
    except ValueError:
        return None
    if quoted:
        return re.sub(r'\\(["\\])', r"\1", quoted[1]), words
    end = next((i for i, word in enumerate(words) if i and OPTION.match(word)), len(words))
    return (" ".join(words[:end]), words[end:]) if words else None


def _options(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each option with the words up to the next option; `-s50` and `--steps=50` are split."""
    found: list[tuple[str, list[str]]] = []
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("--") and equals:
            found.append((name, [value]))
        elif word in FLAGS or word.startswith("--"):
            found.append((word, []))
        elif OPTION.match(word):
            found.append((word[:2], [word[2:]] if word[2:] else []))
        elif found:
            found[-1][1].append(word)
    yield from found


def _take(option: str, values: list[str], params: GenerationParameters) -> None:
    name, value = NAMES.get(option, ""), values[0] if values else ""
    match name:
        case "steps" | "width" | "height":
            setattr(params, name, params.read(option, value, integer))
        case "seed":
            params.seed = params.read_seed(option, value)
        case "guidance" | "strength" | "enlarged":
            setattr(params, name, params.read(option, value, number))
        case "image" | "model":
            setattr(params, name, " ".join(values) or None)
        case "mask":
            params.mask = transparent_mask(" ".join(values))
        case "sampler":
            params.scheduler, note = scheduler_of(value[:60])
            if note:
                params.note(note)
        case _:
            params.note(f"`{short(' '.join([option, *values]))}` is not supported")
    if name == "enlarged" and len(values) > 1:
        params.note(
            f"`{option}`: the upscaler's strength {short(values[1])} is not supported: `upscale` uses its own method"
        )
    elif name not in ("", "image", "mask", "model") and len(values) > 1:
        params.note(f"`{short(' '.join(values[1:]))}` after `{option}` is not supported")
    if name == "image" and params.strength is None:
        params.strength = 0.75  # the default strength of InvokeAI 2
