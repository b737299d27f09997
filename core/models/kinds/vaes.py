"""Rules for VAEs.

Sources of the names: ComfyUI comfy/sd.py (class VAE) and comfy/taesd/; diffusers models/autoencoders/ and
loaders/single_file_utils.py.
"""

from __future__ import annotations

from typing import Final

from .rule import Rule

_LATENTS = (("latent_channels", "decoder.conv_in.weight[1]"),)
_LDM_VAE = "decoder.up.#.block.#.conv1.weight decoder.conv_in.weight"
_DIFFUSERS_VAE = "decoder.up_blocks.#.resnets.#.conv1.weight decoder.conv_in.weight"
_HALF = (("decoder", "decoder.conv_in.weight !encoder.conv_in.weight"),)
SAME_VAE: Final = ("sd1", "sd2", "sdxl")  # families whose VAEs cannot be told apart by their tensors
_FLUX_FITS = ("flux1", "sd3", "chroma", "z-image", "lumina2")


def _vae(family: str, when: str, layout: str, fits: tuple[str, ...] = (), variant: str = "") -> Rule:
    variants = ((variant, ""),) if variant else _HALF
    return Rule("vae", family, when, layout, variants, _LATENTS, fits)


def _tiny(family: str, when: str, layout: str, first: str, fits: tuple[str, ...]) -> Rule:
    """Return the rule of a TAESD, a tiny VAE for previews."""
    return Rule("vae", family, when, layout, (("taesd", ""),), (("latent_channels", f"{first}[1]"),), fits)


VAES: Final = (
    Rule("other", "video", "encoder.temp_conv_in.weight|decoder.up_blocks.#.resnets.#.temporal_res_block.conv1.weight"),
    Rule("vae", "qwen-image-2.1", "decoder.mid_block.resnets.#.norm1.gamma decoder.conv_in.weight[1]=64", "diffusers"),
    Rule(
        "vae",
        "wan",
        "decoder.mid_block.resnets.#.norm1.gamma decoder.conv_in.weight[1]=48",
        "diffusers",
        (("wan-2.2", ""),),
    ),
    _tiny("flux1", "taesd_decoder.1.weight[1]=16", "comfyui", "taesd_decoder.1.weight", _FLUX_FITS),
    _tiny("sd1", "taesd_decoder.#.weight", "comfyui", "taesd_decoder.1.weight", SAME_VAE),
    _tiny(
        "flux1",
        "decoder.layers.#.conv.#.weight decoder.layers.0.weight[1]=16",
        "diffusers",
        "decoder.layers.0.weight",
        _FLUX_FITS,
    ),
    _tiny("sd1", "decoder.layers.#.conv.#.weight", "diffusers", "decoder.layers.0.weight", SAME_VAE),
    _tiny("flux1", "3.conv.0.weight 1.weight[1]=16", "original", "1.weight", _FLUX_FITS),
    _tiny("sd1", "3.conv.0.weight 1.weight[1]=4 1.weight:4", "original", "1.weight", SAME_VAE),
    _tiny("flux1", "1.conv.0.weight 0.weight[1]=3 14.weight[0]=16", "original", "14.weight", _FLUX_FITS),
    _tiny("sd1", "1.conv.0.weight 0.weight[1]=3 14.weight[0]=4", "original", "14.weight", SAME_VAE),
    Rule("vae", "wan", "decoder.22.bias decoder.1.weight", "original", (("taehv", ""),)),
    _vae("flux2", f"{_LDM_VAE} bn.running_mean", "ldm"),
    _vae("flux2", f"{_DIFFUSERS_VAE} bn.running_mean", "diffusers"),
    _vae("hunyuan-image", "decoder.conv_in.weight[1]=64 decoder.up.#.block.#.conv1.*", "ldm"),
    _vae("sd1", f"{_LDM_VAE} decoder.conv_in.weight[1]=4", "ldm", SAME_VAE),
    _vae("flux1", f"{_LDM_VAE} decoder.conv_in.weight[1]=16 decoder.conv_in.weight:4", "ldm", _FLUX_FITS),
    _vae("sd1", f"{_DIFFUSERS_VAE} decoder.conv_in.weight[1]=4 decoder.conv_in.weight:4", "diffusers", SAME_VAE),
    _vae("flux1", f"{_DIFFUSERS_VAE} decoder.conv_in.weight[1]=16 decoder.conv_in.weight:4", "diffusers", _FLUX_FITS),
    _vae("cascade", "vquantizer.codebook.weight", "original"),
    _vae("sana", "decoder.stages.#.op_list.#.main.conv.conv.bias|encoder.project_in.conv.bias", "original"),
    _vae(
        "sana",
        "decoder.up_blocks.#.#.conv1.weight|decoder.up_blocks.#.#.attn.to_q.weight encoder.conv_in.weight",
        "diffusers",
    ),
    Rule("vae", "wan", "decoder.upsamples.0.upsamples.#.residual.#.weight", "original", (("wan-2.2", ""),)),
    Rule(
        "vae",
        "wan",
        "decoder.middle.#.residual.#.gamma",
        "original",
        (("wan-2.1", ""),),
        (),
        ("wan", "qwen-image", "krea2", "anima"),
    ),
    Rule(
        "vae",
        "qwen-image",
        "decoder.mid_block.resnets.#.norm1.gamma",
        "diffusers",
        (),
        _LATENTS,
        ("qwen-image", "wan", "krea2"),
    ),
    Rule(
        "other", "ltx-video", "decoder.up_blocks.#.res_blocks.#.conv1.conv.weight|per_channel_statistics.mean-of-means"
    ),
    Rule("other", "video", "decoder.conv_in.conv.weight"),
    Rule("vae", "", f"{_LDM_VAE}|encoder.down.#.block.#.conv1.weight", "ldm", (), _LATENTS),
    Rule("vae", "", _DIFFUSERS_VAE, "diffusers", (), _LATENTS),
)
"""VAEs; those of the flow families share one architecture with 16 latent channels, so `fits` lists several."""
