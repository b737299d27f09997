"""ComfyUI graphs for the tests, built as changes to ComfyUI's default text-to-image graph."""

from __future__ import annotations

import json
from typing import Any


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """Return a node in the API form."""
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


BASE = {
    "3": node("KSampler", seed=5, steps=20, cfg=8, sampler_name="euler", scheduler="normal", denoise=1,
              model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0]),
    "4": node("CheckpointLoaderSimple", ckpt_name="sd/dreamshaper_8.safetensors"),
    "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
    "6": node("CLIPTextEncode", text="a fox", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="blur", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}  # fmt: skip
WORDS = '"a fox" --negative blur --model dreamshaper_8'
SAMPLED = "--steps 20 --guidance 8 --scheduler euler --seed 5"
SIZE = "--width 512 --height 768"
LINE = f"t2i {WORDS} {SAMPLED} {SIZE}"


def changed(**more: Any) -> dict[str, Any]:
    """Return the default graph with the given nodes added or replaced; the argument `n3` is node 3."""
    return {**BASE, **{key.removeprefix("n"): value for key, value in more.items()}}


def graph(**more: Any) -> dict[str, str]:
    """Return the text chunks of an image made with the default graph and the given changes."""
    return {"prompt": json.dumps(changed(**more))}


def sampler(**inputs: Any) -> dict[str, Any]:
    """Return the sampler of the default graph with the given inputs changed."""
    return node("KSampler", **{**BASE["3"]["inputs"], **inputs})
