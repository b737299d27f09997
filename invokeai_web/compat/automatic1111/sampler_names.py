"""The names of samplers, schedule types and upscalers in AUTOMATIC1111, and our own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

# Its name for each of our schedulers; a scheduler whose name ends in `_k` has Karras sigmas.
NAMES: Final = {
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "deis": "DEIS",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_sde": "DPM++ 2M SDE",
    "dpmpp_2s": "DPM++ 2S",
    "dpmpp_3m": "DPM++ 3M",
    "dpmpp_3m_sde": "DPM++ 3M SDE",
    "dpmpp_sde": "DPM++ SDE",
    "euler": "Euler",
    "euler_a": "Euler a",
    "heun": "Heun",
    "kdpm_2": "DPM2",
    "kdpm_2_a": "DPM2 a",
    "lcm": "LCM",
    "lms": "LMS",
    "pndm": "PLMS",
    "sa": "SA Solver",
    "tcd": "TCD",
    "unipc": "UniPC",
}
KARRAS: Final = "_k"
SCHEDULES: Final = (("automatic", "Automatic"), ("karras", "Karras"))
NO_UPSCALER: Final = "None"


def sampler_name(scheduler: str) -> str:
    """Return AUTOMATIC1111's name for a scheduler, or its own name if AUTOMATIC1111 has none."""
    plain = scheduler.removesuffix(KARRAS)
    return NAMES.get(plain, plain) + (" Karras" if plain != scheduler else "")


def sampler_rows(schedulers: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of `samplers`."""
    return [{"name": sampler_name(each), "aliases": [each], "options": {}} for each in schedulers]


def schedule_rows() -> list[dict[str, Any]]:
    """Return the rows of `schedulers`, as AUTOMATIC1111 calls the schedules of sigmas."""
    return [
        {"name": name, "label": label, "aliases": None, "default_rho": -1.0, "need_inner_model": False}
        for name, label in SCHEDULES
    ]


def upscaler_rows(methods: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of `upscalers`; the first one stands for no upscaler."""
    names = [NO_UPSCALER, *(method.capitalize() for method in methods)]
    return [{"name": name, "model_name": None, "model_path": None, "model_url": None, "scale": 4} for name in names]


def upscaler_named(name: str, methods: Collection[str]) -> str | None:
    """Return our method for an upscaler, or None if there is none of this name."""
    return next((method for method in methods if method.casefold() == name.casefold()), None)
