"""Read Fooocus' own metadata scheme, JSON in `parameters`; its other scheme is AUTOMATIC1111's `parameters` text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .json_settings import JsonSettings
from .parameters import GenerationParameters, Imported, imported, short
from .untrusted import sequence, string

TOOL = "Fooocus"
SCHEMES = ("fooocus", "a1111")
IGNORED = frozenset(
    {
        "metadata_scheme", "version", "Version", "created_by", "User", "base_model_hash", "refiner_model_hash",
        "prompt_expansion", "Fooocus V2 Expansion", "Metadata Scheme",
    }
)  # fmt: skip
LORAS = ("lora_combined_", "LoRA ")  # prefixes of the names of settings
DEFAULT_VAE = "Default (model)"


def read_object(data: Mapping[str, Any]) -> Imported | None:
    """Return the settings in a JSON object written by Fooocus, or None if another tool wrote the object."""
    if not (data.get("metadata_scheme") in SCHEMES or "Base Model" in data or {"prompt", "base_model"} <= set(data)):
        return None
    params = GenerationParameters()
    settings = JsonSettings(data, params)
    for side, label in (("", "Prompt"), ("negative_", "Negative Prompt")):
        typed = settings.text(f"{side}prompt", label)
        words = [
            params.read_prompt(each) for each in sequence(settings.take(f"full_{side}prompt")) if string(each).strip()
        ]
        setattr(params, "negative" if side else "prompt", settings.prompt(", ".join(words) or typed, brackets=False))
    params.steps, params.seed = settings.integer("steps", "Steps"), settings.seed("seed", "Seed")
    params.guidance = settings.number("guidance_scale", "Guidance Scale")
    params.width, params.height = settings.size("resolution", "Resolution")
    skipped = settings.integer("clip_skip", "CLIP Skip")
    params.clip_skip = max(skipped - 2, 0) or None if skipped else None  # SDXL models never use the last layer
    params.model = settings.text("base_model", "Base Model") or None
    refiner, switch = (
        settings.text("refiner_model", "Refiner Model"),
        settings.number("refiner_switch", "Refiner Switch"),
    )
    params.refiner, params.refiner_start = (None, None) if refiner in ("", "None") else (refiner, switch)
    params.scheduler = settings.scheduler(settings.text("sampler", "Sampler"), settings.text("scheduler", "Scheduler"))
    _take_loras(data, settings, params)
    vae = settings.text("vae", "VAE")
    if vae not in ("", DEFAULT_VAE):
        params.note(f"`vae: {short(vae)}` is not supported")
    settings.report(IGNORED)
    return imported(TOOL, params)


def _take_loras(data: Mapping[str, Any], settings: JsonSettings, params: GenerationParameters) -> None:
    """Report the LoRAs, stored as `lora_combined_1: "name : 0.1"`; the key `loras` repeats them and is ignored."""
    settings.take("loras")
    for name in [name for name in data if name.startswith(LORAS)][:20]:
        params.note(f"the LoRA `{short(settings.text(name))}` is ignored: LoRA is not supported")
