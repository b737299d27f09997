"""Rules for text encoders and image encoders.

Sources of the names: ComfyUI comfy/sd.py (detect_te_model) and comfy/clip_vision.py; transformers and open_clip (the
classes named); llama.cpp gguf-py/gguf/constants.py.
"""

from __future__ import annotations

from typing import Final

from .rule import Rule

_CLIP = "text_model.encoder.layers.#.mlp.fc1.weight"
_CLIP_WIDTH = "text_model.encoder.layers.#.layer_norm1.weight[0]"
_BARE_CLIP = "embeddings.token_embedding.weight encoder.layers.#.mlp.fc1.weight"
_OPEN_CLIP = "transformer.resblocks.#.attn.in_proj_weight|transformer.resblocks.#.ln_1.weight"
_T5 = "encoder.block.#.layer.#.SelfAttention.q.weight"
_T5_WIDTH = "encoder.block.#.layer.#.SelfAttention.q.weight[1]"
_LLM = "layers.#.self_attn.q_proj.weight|layers.#.self_attn.qkv_proj.weight"
_GATED = "layers.#.mlp.gate_proj.weight"
_LLM_WIDTH = "layers.#.input_layernorm.weight[0]"
_ALONE = "!*text_model.* !*text_encoder.* !*text_decoder.* !*qformer.* !*language_model.*"


def _text(family: str, when: str, layout: str = "transformers") -> Rule:
    measures = (("text_width", f"{_CLIP_WIDTH}"),) if when.startswith(_CLIP) else ()
    return Rule("text-encoder", family, when, layout, measures=measures)


ENCODERS: Final = (
    Rule("other", "clip", f"{_CLIP} vision_model.encoder.layers.#.mlp.fc1.weight", "transformers"),
    _text("clip-l", f"{_CLIP} {_CLIP_WIDTH}=768"),
    _text("clip-h", f"{_CLIP} {_CLIP_WIDTH}=1024"),
    _text("clip-g", f"{_CLIP} {_CLIP_WIDTH}=1280"),
    _text("clip", _CLIP),
    _text("clip-l", f"{_BARE_CLIP} embeddings.token_embedding.weight[1]=768"),
    _text("clip", _BARE_CLIP),
    Rule("other", "clip", f"{_OPEN_CLIP} visual.transformer.resblocks.#.ln_1.weight", "open_clip"),
    _text("clip-h", f"{_OPEN_CLIP} token_embedding.weight[1]=1024", "open_clip"),
    _text("clip-g", f"{_OPEN_CLIP} token_embedding.weight[1]=1280", "open_clip"),
    _text("clip", f"{_OPEN_CLIP} token_embedding.weight", "open_clip"),
    _text("umt5-xxl", f"{_T5} encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight {_T5_WIDTH}=4096"),
    _text("umt5", f"{_T5} encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight"),
    _text("t5-xxl", f"{_T5} {_T5_WIDTH}=4096"),
    _text("byt5", f"{_T5} {_T5_WIDTH}=1472"),
    _text("t5", _T5),
    _text("umt5", "blocks.#.attn.q.weight blocks.#.pos_embedding.embedding.weight token_embedding.weight", "original"),
    _text("qwen3-vl", "*layers.#.self_attn.q_proj.weight *visual.deepstack_merger_list.#.norm.weight"),
    _text("qwen2.5-vl", "*layers.#.self_attn.q_proj.bias *visual.blocks.#.attn.qkv.weight"),
    _text("qwen2.5-vl", "layers.#.self_attn.q_proj.bias layers.#.input_layernorm.weight[0]=3584"),
    _text("qwen2", f"layers.#.self_attn.q_proj.bias {_GATED}"),
    _text("gemma3", f"{_LLM} layers.#.pre_feedforward_layernorm.weight layers.#.self_attn.q_norm.weight"),
    _text("gemma2", f"{_LLM} layers.#.pre_feedforward_layernorm.weight"),
    _text("qwen3-4b", f"{_LLM} layers.#.self_attn.q_norm.weight {_LLM_WIDTH}=2560"),
    _text("qwen3-8b", f"{_LLM} layers.#.self_attn.q_norm.weight {_LLM_WIDTH}=4096"),
    _text("qwen3-0.6b", f"{_LLM} layers.#.self_attn.q_norm.weight {_LLM_WIDTH}=1024"),
    _text("qwen3", f"{_LLM} layers.#.self_attn.q_norm.weight layers.#.input_layernorm.weight"),
    _text("mistral3", f"{_LLM} {_LLM_WIDTH}=5120"),
    _text("llama", f"{_LLM} {_GATED} {_LLM_WIDTH}=4096 embed_tokens.weight[0]=128256"),
    Rule("other", "language-model", f"{_LLM} {_GATED}|layers.#.mlp.gate_up_proj.weight", "transformers"),
    _text("umt5", "enc.blk.1.attn_rel_b.weight enc.blk.#.attn_q.weight", "llama.cpp"),
    _text("t5", "enc.blk.#.attn_q.weight", "llama.cpp"),
    _text("gemma3", "blk.#.post_ffw_norm.weight blk.#.attn_q_norm.weight", "llama.cpp"),
    _text("gemma2", "blk.#.post_ffw_norm.weight", "llama.cpp"),
    _text("qwen3-4b", "blk.#.attn_q_norm.weight blk.#.attn_norm.weight[0]=2560", "llama.cpp"),
    _text("qwen3-8b", "blk.#.attn_q_norm.weight blk.#.attn_norm.weight[0]=4096", "llama.cpp"),
    _text("qwen3", "blk.#.attn_q_norm.weight blk.#.ffn_gate.weight", "llama.cpp"),
    _text("qwen2.5-vl", "blk.#.attn_q.bias blk.#.attn_norm.weight[0]=3584", "llama.cpp"),
    _text("qwen2", "blk.#.attn_q.bias blk.#.ffn_gate.weight", "llama.cpp"),
    _text("llama", "blk.#.attn_q.weight blk.#.ffn_gate.weight token_embd.weight[0]=128256", "llama.cpp"),
    Rule("other", "language-model", "blk.#.attn_q.weight blk.#.ffn_gate.weight", "llama.cpp"),
    Rule(
        "image-encoder",
        "siglip",
        f"vision_model.head.attention.in_proj_weight|vision_model.embeddings.patch_embedding.bias {_ALONE}",
        "transformers",
    ),
    Rule("image-encoder", "clip-vision", f"vision_model.encoder.layers.#.mlp.fc1.weight {_ALONE}", "transformers"),
    Rule(
        "image-encoder",
        "clip-vision",
        "visual.transformer.resblocks.#.ln_1.weight|visual.trunk.blocks.#.attn.qkv.weight",
        "open_clip",
    ),
    Rule("image-encoder", "siglip", "embeddings.patch_embedding.bias encoder.layers.#.mlp.fc1.weight", "transformers"),
    Rule("image-encoder", "clip-vision", "embeddings.class_embedding encoder.layers.#.mlp.fc1.weight", "transformers"),
    Rule("image-encoder", "vision-projector", "v.blk.#.attn_q.weight|mm.#.weight", "llama.cpp"),
    Rule("image-encoder", "dino", "embeddings.mask_token encoder.layer.#.layer_scale1.lambda1", "transformers"),
)
"""Text and image encoders, alone in a file or inside a checkpoint."""
