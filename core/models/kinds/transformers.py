"""Rules for diffusion transformers that generate images.

Sources of the names: ComfyUI comfy/model_detection.py; diffusers loaders/single_file_utils.py and
models/transformers/; stable-diffusion.cpp src/model_loader.cpp.
"""

from __future__ import annotations

from typing import Final

from .rule import Rule


def _rule(
    family: str,
    when: str,
    layout: str = "original",
    variants: tuple[tuple[str, str], ...] = (),
    measures: tuple[tuple[str, str], ...] = (),
) -> Rule:
    return Rule("model", family, when, layout, variants, measures)


_FLUX_BLOCKS = (
    "double_blocks.#.img_attn.norm.key_norm.scale|double_blocks.#.img_attn.norm.key_norm.weight"
    "|double_blocks.#.img_attn.qkv.qweight|double_blocks.#.img_attn.qkv.weight"
)
_FLUX_VARIANTS = (
    ("fill", "img_in.weight[1]=384|x_embedder.weight[1]=384"),
    ("control", "img_in.weight[1]=128|x_embedder.weight[1]=128"),
    ("dev", "guidance_in.in_layer.weight|time_text_embed.guidance_embedder.linear_1.weight"),
    ("schnell", ""),
)
_FLUX2_VARIANTS = (
    ("dev", "txt_in.weight[1]=15360|context_embedder.weight[1]=15360"),
    ("klein-4b", "txt_in.weight[1]=7680|context_embedder.weight[1]=7680"),
    ("klein-9b", "txt_in.weight[1]=12288|context_embedder.weight[1]=12288"),
    ("dev", "guidance_in.in_layer.weight|time_guidance_embed.guidance_embedder.linear_1.weight"),
)
_SD3_VARIANTS = (
    ("3.5-large", "joint_blocks.37.x_block.attn.qkv.weight|transformer_blocks.37.attn.to_q.weight"),
    ("3.5-medium", "joint_blocks.#.x_block.attn2.qkv.weight|transformer_blocks.#.attn2.to_q.weight"),
    ("3-medium", ""),
)
_QWEN_VARIANTS = (
    ("layered", "time_text_embed.addition_t_embedding.weight"),
    ("edit-2511", "__index_timestep_zero__"),
)
_WAN_VARIANTS = (
    ("vace", "vace_patch_embedding.weight|vace_blocks.#.*"),
    ("animate", "face_adapter.*|motion_encoder.*"),
    ("s2v", "casual_audio_encoder.*"),
    ("camera", "control_adapter.conv.weight"),
    ("ti2v-5b", "patch_embedding.weight[1]=48"),
    ("i2v", "img_emb.proj.#.bias|condition_embedder.image_embedder.norm1.weight|patch_embedding.weight[1]=36"),
    ("t2v-1.3b", "patch_embedding.weight[0]=1536"),
    ("t2v-14b", "patch_embedding.weight[0]=5120"),
)

_FLUX_LIKE = "single_transformer_blocks.#.attn.to_q.weight time_embed.timestep_embedder.linear_1.weight"

