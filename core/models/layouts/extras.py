"""Tensors in model files that are not weights of the network that is loaded.

Sources: CompVis ldm/models/diffusion/ddpm.py (the noise schedule and the loss), ldm/modules/ema.py (averaged copies);
ComfyUI comfy/supported_models.py (markers of the prediction type).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import filterfalse
from typing import Final

_SCHEDULE: Final = ("alphas_cumprod", "sqrt_", "log_one_minus_", "posterior_", "denoiser.", "lvlb_weights")
_OTHER_PARTS: Final = (
    "model_ema.", "model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "conditioner.", "text_encoders.",
    "loss.", "embedder.", "noise_augmentor.", "vision_model.", "visual_projection.",
)  # fmt: skip
_WHOLE: Final = (
    "betas", "logvar", "scale_factor", "global_step", "logit_scale",
    "v_pred", "ztsnr", "edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min",
)  # fmt: skip


_EXTRA: Final = re.compile(
    "|".join([*map(re.escape, (*_SCHEDULE, *_OTHER_PARTS)), *[rf"{re.escape(name)}\Z" for name in _WHOLE]])
)


def without_extras(names: Iterable[str]) -> list[str]:
    """Leave out tensors that belong to the training, to the noise schedule or to another part of the model."""
    return [*filterfalse(_EXTRA.match, names)]
