"""Read and write AUTOMATIC1111's `parameters` text: the prompt, `Negative prompt: ...`, and `Name: value, ...`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from core.foreign import ForeignData, json_data

NEGATIVE = "Negative prompt: "
# Names of settings in the `parameters` text, in the order in which other tools write them.
NAMES = {
    "steps": "Steps",
    "scheduler": "Sampler",
    "guidance": "CFG scale",
    "seed": "Seed",
    "size": "Size",
    "model_hash": "Model hash",
    "model": "Model",
    "vae": "VAE",
    "borrowed": "Borrowed parts",
    "strength": "Denoising strength",
    "clip_skip": "Clip skip",
    "prompt_syntax": "Prompt syntax",
    "batch": "Batch size",
    "version": "Version",
}
# Names that other tools use for our schedulers; where ours end in "_k", theirs end in " Karras".
SAMPLERS = {
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "deis": "DEIS",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "dpmpp_3m_sde": "DPM++ 3M SDE",
    "dpmpp_sde": "DPM++ SDE",
    "euler": "Euler",
    "euler_a": "Euler a",
    "heun": "Heun",
    "kdpm_2": "DPM2",
    "kdpm_2_a": "DPM2 a",
    "lcm": "LCM",
    "lms": "LMS",
    "pndm": "PLMS",
    "unipc": "UniPC",
}
PROOFS = {"steps", "scheduler", "guidance", "seed", "size"}  # a line with any of these names contains settings
PAIR = re.compile(r'\s*([\w][\w \-/]*):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def parameters_text(facts: Mapping[str, object]) -> str:
    """Return the `parameters` text for a prompt, a negative prompt and settings in `NAMES`; "" without a prompt."""
    if not facts.get("prompt"):
        return ""
    known = dict(facts)
    if "width" in facts and "height" in facts:
        known["size"] = f"{facts['width']}x{facts['height']}"
    if facts.get("scheduler"):
        known["scheduler"] = sampler_name(str(facts["scheduler"]))
    lines = [str(facts["prompt"])]
    if facts.get("negative"):
        lines.append(NEGATIVE + str(facts["negative"]))
    lines.append(
        ", ".join([f"{name}: {_quoted(known[key])}" for key, name in NAMES.items() if known.get(key) is not None])
    )
    return "\n".join(filter(None, lines))


def read_parameters(text: str) -> dict[str, str]:
    """Return the settings in a `parameters` text as strings; unknown names are kept as written."""
    lines = text.strip().split("\n")
    facts = _pairs(lines[-1])
    if len(facts) >= 3 and PROOFS & set(facts) and not lines[-1].startswith(NEGATIVE.rstrip()):
        lines.pop()
    else:
        facts = {}
    prompt, found, negative = "\n".join(lines).partition(NEGATIVE.rstrip())
    facts["prompt"] = prompt.strip()
    if found:
        facts["negative"] = negative.strip()
    if "scheduler" in facts:
        facts["scheduler"] = scheduler_name(facts["scheduler"])
    width, cross, height = facts.pop("size", "").partition("x")
    return facts | {"width": width, "height": height} if cross else facts


def sampler_name(scheduler: str) -> str:
    """Return the name that other tools use for a scheduler, or our name if they do not have the scheduler."""
    plain = scheduler.removesuffix("_k")
    return SAMPLERS.get(plain, plain) + (" Karras" if plain != scheduler else "")


def scheduler_name(sampler: str) -> str:
    """Return our short name for another tool's sampler, or its name unchanged; the inverse of `sampler_name`."""
    plain = sampler.removesuffix(" Karras")
    names = {name.casefold(): short for short, name in SAMPLERS.items()}
    return names.get(plain.casefold(), plain) + ("_k" if plain != sampler else "")


def _pairs(line: str) -> dict[str, str]:
    keys = {name: key for key, name in NAMES.items()}
    return {keys.get(name, name): _unquoted(value.strip()) for name, value in PAIR.findall(line)}


def _quoted(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(',:\n"') else text


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json_data(text))
    except ForeignData:
        return text
