"""Rules for models that this program has no use for: video, audio, 3D and image analysis.

They are recognized so that they are named instead of being called unknown. Source of the names: ComfyUI
comfy/model_detection.py and comfy/sd.py; diffusers loaders/single_file_utils.py.
"""

from __future__ import annotations

from typing import Final

from .rule import Rule


def _other(purpose: str, when: str) -> Rule:
    return Rule("other", purpose, when)


LOOKALIKES: Final = (
    _other("text-to-video", "conv_in.weight transformer_in.proj_in.weight|*.temp_convs.#.conv1.#.weight"),
    _other("animatediff", "conv_in.weight *motion_modules.#.transformer_blocks.*"),
    _other("audioldm2", "conv_in.weight down_blocks.0.attentions.3.norm.weight"),
    _other("allegro", "adaln_single.linear.weight pos_embed.proj.weight[0]=2304"),
    _other("sana-video", "patch_embedding.weight:5 transformer_blocks.#.ff.conv_temp.weight"),
)
"""Models for other purposes that are built like one of ours; they are tried before those."""

OTHERS: Final = (
    _other("hunyuan-video", "txt_in.individual_token_refiner.blocks.#.norm1.weight"),
    _other("hunyuan-video", "context_embedder.token_refiner.refiner_blocks.#.norm1.weight"),
    _other("ltx-video", "patchify_proj.weight transformer_blocks.#.scale_shift_table"),
    _other(
        "ltx-video",
        "adaln_single.emb.timestep_embedder.linear_1.bias proj_in.weight transformer_blocks.#.scale_shift_table",
    ),
    _other(
        "ltx-video",
        "time_embed.emb.timestep_embedder.linear_1.weight proj_in.weight caption_projection.linear_1.weight",
    ),
    _other("mochi", "t5_yproj.weight|blocks.#.attn.qkv_x.weight"),
    _other("cogvideox", "blocks.#.norm1.linear.weight patch_embed.*"),
    _other("cosmos", "blocks.block0.blocks.#.block.attn.to_q.#.weight|blocks.block#.blocks.#.block.attn.to_q.#.weight"),
    _other("cosmos", "blocks.#.mlp.layer1.weight x_embedder.proj.#.weight"),
    _other("cogvideox", "patch_embed.text_proj.weight transformer_blocks.#.norm1.linear.weight"),
    _other("mochi", "time_embed.pooler.to_kv.weight"),
    _other("cosmos", "time_embed.t_embedder.linear_1.weight transformer_blocks.#.norm1.linear_1.weight"),
    _other("stable-audio", "preprocess_conv.weight cross_attention_proj.#.weight"),
    _other("minimax-h3", "audio_proj_in.weight token_refiner.*"),
    _other("minimax-h3", "video_patch_proj.weight audio_patch_proj.weight"),
    _other("seedvr2", "blocks.#.mlp.all.proj_in_gate.weight|blocks.#.mlp.vid.proj_out.weight"),
    _other("stable-audio", "transformer.rotary_pos_emb.inv_freq|to_cond_embed.#.weight"),
    _other("ace-step", "genre_embedder.weight|encoder.lyric_encoder.layers.#.input_layernorm.weight"),
    _other("hunyuan-3d", "latent_in.weight cond_in.weight"),
    _other("trellis2", "img2shape.t_embedder.mlp.#.weight|shape2txt.t_embedder.mlp.#.weight"),
    _other("depth-anything", "backbone.embeddings.patch_embeddings.projection.weight"),
    _other("depth-anything", "pretrained.blocks.#.attn.qkv.weight depth_head.*"),
    _other(
        "sam", "detector.backbone.vision_backbone.trunk.blocks.#.attn.qkv.weight|image_encoder.blocks.#.attn.rel_pos_h"
    ),
    _other("sam", "image_encoder.trunk.blocks.#.attn.qkv.weight|vision_encoder.layers.#.attn.rel_pos_h"),
    _other("safety-checker", "concept_embeds special_care_embeds_weights"),
    _other("yolo", "model.#.cv2.conv.weight model.#.m.#.cv1.conv.weight"),
)
"""Models for other purposes; `family` names them."""
