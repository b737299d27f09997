"""The table of schedulers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.denoising.schedulers import SCHEDULERS, check_scheduler, make_scheduler
from core.errors import UnknownScheduler
from core.models.diffusers_classes import quiet


def test_the_error_for_an_unknown_scheduler_lists_the_known_ones() -> None:
    with pytest.raises(UnknownScheduler) as caught:
        check_scheduler("dpmpp_2n")
    assert str(caught.value) == "there is no scheduler `dpmpp_2n`"
    assert "dpmpp_2m" in caught.value.candidates


def test_the_table_contains_the_common_schedulers() -> None:
    usual = (
        "ddim ddpm euler euler_k euler_a heun lms dpmpp_2m dpmpp_2m_k dpmpp_2m_sde dpmpp_sde unipc lcm tcd deis pndm"
    )
    assert set(usual.split()) <= set(SCHEDULERS)
    assert len(SCHEDULERS) >= 30


SD1 = {
    "_class_name": "PNDMScheduler",
    "_diffusers_version": "0.6.0",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "trained_betas": None,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "sd1": SD1,
    "trailing": {**SD1, "_class_name": "EulerDiscreteScheduler", "timestep_spacing": "trailing"},
    "zero-snr": {
        **SD1, "_class_name": "DDIMScheduler", "prediction_type": "v_prediction", "rescale_betas_zero_snr": True,
        "timestep_spacing": "trailing", "clip_sample_range": 1.0,
    },
    "final-sigma": {**SD1, "_class_name": "EulerDiscreteScheduler", "final_sigmas_type": "sigma_min"},
}  # fmt: skip

COMMON = ("ddim", "ddpm", "euler", "euler_a", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_3m", "unipc", "lcm", "tcd")
NO_ZERO_SNR = ("deis", "dpmpp_2s", "dpmpp_sde", "heun", "kdpm_2", "kdpm_2_a", "lms", "pndm", "sa")
"""Schedulers of diffusers that ignore `rescale_betas_zero_snr`."""


@pytest.mark.parametrize("name", NO_ZERO_SNR)
def test_schedulers_without_zero_terminal_snr_get_the_betas_of_one_that_has_it(name: str) -> None:
    with quiet():
        made = make_scheduler(name, CONFIGS["zero-snr"], seeds=(1,))
        euler = make_scheduler("euler", CONFIGS["zero-snr"])
        usual = make_scheduler(name, SD1, seeds=(1,))
        made.set_timesteps(7)
    assert "rescale_betas_zero_snr" not in made.config
    assert torch.allclose(made.alphas_cumprod, euler.alphas_cumprod, rtol=1e-4, atol=1e-6)
    assert made.alphas_cumprod[-1] < 1e-7 < usual.alphas_cumprod[-1]


@pytest.mark.parametrize(
    ("config", "name"),
    [
        *[("sd1", name) for name in SCHEDULERS if not name.startswith("kdpm") or name == "kdpm_2"],
        *[(config, name) for config in CONFIGS if config != "sd1" for name in COMMON],
    ],
)
def test_a_schedule_is_that_of_diffusers_with_the_same_settings(config: str, name: str) -> None:
    import diffusers

    row, settings = SCHEDULERS[name], CONFIGS[config]
    seed = {"noise_sampler_seed": [1]} if row.seeded else {}
    with quiet():
        theirs = getattr(diffusers, row.class_name).from_config(settings, **row.settings, **seed)
        ours = make_scheduler(name, settings, seeds=(1,))
        for each in (ours, theirs):
            each.set_timesteps(7)
    for what in ("timesteps", "sigmas", "alphas_cumprod"):
        if hasattr(theirs, what):
            assert torch.equal(torch.as_tensor(getattr(ours, what)), torch.as_tensor(getattr(theirs, what)))
    for what in ("prediction_type", "timestep_spacing", "rescale_betas_zero_snr", "final_sigmas_type"):
        if what in settings and what in ours.config:
            assert ours.config[what] == settings[what]


@pytest.mark.parametrize("name", SCHEDULERS)
def test_settings_of_one_scheduler_do_not_change_the_algorithm_of_another(name: str) -> None:
    settings = {**SD1, "_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "sde-dpmsolver++"}
    wanted = SCHEDULERS[name].settings.get("algorithm_type")
    with quiet():
        assert make_scheduler(name, settings, seeds=(1,)).config.get("algorithm_type") == wanted
