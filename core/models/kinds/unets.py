"""Rules for the UNets of Stable Diffusion 1 and 2, SDXL and their relatives.

Sources of the names: ComfyUI comfy/model_detection.py and comfy/supported_models.py, diffusers
loaders/single_file_utils.py. Text widths decide first; if a model has unusual widths, its structure does.
"""

from __future__ import annotations

from typing import Final

from .rule import Rule

_LDM = "input_blocks.#.#.weight out.#.weight|middle_block.#.in_layers.#.weight|output_blocks.#.#.in_layers.#.weight"
_DIFFUSERS = (
    "conv_in.weight time_embedding.linear_1.weight "
    "!controlnet_cond_embedding.conv_in.weight !controlnet_down_blocks.#.weight"
)
_LDM_TEXT = "input_blocks.#.#.transformer_blocks.#.attn2.to_k.weight"
_LDM_ANY_TEXT = f"{_LDM_TEXT}|middle_block.#.transformer_blocks.#.attn2.to_k.weight"
_DIFFUSERS_TEXT = "*_block*.attentions.#.transformer_blocks.#.attn2.to_k.weight"

_LDM_IN = "input_blocks.0.0.weight[1]"
_DIFFUSERS_IN = "conv_in.weight[1]"

_LDM_VARIANTS = (("inpainting", f"{_LDM_IN}=9"), ("pix2pix", f"{_LDM_IN}=8"), ("depth", f"{_LDM_IN}=5"))
_DIFFUSERS_VARIANTS = (
    ("inpainting", f"{_DIFFUSERS_IN}=9"),
    ("pix2pix", f"{_DIFFUSERS_IN}=8"),
    ("depth", f"{_DIFFUSERS_IN}=5"),
    ("lcm", "time_embedding.cond_proj.weight"),
)
_XL_VARIANTS = (
    ("koala", "input_blocks.5.1.transformer_blocks.4.norm1.weight !input_blocks.7.0.in_layers.0.weight"),
    (
        "ssd-1b",
        "input_blocks.7.1.transformer_blocks.3.norm1.weight !input_blocks.7.1.transformer_blocks.4.norm1.weight",
    ),
    ("vega", "input_blocks.7.1.transformer_blocks.1.norm1.weight !input_blocks.7.1.transformer_blocks.2.norm1.weight"),
)
_DEEPEST = "down_blocks.2.attentions.1.transformer_blocks"
_XL_DIFFUSERS_VARIANTS = (
    ("ssd-1b", f"{_DEEPEST}.3.norm1.weight !{_DEEPEST}.4.norm1.weight"),
    ("vega", f"{_DEEPEST}.1.norm1.weight !{_DEEPEST}.2.norm1.weight"),
)

_LDM_SIZES = (("channels", _LDM_IN), ("text_width", f"{_LDM_TEXT}[1]"))
_DIFFUSERS_SIZES = (("channels", _DIFFUSERS_IN), ("text_width", f"{_DIFFUSERS_TEXT}[1]"))


def _ldm(family: str, when: str, variants: tuple[tuple[str, str], ...] = _LDM_VARIANTS) -> Rule:
    return Rule("model", family, f"{_LDM} {when}", layout="ldm", variants=variants, measures=_LDM_SIZES)


def _diffusers(family: str, when: str, variants: tuple[tuple[str, str], ...] = _DIFFUSERS_VARIANTS) -> Rule:
    rule = Rule("model", family, f"{_DIFFUSERS} {when}", layout="diffusers")
    return Rule(rule.kind, family, rule.when, rule.layout, variants, _DIFFUSERS_SIZES)


_XL = (*_XL_VARIANTS, *_LDM_VARIANTS)
_XL_DIFFUSERS = (*_DIFFUSERS_VARIANTS, *_XL_DIFFUSERS_VARIANTS)
_VIDEO = "*.time_stack.#.attn1.to_q.weight|*.time_mix_blocks.#.attn1.to_q.weight|*.temporal_transformer_blocks.*"

UNETS: Final = (
    _ldm("svd", _VIDEO, ()),
    _diffusers("svd", _VIDEO, ()),
    _ldm("sd-x4-upscaler", f"{_LDM_IN}=7"),
    _diffusers("sd-x4-upscaler", f"{_DIFFUSERS_IN}=7"),
    _diffusers("deepfloyd-if", "encoder_hid_proj.weight|encoder_hid_proj.#.weight add_embedding.norm1.weight"),
    _diffusers("kandinsky2", "encoder_hid_proj.image_embeds.weight|add_embedding.image_norm.weight"),
    _diffusers("kolors", "encoder_hid_proj.weight add_embedding.linear_1.weight"),
    _ldm("sd2", "label_emb.0.0.weight[1]=1536,2048 " + f"{_LDM_TEXT}[1]=1024", (("unclip", ""),)),
    _diffusers("sd2", "class_embedding.linear_1.weight", (("unclip", ""),)),
    _ldm("sdxl-refiner", f"label_emb.0.0.weight {_LDM_TEXT}[1]=1280"),
    _ldm("sdxl-refiner", "label_emb.0.0.weight[1]=2560"),
    _ldm("sdxl-refiner", "label_emb.0.0.weight input_blocks.11.0.in_layers.0.weight"),  # four levels of blocks
    _ldm("sdxl", "label_emb.0.0.weight", _XL),
    _diffusers("sdxl-refiner", f"add_embedding.linear_1.weight {_DIFFUSERS_TEXT}[1]=1280"),
    _diffusers("sdxl-refiner", "add_embedding.linear_1.weight[1]=2560"),
    _diffusers("sdxl-refiner", "add_embedding.linear_1.weight down_blocks.3.resnets.0.norm1.weight"),
    _diffusers("sdxl", "add_embedding.linear_1.weight", _XL_DIFFUSERS),
    _ldm("sd1", f"{_LDM_TEXT}[1]=768"),
    _ldm("sd2", f"{_LDM_TEXT}[1]=1024"),
    _ldm("sd2", f"{_LDM_ANY_TEXT} *.1.proj_in.weight:2"),
    _ldm("sd1", _LDM_ANY_TEXT),
    _diffusers("sd1", f"{_DIFFUSERS_TEXT}[1]=768"),
    _diffusers("sd2", f"{_DIFFUSERS_TEXT}[1]=1024"),
    _diffusers("sd2", f"{_DIFFUSERS_TEXT} *.attentions.#.proj_in.weight:2"),
    _diffusers("sd1", _DIFFUSERS_TEXT),
)
"""UNets in the order in which they are tried: extra inputs before plain ones, widths before structure."""
