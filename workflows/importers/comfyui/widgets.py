"""The ComfyUI nodes that can be read, and the order of their widgets, whose values are stored by position.

The names come from ComfyUI's nodes.py and comfy_extras, and from the definitions of the node packs named below.
"""

from __future__ import annotations

from typing import Final

SIZE: Final = ("width", "height", "batch_size")
SAMPLER: Final = ("sampler_name", "scheduler")
SIGMAS: Final = ("steps", "sigma_max", "sigma_min")
SCALE: Final = ("upscale_method", "width", "height", "crop")
SCALE_BY: Final = ("upscale_method", "scale_by")
TILES: Final = ("tile_size", "overlap", "temporal_size", "temporal_overlap")
SDE: Final = ("eta", "s_noise", "noise_device")

WIDGETS: Final[dict[str, tuple[str, ...]]] = {
    # saving and loading
    "SaveImage": ("filename_prefix",),
    "PreviewImage": (),
    "LoadImage": ("image", "upload"),
    "LoadImageMask": ("image", "channel", "upload"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "CheckpointLoader": ("config_name", "ckpt_name"),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "VAELoader": ("vae_name",),
    "CLIPLoader": ("clip_name", "type", "device"),
    "DualCLIPLoader": ("clip_name1", "clip_name2", "type", "device"),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "ControlNetLoader": ("control_net_name",),
    "UpscaleModelLoader": ("model_name",),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    # prompts
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeSDXL": (
        "width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l",
    ),
    "CLIPTextEncodeSDXLRefiner": ("ascore", "width", "height", "text"),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSD3": ("clip_l", "clip_g", "t5xxl", "empty_padding"),
    "ConditioningZeroOut": (),
    "ConditioningConcat": (),
    "ConditioningCombine": (),
    "ConditioningAverage": ("conditioning_to_strength",),
    "ControlNetApply": ("strength",),
    "ControlNetApplyAdvanced": ("strength", "start_percent", "end_percent"),
    "InpaintModelConditioning": ("noise_mask",),
    "FluxGuidance": ("guidance",),
    # strings and other values
    "PrimitiveString": ("value",),
    "PrimitiveStringMultiline": ("value",),
    "PrimitiveInt": ("value",),
    "PrimitiveFloat": ("value",),
    "PrimitiveBoolean": ("value",),
    "StringConcatenate": ("string_a", "string_b", "delimiter"),
    "StringSubstring": ("string", "start", "end"),
    "StringTrim": ("string", "mode"),
    "StringReplace": ("string", "find", "replace"),
    "CaseConverter": ("string", "mode"),
    "StringLength": ("string",),
    "ComfySwitchNode": ("switch",),
    # latents
    "EmptyLatentImage": SIZE,
    "EmptySD3LatentImage": SIZE,
    "LatentUpscale": SCALE,
    "LatentUpscaleBy": SCALE_BY,
    "RepeatLatentBatch": ("amount",),
    "SetLatentNoiseMask": (),
    "VAEEncode": (),
    "VAEEncodeTiled": TILES,
    "VAEEncodeForInpaint": ("grow_mask_by",),
    "VAEDecode": (),
    "VAEDecodeTiled": TILES,
    # sampling
    "KSampler": ("seed", "steps", "cfg", *SAMPLER, "denoise"),
    "KSamplerAdvanced": (
        "add_noise", "noise_seed", "steps", "cfg", *SAMPLER, "start_at_step", "end_at_step",
        "return_with_leftover_noise",
    ),
    "SamplerCustom": ("add_noise", "noise_seed", "cfg"),
    "SamplerCustomAdvanced": (),
    "RandomNoise": ("noise_seed",),
    "DisableNoise": (),
    "BasicGuider": (),
    "CFGGuider": ("cfg",),
    "DualCFGGuider": ("cfg_conds", "cfg_cond2_negative", "style"),
    "KSamplerSelect": ("sampler_name",),
    "SamplerEulerAncestral": ("eta", "s_noise"),
    "SamplerDPMPP_2M_SDE": ("solver_type", *SDE),
    "SamplerDPMPP_3M_SDE": SDE,
    "SamplerDPMPP_SDE": ("eta", "s_noise", "r", "noise_device"),
    "SamplerLMS": ("order",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "KarrasScheduler": (*SIGMAS, "rho"),
    "ExponentialScheduler": SIGMAS,
    "PolyexponentialScheduler": (*SIGMAS, "rho"),
    "BetaSamplingScheduler": ("steps", "alpha", "beta"),
    "SplitSigmas": ("step",),
    "SplitSigmasDenoise": ("denoise",),
    # images
    "ImageScale": SCALE,
    "ImageScaleBy": SCALE_BY,
    "ImageUpscaleWithModel": (),
    "ImageInvert": (),
    "ImageBlur": ("blur_radius", "sigma"),
    "ImageCrop": ("width", "height", "x", "y"),
    "ImageFlip": ("flip_method",),
    "ImageRotate": ("rotation",),
    # efficiency-nodes-comfyui, rgthree-comfy, ComfyUI-Impact-Pack, ComfyUI-Custom-Scripts
    "Efficient Loader": (
        "ckpt_name", "vae_name", "clip_skip", "lora_name", "lora_model_strength", "lora_clip_strength", "positive",
        "negative", "token_normalization", "weight_interpretation", "empty_latent_width", "empty_latent_height",
        "batch_size",
    ),
    "KSampler (Efficient)": ("seed", "steps", "cfg", *SAMPLER, "denoise", "preview_method", "vae_decode"),
    "KSampler Config (rgthree)": ("steps_total", "refiner_step", "cfg", *SAMPLER),
    "Seed (rgthree)": ("seed",),
    "ImpactWildcardEncode": (
        "wildcard_text", "populated_text", "mode", "Select to add LoRA", "Select to add Wildcard", "seed",
    ),
    "StringFunction|pysssss": ("action", "tidy_tags", "text_a", "text_b", "text_c"),
}  # fmt: skip

OUTPUTS: Final[dict[str, tuple[str, ...]]] = {
    "KSampler Config (rgthree)": ("steps_total", "refiner_step", "cfg", *SAMPLER),
    "Efficient Loader": ("model", "positive", "negative", "latent", "vae", "clip"),
    "Context (rgthree)": ("base_ctx", "model", "clip", "vae", "positive", "negative", "latent", "images", "seed"),
    "FromBasicPipe": ("model", "clip", "vae", "positive", "negative"),
    "FromBasicPipe_v2": ("basic_pipe", "model", "clip", "vae", "positive", "negative"),
}
"""For each node type that bundles values: the input that each of its outputs corresponds to, in order."""

SILENT: Final = frozenset(
    {
        "filename_prefix", "upload", "weight_dtype", "device", "type", "preview_method", "vae_decode", "config_name",
        "control_after_generate", "control_before_generate", "wildcard_text", "noise_device",
        "return_with_leftover_noise", "Select to add LoRA", "Select to add Wildcard",
    }
)  # fmt: skip
"""Inputs that have little or no effect on the image."""

NEUTRAL: Final[dict[str, tuple[object, ...]]] = {
    "vae_name": ("Baked VAE",),
    "mode": ("populate", "fixed"),
    "lora_name": ("None",),
    "token_normalization": ("none",),
    "weight_interpretation": ("comfy",),
    "tile_size": (512,),
    "overlap": (64,),
    "temporal_size": (64,),
    "temporal_overlap": (8,),
    "crop": ("disabled",),
    "batch_size": (1,),
    "sigma_max": (14.614642,),
    "sigma_min": (0.0291675,),
    "rho": (7, 1),
    "eta": (1,),
    "s_noise": (1,),
    "order": (4,),
    "r": (0.5,),
    "solver_type": ("midpoint",),
    "alpha": (0.6,),
    "beta": (0.6,),
    "start_percent": (0,),
    "end_percent": (1,),
    "tidy_tags": ("yes", "no"),
    "empty_padding": ("none",),
}
"""For each input, the values, mostly defaults, that have no effect on the image."""
