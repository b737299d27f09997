"""The sampler names that other tools use, and the equivalent schedulers."""

from __future__ import annotations

# Our names, by other tools' names in lowercase, without spaces, dashes and the suffix for Karras sigmas.
EQUIVALENT = {
    "ddim": "ddim",
    "ddpm": "ddpm",
    "deis": "deis",
    "dpm2": "kdpm_2",
    "dpm2a": "kdpm_2_a",
    "dpm2ancestral": "kdpm_2_a",
    "dpmpp2": "dpmpp_2m",
    "dpmpp2m": "dpmpp_2m",
    "dpmpp2msde": "dpmpp_2m_sde",
    "dpmpp2msdegpu": "dpmpp_2m_sde",
    "dpmpp2s": "dpmpp_2s",
    "dpmpp3m": "dpmpp_3m",
    "dpmpp3msde": "dpmpp_3m_sde",
    "dpmpp3msdegpu": "dpmpp_3m_sde",
    "dpmppsde": "dpmpp_sde",
    "dpmppsdegpu": "dpmpp_sde",
    "euler": "euler",
    "eulera": "euler_a",
    "eulerancestral": "euler_a",
    "heun": "heun",
    "kdpm2": "kdpm_2",
    "kdpm2a": "kdpm_2_a",
    "lcm": "lcm",
    "lms": "lms",
    "plms": "pndm",
    "pndm": "pndm",
    "sa": "sa",
    "tcd": "tcd",
    "dpmsde": "dpmpp_sde",
    "lmsd": "lms",
    "lmsdiscrete": "lms",
    "sasolver": "sa",
    "unipc": "unipc",
    "unipcbh2": "unipc",
}
# The closest scheduler for samplers that have no equivalent.
CLOSEST = {
    "dpmpp2sa": "dpmpp_2s",
    "dpmpp2sancestral": "dpmpp_2s",
    "dpmpp2msdeheun": "dpmpp_2m_sde",
    "dpmadaptive": "dpmpp_2m",
    "dpmfast": "dpmpp_2s",
    "dcsolver": "unipc",
    "ddimv3": "ddim",
    "dpmpp1s": "dpmpp_2s",
    "dpmpp2mcfgpp": "dpmpp_2m",
    "eulercfgpp": "euler",
    "euleredm": "euler",
    "eulermax": "euler",
    "heunpp2": "heun",
    "euleracfgpp": "euler_a",
    "eulerancestralcfgpp": "euler_a",
    "ipndm": "pndm",
    "restart": "heun",
}
NO_KARRAS = frozenset({"ddim", "ddpm", "euler_a", "lcm", "pndm", "tcd"})  # these have no variant with Karras sigmas
SUFFIXES = (
    "karras",
    "polyexponential",
    "exponential",
    "turbo",
    "trailing",
    "ays",
    "substep",
)  # names of schedules at the end of sampler names
PLAIN = frozenset({"", "automatic", "normal", "native", "simple", "uniform", "ddimuniform", "sgmuniform"})


def scheduler_of(name: str, spacing: str = "") -> tuple[str | None, str | None]:
    """Return our scheduler for a sampler and its schedule type, or None; and a note unless it is an exact match."""
    key, way = _squashed(name), _squashed(spacing)
    for word in SUFFIXES:
        if key.endswith(word) and key != word:
            key, way = key.removesuffix(word), word
    if key.endswith("k") and key.removesuffix("k") in EQUIVALENT:  # InvokeAI writes `euler_k`
        key, way = key.removesuffix("k"), "karras"
    own = EQUIVALENT.get(key) or CLOSEST.get(key)
    if own is None:
        return None, f"unknown sampler `{name}`: the model's default is used"
    note = None if key in EQUIVALENT else f"the sampler `{name}` is not available: `{own}` is the closest"
    if way == "karras" and own not in NO_KARRAS:
        return f"{own}_k", note
    if way == "karras":
        note = f"`{own}` has no Karras variant"
    elif way not in PLAIN:
        note = f"the schedule type `{spacing or way}` is not available: the schedule of `{own}` is used"
    return own, note


def own_name(name: str) -> str:
    """Return our scheduler for another tool's sampler if there is an exact equivalent, otherwise the name unchanged."""
    own, note = scheduler_of(name)
    return own if own is not None and note is None else name


def _squashed(name: str) -> str:
    plain = name.strip().lower().removeprefix("sample_").removeprefix("k_").replace("++", "pp")
    return "".join(char for char in plain if char.isalnum())[:40]