TRANSFORMERS: Final = (
    _rule(
        "sd3",
        "joint_blocks.#.context_block.attn.qkv.weight|joint_blocks.#.context_block.adaLN_modulation.#.weight",
        variants=_SD3_VARIANTS,
        measures=(("channels", "x_embedder.proj.weight[1]"),),
    ),
    _rule("auraflow", "double_layers.#.attn.w1q.weight|joint_transformer_blocks.#.attn.add_q_proj.weight"),
    _rule("hunyuan-dit", "mlp_t5.#.weight"),
    _rule("hunyuan-dit", "text_embedder.linear_1.weight blocks.#.attn2.to_q.weight", "diffusers"),
    _rule("hunyuan-image", "txt_in.individual_token_refiner.blocks.#.norm1.weight img_in.proj.weight:4"),
    _rule(
        "hunyuan-image",
        "context_embedder.token_refiner.refiner_blocks.#.norm1.weight x_embedder.proj.weight:4",
        "diffusers",
    ),
    _rule(
        "flux3",
        "early_stream_modulations.image.lin.weight",
        "bfl",
        variants=(("distilled", "ref_time_in.in_layer.weight"),),
    ),
    _rule("flux2", "double_stream_modulation_img.lin.weight", "bfl", _FLUX2_VARIANTS),
    _rule("flux2", "double_stream_modulation_img.linear.weight", "diffusers", _FLUX2_VARIANTS),
    _rule("chroma-radiance", "nerf_blocks.#.norm.*|nerf_image_embedder.*", "bfl"),
    _rule("chroma", "distilled_guidance_layer.* double_blocks.#.img_attn.*", "bfl"),
    _rule("chroma", "distilled_guidance_layer.* single_transformer_blocks.#.*", "diffusers"),
    _rule("ovis-image", f"{_FLUX_BLOCKS} double_blocks.#.img_mlp.gate_proj.weight txt_norm.*", "bfl"),
    _rule("longcat-image", f"{_FLUX_BLOCKS} txt_in.weight[1]=3584 !vector_in.in_layer.weight", "bfl"),
    _rule(
        "flux1",
        f"{_FLUX_BLOCKS} img_in.weight|img_in.qweight single_blocks.#.linear1.weight|single_blocks.#.linear1.qweight "
        "!img_in.weight:5",
        "bfl",
        _FLUX_VARIANTS,
        (("channels", "img_in.weight[1]"),),
    ),
    _rule(
        "flux1",
        "single_transformer_blocks.#.attn.to_q.weight|single_transformer_blocks.#.qkv_proj.qweight "
        "transformer_blocks.#.attn.add_q_proj.weight|transformer_blocks.#.qkv_proj_context.qweight "
        "x_embedder.weight time_text_embed.timestep_embedder.linear_1.weight",
        "diffusers",
        _FLUX_VARIANTS,
        (("channels", "x_embedder.weight[1]"),),
    ),
    _rule("qwen-image-2.1", "txt_in.text_norm.weight", "diffusers"),
    _rule("mage-flow", "txt_norm.weight[0]=2560 proj_out.weight[0]=128", "diffusers"),
    _rule(
        "qwen-image",
        "transformer_blocks.#.img_mod.#.weight|transformer_blocks.#.img_mod.#.qweight txt_norm.weight",
        "diffusers",
        _QWEN_VARIANTS,
    ),
    _rule(
        "sd3",
        "transformer_blocks.#.attn.add_k_proj.weight transformer_blocks.#.norm1_context.linear.weight "
        "pos_embed.proj.weight context_embedder.weight",
        "diffusers",
        _SD3_VARIANTS,
        (("channels", "pos_embed.proj.weight[1]"),),
    ),
    _rule("z-image", "cap_pad_token context_refiner.#.* cap_embedder.#.weight all_x_embedder.2-1.weight", "diffusers"),
    _rule("z-image", "cap_pad_token context_refiner.#.* cap_embedder.#.weight"),
    _rule("newbie", "clip_text_pooled_proj.#.weight noise_refiner.#.attention.k_norm.weight"),
    _rule("ming-image", "cap_embedder.1.weight[0]=3840 noise_refiner.#.attention.k_norm.weight"),
    _rule("lumina2", "cap_embedder.#.weight noise_refiner.#.attention.k_norm.weight"),
    _rule("omnigen2", "time_caption_embed.timestep_embedder.linear_1.weight ref_image_refiner.#.*", "diffusers"),
    _rule("lumina2", "time_caption_embed.timestep_embedder.linear_1.weight noise_refiner.#.*", "diffusers"),
    _rule("sana", "attention_y_norm.weight blocks.#.cross_attn.q_linear.weight"),
    _rule("sana", "blocks.#.cross_attn.q_linear.weight blocks.#.mlp.inverted_conv.conv.weight"),
    _rule("sana", "transformer_blocks.#.ff.conv_inverted.weight caption_projection.linear_1.weight", "diffusers"),
    _rule(
        "pixart-alpha",
        "t_block.#.weight blocks.#.cross_attn.q_linear.weight ar_embedder.mlp.#.weight|csize_embedder.mlp.#.weight",
    ),
    _rule("pixart-sigma", "t_block.#.weight blocks.#.cross_attn.q_linear.weight"),
    _rule(
        "pixart-alpha",
        "adaln_single.linear.weight pos_embed.proj.weight caption_projection.linear_1.weight "
        "adaln_single.emb.resolution_embedder.linear_1.weight",
        "diffusers",
    ),
    _rule(
        "pixart-sigma",
        "adaln_single.linear.weight pos_embed.proj.weight caption_projection.linear_1.weight",
        "diffusers",
    ),
    _rule("hidream", "double_stream_blocks.#.block.adaLN_modulation.#.weight"),
    _rule("bria", "caption_projection.#.linear.weight single_transformer_blocks.#.*", "diffusers", (("fibo", ""),)),
    _rule("longcat-image", f"{_FLUX_LIKE} context_embedder.weight[1]=3584", "diffusers"),
    _rule("bria", _FLUX_LIKE, "diffusers"),
    _rule("ovis-image", "context_embedder_norm.weight single_transformer_blocks.#.*", "diffusers"),
    _rule("flux3", "early_stream_modulations.image.linear.weight", "diffusers"),
    _rule("prx", "blocks.#.attention.img_qkv_proj.weight blocks.#.attention.txt_kv_proj.weight"),
    _rule("glm-image", "glyph_projector.net.#.weight prior_token_embedding.weight", "diffusers"),
    _rule("hidream-o1", "t_embedder1.mlp.0.weight x_embedder.proj1.weight"),
    _rule("krea2", "txtfusion.projector.weight"),
    _rule("krea2", "text_fusion.projector.weight", "diffusers"),
    _rule("ideogram4", "embed_image_indicator.weight"),
    _rule("kandinsky5", "visual_transformer_blocks.#.cross_attention.key_norm.weight"),
    _rule("ernie-image", "layers.#.mlp.linear_fc2.weight x_embedder.*"),
    _rule("anima", "llm_adapter.blocks.#.cross_attn.q_proj.weight blocks.#.mlp.layer1.weight"),
    _rule(
        "cogview4",
        "time_condition_embed.timestep_embedder.linear_1.weight patch_embed.text_proj.weight",
        "diffusers",
    ),
    _rule("cascade", "clip_txt_mapper.weight", variants=(("prior", ""),)),
    _rule(
        "cascade", "clip_txt_pooled_mapper.weight down_blocks.#.#.channelwise.#.weight", "diffusers", (("decoder", ""),)
    ),
    _rule("cascade", "clip_mapper.weight down_blocks.#.#.channelwise.#.weight", variants=(("decoder", ""),)),
    _rule("wan", "head.modulation patch_embedding.weight:5", variants=_WAN_VARIANTS),
    _rule(
        "wan",
        "condition_embedder.text_embedder.linear_1.weight patch_embedding.weight:5 scale_shift_table",
        "diffusers",
        _WAN_VARIANTS,
    ),
)
"""Diffusion transformers in the order in which they are tried: special ones before general ones."""
