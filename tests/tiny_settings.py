"""The settings of tiny models with the blocks of Stable Diffusion, by family (see `single_files`)."""

from __future__ import annotations

from typing import Any

WIDTH, LAYERS = 64, 2  # of the text encoders
WIDTHS = (32, 64, 96, 96)  # of the UNets and VAEs: they change and stay where those of Stable Diffusion do

SCHEDULE = {
    "_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000, "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True,
    "steps_offset": 1, "trained_betas": None,
}  # fmt: skip
"""The noise schedule as the folder of Stable Diffusion 1.5 states it."""

XL_SCHEDULE = {**SCHEDULE, "_class_name": "EulerDiscreteScheduler", "timestep_spacing": "leading",
               "interpolation_type": "linear", "sample_max_value": 1.0}  # fmt: skip
"""The noise schedule as the folder of Stable Diffusion XL states it."""

EDM_SCHEDULE = {
    "_class_name": "EDMDPMSolverMultistepScheduler", "algorithm_type": "dpmsolver++", "final_sigmas_type": "zero",
    "num_train_timesteps": 1000, "rho": 7.0, "sigma_data": 0.5, "sigma_max": 80.0, "sigma_min": 0.002,
    "solver_order": 2, "solver_type": "midpoint", "thresholding": False,
}  # fmt: skip
"""The noise schedule as the folder of Playground 2.5 states it."""
EDM_LATENTS: dict[str, Any] = {
    "scaling_factor": 0.5,
    "latents_mean": [-1.5, 0.25, 2.0, 0.5],
    "latents_std": [8.5, 5.5, 6.0, 7.0],
}

ENCODERS = {
    "sd1": {"text_encoder": "clip-l"},
    "sd2": {"text_encoder": "clip-h"},
    "sdxl": {"text_encoder": "clip-l", "text_encoder_2": "clip-g"},
    "sdxl-refiner": {"text_encoder_2": "clip-g"},
}
STARTS = {
    "sd1": {"text_encoder": "cond_stage_model.transformer."},
    "sd2": {"text_encoder": "cond_stage_model.model."},
    "sdxl": {
        "text_encoder": "conditioner.embedders.0.transformer.",
        "text_encoder_2": "conditioner.embedders.1.model.",
    },
    "sdxl-refiner": {"text_encoder_2": "conditioner.embedders.0.model."},
}
"""How the names of the text encoders' tensors start in the file."""

XL = {
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": WIDTHS[:3],
    "transformer_layers_per_block": (1, 1, 3),
    "attention_head_dim": (1, 1, 1),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
}
UNETS: dict[str, dict[str, Any]] = {
    "sd1": {"block_out_channels": WIDTHS, "cross_attention_dim": WIDTH},
    "sd2": {
        "block_out_channels": WIDTHS,
        "cross_attention_dim": WIDTH,
        "attention_head_dim": [1, 1, 1, 1],
        "use_linear_projection": True,
    },
    "sdxl": {
        **XL,
        "cross_attention_dim": 3 * WIDTH,
        "projection_class_embeddings_input_dim": 2 * WIDTH + 6 * 256,
    },
    "sdxl-refiner": {
        **XL,
        "down_block_types": (*XL["down_block_types"], "DownBlock2D"),
        "up_block_types": ("UpBlock2D", *XL["up_block_types"]),
        "block_out_channels": WIDTHS,
        "transformer_layers_per_block": 1,
        "attention_head_dim": (1, 1, 1, 1),
        "cross_attention_dim": 2 * WIDTH,
        "projection_class_embeddings_input_dim": 2 * WIDTH + 5 * 256,
    },
}
