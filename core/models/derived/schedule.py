"""The noise schedule that the models of a family were trained with, as diffusers names its settings.

Sources: the scheduler_config.json of the published models; diffusers loaders/single_file_utils.py
(SCHEDULER_DEFAULT_CONFIG).
"""

from __future__ import annotations

from typing import Any, Final

from core.models.family import FEW_STEPS

_ALL: Final = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "steps_offset": 1,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
}
_SDXL: Final = {"timestep_spacing": "leading", "interpolation_type": "linear", "sample_max_value": 1.0}
ZERO_SNR: Final = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
"""So that sampling starts at the last timestep (arXiv:2305.08891, section 3.3)."""

FAMILIES: Final[dict[str, dict[str, Any]]] = {
    "sd1": _ALL,
    "sd2": _ALL,
    "sdxl": {**_ALL, **_SDXL},
    "sdxl-refiner": {**_ALL, **_SDXL},
}

_EDM: Final = {"num_train_timesteps": 1000, "sigma_min": 0.002, "rho": 7.0}
EDM: Final[dict[str, dict[str, Any]]] = {
    "edm": {
        **_EDM,
        "_class_name": "EDMDPMSolverMultistepScheduler",
        "sigma_max": 80.0,
        "sigma_data": 0.5,
        "prediction_type": "epsilon",
    },
    "edm_v_prediction": {
        **_EDM,
        "_class_name": "EDMEulerScheduler",
        "sigma_max": 120.0,
        "sigma_data": 1.0,
        "sigma_schedule": "exponential",
        "prediction_type": "v_prediction",
    },
}
"""Schedules of arXiv:2206.00364, by what the UNet predicts: those of Playground 2.5 and CosXL."""


def schedule_config(
    family: str, *, prediction: str = "epsilon", variant: str = "", zero_snr: bool = False
) -> dict[str, Any]:
    """Return the noise schedule of a model.

    prediction: what the UNet predicts, `epsilon` or `v_prediction`, or a key of `EDM`. variant: of the family; the
    settings that it replaces are left out. zero_snr: the last timestep is pure noise (arXiv:2305.08891, section 3.1).

    Raises: KeyError, if the family has no such schedule.
    """
    if prediction in EDM:
        return dict(EDM[prediction])
    replaced = {key for each in FEW_STEPS if each.name == variant for key in each.schedule}
    common = {key: value for key, value in FAMILIES[family].items() if key not in replaced}
    return {**common, **(ZERO_SNR if zero_snr else {}), "prediction_type": prediction}
