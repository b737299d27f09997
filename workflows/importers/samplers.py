"""Samplers by the names of other tools, and which of our schedulers does the same."""

from __future__ import annotations

# Names without case, blanks, dashes and the words for Karras' spacing -> our short name.
EQUAL = {
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
    "unipc": "unipc",
    "unipcbh2": "unipc",
}
# What comes near where there is no equal.
NEAR = {
    "dpmpp2sa": "dpmpp_2s",
    "dpmpp2sancestral": "dpmpp_2s",
    "dpmpp2msdeheun": "dpmpp_2m_sde",
    "dpmadaptive": "dpmpp_2m",
    "dpmfast": "dpmpp_2s",
    "eulercfgpp": "euler",
    "euleracfgpp": "euler_a",
    "eulerancestralcfgpp": "euler_a",
    "ipndm": "pndm",
    "restart": "heun",
}
ONE_SPACING = frozenset({"ddim", "ddpm", "euler_a", "lcm", "pndm", "tcd"})  # have no variant spaced as Karras does
PLAIN = frozenset({"", "automatic", "normal", "simple", "uniform", "ddimuniform", "sgmuniform"})


def scheduler_of(name: str, spacing: str = "") -> tuple[str | None, str | None]:
    """Return our scheduler for a sampler and the spacing of its noise levels, and what is to be said of it."""
    key, way = _squashed(name), _squashed(spacing)
    for word in ("karras", "exponential", "turbo"):
        if key.endswith(word) and key != word:
            key, way = key.removesuffix(word), word
    if key.endswith("k") and key.removesuffix("k") in EQUAL:  # InvokeAI's `euler_k`
        key, way = key.removesuffix("k"), "karras"
    own = EQUAL.get(key) or NEAR.get(key)
    if own is None:
        return None, f"the sampler `{name}` is not known here: what suits the model is used"
    note = None if key in EQUAL else f"the sampler `{name}` is not there: `{own}` comes near"
    if way == "karras" and own not in ONE_SPACING:
        return f"{own}_k", note
    if way == "karras":
        note = f"`{own}` has no variant with Karras' noise levels"
    elif way not in PLAIN:
        note = f"the noise levels `{spacing or way}` are not there: those of `{own}` are used"
    return own, note


def _squashed(name: str) -> str:
    plain = name.strip().lower().removeprefix("sample_").removeprefix("k_").replace("++", "pp")
    return "".join(char for char in plain if char.isalnum())[:40]
