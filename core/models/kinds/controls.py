"""Rules for networks that steer a model: ControlNet, T2I-Adapter, IP-Adapter, style models, motion modules.

Sources of the names: ComfyUI comfy/controlnet.py, comfy/sd.py (load_style_model) and comfy/t2i_adapter/adapter.py;
diffusers models/controlnets/ and loaders/single_file_utils.py; InvokeAI backend/model_manager/configs/ip_adapter.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .rule import Rule

Variants = tuple[tuple[str, str], ...]

_WIDTHS = (("sdxl", "2048"), ("sd2", "1024"), ("sd1", "768"))  # width of the text, by family
_UNION = (
    (
        "union",
        "task_embedding|controlnet_mode_embedder.weight|control_type_proj.*|control_add_embedding.linear_1.weight",
    ),
)


def _by_width(when: str, place: str, layout: str, variants: Variants) -> Iterator[Rule]:
    """Yield a rule of a ControlNet per family, which the width of the text decides."""
    for family, width in _WIDTHS:
        yield Rule("controlnet", family, f"{when} {place}[-1]={width}", layout, variants)


_LDM_TEXT = "*.transformer_blocks.#.attn2.to_k.weight"
_LDM_NET = "zero_convs.#.#.weight input_hint_block.#.weight"
_DIFFUSERS_NET = "controlnet_cond_embedding.conv_in.weight controlnet_down_blocks.#.weight"
_IMAGE_TEXT = "ip_adapter.#.to_k_ip.weight"
_CONTROL_LORA: Variants = (("control-lora", ""),)
_MOTION = "*motion_modules.#.temporal_transformer.*"

IMAGE_ADAPTERS: Final = (
    Rule(
        "ip-adapter",
        "flux1",
        "double_blocks.#.processor.ip_adapter_double_stream_k_proj.weight|ip_adapter_proj_model.proj.weight",
        "xlabs",
    ),
    Rule(
        "ip-adapter",
        "sdxl",
        f"{_IMAGE_TEXT}[1]=2048",
        "original",
        (
            ("faceid", "ip_adapter.#.to_q_lora.down.weight"),
            ("instantid", "image_proj.proj_in.weight[1]=512"),
            ("plus", "image_proj.latents"),
            ("full-face", "image_proj.proj.0.weight"),
        ),
    ),
    Rule(
        "ip-adapter",
        "sd1",
        f"{_IMAGE_TEXT}[1]=768",
        "original",
        (
            ("faceid", "ip_adapter.#.to_q_lora.down.weight"),
            ("plus", "image_proj.latents"),
            ("full-face", "image_proj.proj.0.weight"),
        ),
    ),
    Rule("ip-adapter", "sd2", f"{_IMAGE_TEXT}[1]=1024", "original"),
    Rule("ip-adapter", "flux1", f"{_IMAGE_TEXT}[1]=4096", "original"),
    Rule("ip-adapter", "", _IMAGE_TEXT, "original", (), (), ("sd1", "sdxl")),
    Rule("ip-adapter", "flux1", "pulid_ca.#.*|pulid_encoder.*", "original", (("pulid", ""),)),
    Rule("ip-adapter", "sdxl", "id_adapter.*|id_adapter_attn_layers.*", "original", (("pulid", ""),)),
    Rule("ip-adapter", "sdxl", "id_encoder.vision_model.*|id_encoder.*", "original", (("photomaker", ""),)),
)
"""Networks that take an image as a prompt; they are tried before adapters, because some contain LoRAs."""

CONTROLS: Final = (
    Rule("controlnet", "sdxl", "lllite_unet_*", "kohya", (("lllite", ""),)),
    *_by_width("lora_controlnet", "*.attn2.to_k.down", "ldm", _CONTROL_LORA),
    Rule("controlnet", "sdxl", "lora_controlnet", "ldm", _CONTROL_LORA),
    *_by_width(_LDM_NET, _LDM_TEXT, "ldm", _UNION),
    Rule("controlnet", "sdxl", f"{_LDM_NET} label_emb.0.0.weight", "ldm"),
    Rule("controlnet", "", _LDM_NET, "ldm", (), (), ("sd1", "sd2", "sdxl")),
    Rule("controlnet", "sana", "input_block.weight transformer_blocks.#.ff.conv_inverted.weight", "diffusers"),
    Rule("controlnet", "sd1", "controlnet_cond_embedding.* *motion_modules.*", "diffusers", (("sparsectrl", ""),)),
    Rule("controlnet", "sdxl", f"{_DIFFUSERS_NET} add_embedding.linear_1.weight", "diffusers", _UNION),
    *_by_width(_DIFFUSERS_NET, _LDM_TEXT, "diffusers", _UNION),
    Rule("controlnet", "sd2", f"{_DIFFUSERS_NET} *.attentions.#.proj_in.weight:2", "diffusers"),
    Rule("controlnet", "sd1", _DIFFUSERS_NET, "diffusers"),
    Rule(
        "controlnet",
        "flux1",
        "controlnet_blocks.#.weight double_blocks.#.img_attn.norm.key_norm.scale",
        "bfl",
        (("xlabs", ""),),
    ),
    Rule("controlnet", "flux1", "controlnet_blocks.#.linear.weight", "bfl", (("mistoline", ""),)),
    Rule("controlnet", "sd3", "controlnet_blocks.#.weight pos_embed_input.proj.weight", "diffusers"),
    Rule(
        "controlnet",
        "qwen-image",
        "controlnet_blocks.#.weight controlnet_x_embedder.weight transformer_blocks.#.img_mlp.net.#.proj.weight",
        "diffusers",
    ),
    Rule("controlnet", "flux1", "controlnet_blocks.#.weight controlnet_x_embedder.weight", "diffusers", _UNION),
    Rule("controlnet", "qwen-image", "control_img_in.weight control_blocks.#.after_proj.weight"),
    Rule("controlnet", "z-image", "control_layers.#.adaLN_modulation.#.weight|control_all_x_embedder.2-1.weight"),
    Rule("controlnet", "hunyuan-dit", "after_proj_list.#.bias"),
    Rule("t2i-adapter", "sdxl", "body.#.resnets.#.block1.weight conv_in.weight[1]=256,768", "diffusers"),
    Rule("t2i-adapter", "sdxl", "body.#.block1.weight conv_in.weight[1]=256,768", "original"),
    Rule(
        "t2i-adapter",
        "sd1",
        "body.#.resnets.#.block1.weight",
        "diffusers",
        (("light", "body.#.in_conv.weight !conv_in.weight"),),
    ),
    Rule("t2i-adapter", "sd1", "body.#.block1.weight conv_in.weight", "original"),
    Rule("t2i-adapter", "sd1", "body.#.in_conv.weight body.#.body.#.block1.weight", "original", (("light", ""),)),
    Rule("style-model", "flux1", "redux_up.weight redux_down.weight", "original", (("redux", ""),)),
    Rule("style-model", "sd1", "style_embedding transformer_layes.#.attn.in_proj_weight|proj", "original"),
    Rule("motion-module", "sdxl", f"{_MOTION} !*mid_block.* !*down_blocks.3.*", "original"),
    Rule("motion-module", "sd1", _MOTION, "original"),
    Rule("motion-module", "sd1", "*motion_modules.#.transformer_blocks.#.* !conv_in.weight", "diffusers"),
    Rule("other", "gligen", "position_net.linears.#.weight|*.fuser.attn.to_q.weight"),
)
"""Steering networks; they are tried before models, of which some are copies."""
