"""Read NovelAI's metadata: JSON in a PNG's `Comment`, in a WebP's user comment, or hidden in the alpha channel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .json_settings import JsonSettings
from .masks import UNKNOWN
from .parameters import GenerationParameters, Imported, imported, short
from .prompt_weights import weighted
from .untrusted import json_object, mapping, sequence, string

TOOL = "NovelAI"
COMMENT, DESCRIPTION = "Comment", "Description"
BRACE = 1.05  # `{word}` multiplies the weight by this factor, `[word]` divides by it
MAX_DEPTH = 64
FROM_IMAGE = ("Img2Img", "Inpaint", "Infill")  # parts of a `request_type` that starts from an image
IGNORED = frozenset(
    {
        "request_type", "signed_hash", "version", "params_version", "uncond_scale", "hide_debug_overlay",
        "controlnet_strength", "dynamic_thresholding_percentile", "dynamic_thresholding_mimic_scale", "stream",
        "prefer_brownian", "uncond_per_vibe", "wonky_vibe_correlation", "cfg_sched_eligibility", "legacy",
        "legacy_v3_extend", "deliberate_euler_ancestral_bug", "use_coords", "add_original_image", "negative_prompt",
        "extra_passthrough_testing", "image_format", "n_samples",
    }
)  # fmt: skip
_TOKEN = re.compile(
    r"(?P<number>-?\d{0,4}\.?\d{1,4}::)|(?P<end>::)|(?P<sign>[{}\[\]])|(?P<text>[^{}\[\]:\d.-]+|.)", re.DOTALL
)


def with_prompt(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings with the prompt added: comments from 2022 lack it, but the description contains it."""
    data = json_object(texts.get(COMMENT, "{}"))
    if not data or "prompt" in data or "uc" not in data or not texts.get(DESCRIPTION):
        return texts
    return {**texts, COMMENT: json.dumps({**data, "prompt": texts[DESCRIPTION]})}


def read_object(data: Mapping[str, Any]) -> Imported | None:
    """Return the settings in a JSON object written by NovelAI, or None if another tool wrote the object."""
    if "uc" not in data or not {"prompt", "v4_prompt"} & set(data) or not {"steps", "scale", "sampler"} & set(data):
        return None
    params = GenerationParameters()
    settings = JsonSettings(data, params)
    params.prompt = _prompt(settings, params, "prompt", "v4_prompt")
    params.negative = _prompt(settings, params, "uc", "v4_negative_prompt")
    params.steps, params.seed = settings.integer("steps"), settings.seed("seed")
    params.guidance = settings.number("scale")
    params.width, params.height = settings.integer("width"), settings.integer("height")
    params.scheduler = settings.scheduler(settings.text("sampler"), settings.text("noise_schedule"))
    if any(part in string(data.get("request_type")) for part in FROM_IMAGE):
        params.strength = settings.number("strength")
        params.strength = 0.7 if params.strength is None else params.strength
        settings.take("image")
    if settings.take("mask") is not None:
        params.note(UNKNOWN)
    if (samples := settings.integer("n_samples")) is not None and samples > 1:
        params.note(f"{samples} images were made in one batch: this line makes only the first")
    settings.report(IGNORED)
    return imported(TOOL, params)


def _prompt(settings: JsonSettings, params: GenerationParameters, name: str, v4: str) -> str:
    """Return a prompt with weights in our syntax, with the character prompts appended to it."""
    plain, caption = settings.text(name), mapping(mapping(settings.take(v4)).get("caption"))
    base = params.read_prompt(caption.get("base_caption")) or plain
    characters = [
        params.read_prompt(mapping(each).get("char_caption")) for each in sequence(caption.get("char_captions"))[:20]
    ]
    characters = [each for each in characters if each.strip()]
    if characters:
        params.note(f"character prompts are appended to the main prompt: {short(', '.join(characters))}")
    notes: list[str] = []
    found = weighted(pieces(params.read_prompt(", ".join([base, *characters]))), notes)
    for note in notes:
        params.note(note)
    return found


def pieces(prompt: str) -> list[tuple[str, float]]:
    """Return the parts of a prompt with their weights: `{word}`, `[word]`, `1.3::word::`."""
    found: list[tuple[str, float]] = []
    opened: list[float] = []
    number = weight = 1.0
    for token in _TOKEN.finditer(prompt):
        kind, text = token.lastgroup, token[0]
        if kind == "number":
            number = float(text.removesuffix("::"))
        elif kind == "end":
            number = 1.0
        elif kind == "sign" and text in "{[" and len(opened) < MAX_DEPTH:
            opened.append(weight)
            weight = weight * BRACE if text == "{" else weight / BRACE
        elif kind == "sign" and opened and text in "}]":
            weight = opened.pop()
        else:
            found.append((text, weight * number))
    return found
