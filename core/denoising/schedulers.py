"""The table of schedulers by short name. It does not import torch; only the scheduler in use is imported.

Schedulers whose name ends in `_k` space the noise levels as in arXiv:2206.00364, equation 5 ("Karras").
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from core.errors import BadSetting, UnknownScheduler

NO_CONFIG: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scheduler:
    """A scheduler from diffusers: its title, module, class and settings."""

    title: str
    module: str
    class_name: str
    settings: dict[str, Any] = field(default_factory=dict)
    seeded: bool = False
    """Whether the scheduler takes seeds for its noise in its constructor, instead of generators in each step."""


def _table() -> dict[str, Scheduler]:
    multistep = ("dpmsolver_multistep", "DPMSolverMultistepScheduler")
    plain = {
        "ddim": Scheduler("DDIM", "ddim", "DDIMScheduler"),
        "ddpm": Scheduler("DDPM", "ddpm", "DDPMScheduler"),
        "pndm": Scheduler("PNDM / PLMS", "pndm", "PNDMScheduler", {"skip_prk_steps": True}),
        "euler_a": Scheduler("Euler ancestral", "euler_ancestral_discrete", "EulerAncestralDiscreteScheduler"),
        "lcm": Scheduler("LCM", "lcm", "LCMScheduler"),
        "tcd": Scheduler("TCD", "tcd", "TCDScheduler"),
    }
    with_karras = {
        "euler": Scheduler("Euler", "euler_discrete", "EulerDiscreteScheduler"),
        "heun": Scheduler("Heun", "heun_discrete", "HeunDiscreteScheduler"),
        "lms": Scheduler("LMS", "lms_discrete", "LMSDiscreteScheduler"),
        "kdpm_2": Scheduler("KDPM 2", "k_dpm_2_discrete", "KDPM2DiscreteScheduler"),
        "kdpm_2_a": Scheduler("KDPM 2 ancestral", "k_dpm_2_ancestral_discrete", "KDPM2AncestralDiscreteScheduler"),
        "dpmpp_2m": Scheduler("DPM++ 2M", *multistep, {"algorithm_type": "dpmsolver++", "solver_order": 2}),
        "dpmpp_2m_sde": Scheduler("DPM++ 2M SDE", *multistep, {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}),
        "dpmpp_3m": Scheduler("DPM++ 3M", *multistep, {"algorithm_type": "dpmsolver++", "solver_order": 3}),
        "dpmpp_3m_sde": Scheduler("DPM++ 3M SDE", *multistep, {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}),
        "dpmpp_2s": Scheduler(
            "DPM++ 2S",
            "dpmsolver_singlestep",
            "DPMSolverSinglestepScheduler",
            {"lower_order_final": True, "algorithm_type": "dpmsolver++"},
        ),
        "dpmpp_sde": Scheduler("DPM++ SDE", "dpmsolver_sde", "DPMSolverSDEScheduler", seeded=True),
        "unipc": Scheduler("UniPC", "unipc_multistep", "UniPCMultistepScheduler"),
        "deis": Scheduler("DEIS", "deis_multistep", "DEISMultistepScheduler", {"algorithm_type": "deis"}),
        "sa": Scheduler("SA", "sasolver", "SASolverScheduler", {"algorithm_type": "data_prediction"}),
    }
    karras = {
        f"{name}_k": Scheduler(
            f"{row.title} Karras", row.module, row.class_name, {**row.settings, "use_karras_sigmas": True}, row.seeded
        )
        for name, row in with_karras.items()
    }
    return dict(sorted({**plain, **with_karras, **karras}.items()))


SCHEDULERS = _table()

ZERO_SNR: Final = "rescale_betas_zero_snr"
"""The setting of models whose last timestep is pure noise (arXiv:2305.08891, section 3.1)."""

_EDM_MULTISTEP = ("edm_dpmsolver_multistep", "EDMDPMSolverMultistepScheduler")
EDM = {
    "dpmpp_2m": Scheduler("DPM++ 2M", *_EDM_MULTISTEP, {"algorithm_type": "dpmsolver++", "solver_order": 2}),
    "dpmpp_2m_sde": Scheduler(
        "DPM++ 2M SDE", *_EDM_MULTISTEP, {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}
    ),
    "euler": Scheduler("Euler", "edm_euler", "EDMEulerScheduler"),
}
"""The schedulers for models whose noise schedule is that of arXiv:2206.00364 ("EDM"), such as Playground 2.5."""


ABOUT = {  # a description also applies to the scheduler of the same name with `_k`
    "ddim": "one UNet evaluation per step, deterministic",
    "ddpm": "the original sampler; adds noise at each step, needs many steps",
    "deis": "multistep, good with few steps",
    "dpmpp_2m": "second-order multistep, good with 15 or more steps",
    "dpmpp_2m_sde": "like dpmpp_2m, but adds noise at each step",
    "dpmpp_2s": "second-order single-step",
    "dpmpp_3m": "third-order multistep",
    "dpmpp_3m_sde": "like dpmpp_3m, but adds noise at each step",
    "dpmpp_sde": "adds noise at each step, two UNet evaluations per step, slow",
    "euler": "the simplest sampler, one UNet evaluation per step",
    "euler_a": "adds noise at each step, so the image changes with the number of steps",
    "heun": "two UNet evaluations per step, slow and accurate",
    "kdpm_2": "two UNet evaluations per step",
    "kdpm_2_a": "adds noise at each step, two UNet evaluations per step",
    "lcm": "for models distilled to 1 to 8 steps",
    "lms": "linear multistep",
    "pndm": "multistep, needs 20 steps or more",
    "sa": "multistep, adds noise at each step",
    "tcd": "for models distilled to 1 to 8 steps",
    "unipc": "predictor-corrector, good with few steps",
}


def about() -> dict[str, str]:
    """Return a description of each scheduler by short name."""
    return {
        name: row.title if name.endswith("_k") else f"{row.title}; {ABOUT[name]}" for name, row in SCHEDULERS.items()
    }


def names() -> tuple[str, ...]:
    """Return the short names of all schedulers."""
    return tuple(SCHEDULERS)


def is_edm(config: Mapping[str, Any]) -> bool:
    """Return True if the noise schedule in a model's `config` is that of arXiv:2206.00364."""
    return str(config.get("_class_name", "")).startswith("EDM")


def check_scheduler(name: str, config: Mapping[str, Any] = NO_CONFIG) -> Scheduler:
    """Return the table's entry for this scheduler, for a model with the noise schedule in `config`.

    Raises: UnknownScheduler, BadSetting (the model cannot run with it).
    """
    if name not in SCHEDULERS:
        raise UnknownScheduler(name, names())
    if is_edm(config) and name not in EDM:
        raise BadSetting("scheduler", name, f"{', '.join(EDM)} for this model")
    return EDM[name] if is_edm(config) else SCHEDULERS[name]


def make_scheduler(name: str, config: Mapping[str, Any], *, seeds: tuple[int, ...] = ()) -> Any:
    """Create the scheduler with this name, using the noise schedule in a model's `config`.

    Raises: UnknownScheduler, BadSetting.
    """
    row = check_scheduler(name, config)
    from core.models.diffusers_classes import scheduler_class

    kind = scheduler_class(row.module, row.class_name)
    # diffusers' from_config does the same, but inspects the signature eighteen times.
    understood = {key: config[key] for key in _settings_of(kind) if key in config}
    own: dict[str, Any] = {"noise_sampler_seed": list(seeds) or None} if row.seeded else {}
    if config.get(ZERO_SNR) and ZERO_SNR not in _settings_of(kind):
        own["trained_betas"] = _zero_snr_betas(config)  # diffusers would ignore what the model was trained with
    return kind(**{**understood, **row.settings, **own})


def _zero_snr_betas(config: Mapping[str, Any]) -> list[float]:
    """Return the betas of a schedule whose last timestep is nearly pure noise, as those of Euler's scheduler are."""
    kept = make_scheduler("euler", config).alphas_cumprod.double().tolist()
    return [1 - now / before for before, now in zip([1.0, *kept[:-1]], kept, strict=True)]


@cache
def _settings_of(kind: Any) -> tuple[str, ...]:
    """Return the names of the parameters of a scheduler's constructor."""
    return tuple([name for name in inspect.signature(kind.__init__).parameters if name != "self"])
