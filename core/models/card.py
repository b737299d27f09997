"""What is known about a model before it is loaded. Does not import torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.errors import ModelBroken, ModelUnsupported
from core.foreign import number, whole

from .family import EDM_SCHEDULERS, EXTRA_CONDITIONS, PREDICTION_TYPES, Family
from .kinds.hints import VARIANTS_BY_SCHEDULER
from .part import PartSource
from .text_settings import is_pooled, text_layers, text_width, time_ids
from .usual_settings import usual_settings, usual_side

MAX_BLOCKS: Final = 8  # maximum number of blocks in a VAE; with 8, one latent stands for 128 pixels along each side
MAX_SKIP: Final = 11  # maximum number of layers to skip in a text encoder of unknown size
MAX_SIDE: Final = 2**14  # maximum side of a UNet's latents that its settings may name


@dataclass(frozen=True, slots=True, repr=False)
class ModelCard:
    """A model: its parts, and the settings that follow from them.

    path: its folder or file. width, height: in pixels by default; `sizes` lists the best ones. unet_channels: number of
    input channels of the UNet. needs: what the UNet takes besides latents: `mask` (inpainting) or `image` (editing).
    text_layers: clip skip must be lower. clip_skip: by default. parts: by the names that diffusers gives them.
    schedule: the settings of the noise schedule it was trained with. encoders: the parts that encode prompts. time_ids:
    the number of sizes and scores that the UNet takes, together with a pooled state of the prompt; 0 for a UNet that
    takes neither. zeros_for_empty: whether an empty negative prompt is encoded as zeros. guidance_width: width of the
    guidance scale's embedding if the UNet takes the scale as an input, otherwise 0. borrowed: the names of the models
    that lend parts, by part.
    """

    name: str
    path: Path
    family: str
    latent_channels: int
    vae_scale_factor: int
    unet_channels: int
    cross_attention_dim: int
    prediction_type: str
    width: int
    height: int
    steps: int
    guidance: float
    scheduler: str
    sizes: tuple[tuple[int, int], ...]
    size_bytes: int
    files: tuple[Path, ...]
    text_layers: int | None = None
    variant: str = ""
    needs: tuple[str, ...] = ()
    guidance_width: int = 0
    clip_skip: int = 0
    parts: Mapping[str, PartSource] = field(default_factory=dict, hash=False)
    schedule: Mapping[str, Any] = field(default_factory=dict, hash=False)
    encoders: tuple[str, ...] = ("text_encoder",)
    time_ids: int = 0
    zeros_for_empty: bool = False
    borrowed: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def needs_mask(self) -> bool:
        """Return True if the UNet is made for inpainting and therefore also takes a mask."""
        return "mask" in self.needs

    @property
    def size_multiple(self) -> int:
        """The number of pixels that width and height must be multiples of."""
        return max(8, self.vae_scale_factor)

    def dtype_of(self, part: str, dtype_name: str) -> str:
        """Return the precision of a part in a model that computes in `dtype_name`.

        It is fp32 for the VAE of SDXL, whose values fp16 cannot hold, unless its settings say that it can.
        """
        overflows = part == "vae" and self.time_ids > 0 and self.parts[part].config.get("force_upcast", True)
        return "fp32" if overflows and dtype_name == "fp16" else dtype_name

    @property
    def part_bytes(self) -> dict[str, int]:
        """The size of each part's weights as stored, in bytes, by the name of the part."""
        return {name: source.size_bytes for name, source in self.parts.items() if source.size_bytes}

    def part(self, name: str) -> PartSource:
        """Return where a part lies. Raises: KeyError."""
        return self.parts[name]


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # never compared; this saves time at the start
class Found:
    """What reading a model has found, before its parts are checked against each other.

    files: the weight files, and further files on which its images depend. defaults: the model's own settings, such as
    `steps`, which replace those of its family. variant: of its family, such as `turbo`. zeros_for_empty: whether an
    empty negative prompt is encoded as zeros, if the model says so; None leaves it to the family. borrowed: the names
    of the models that lend parts, by part.
    """

    name: str
    path: Path
    family: Family
    parts: Mapping[str, PartSource]
    files: tuple[Path, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    zeros_for_empty: bool | None = None
    borrowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[Mapping[str, Any], ...]:
        """The settings of the text encoders."""
        return tuple([self.parts[part].config for part in self.family.encoders])


def make_card(found: Found) -> ModelCard:
    """Return the card of a model. Raises: ModelBroken, ModelUnsupported."""
    try:
        _check_fit(found)
        return _card(found)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise ModelBroken(found.path, f"its settings are invalid ({error!r:.200})") from error


def _card(found: Found) -> ModelCard:
    unet, vae, schedule = (found.parts[part].config for part in ("unet", "vae", "scheduler"))
    factor = vae_factor(vae)
    latent_channels, unet_channels = _size(vae.get("latent_channels", 4)), _size(unet.get("in_channels", 4))
    needs = _needs(found.path, unet_channels, latent_channels)
    guidance_width = _size(unet.get("time_cond_proj_dim") or 0, MAX_SIDE, least=0)
    name = found.variant or _variant_shown(needs, guidance_width, schedule)
    variant = found.family.variant(name, embeds_guidance=bool(guidance_width))
    schedule = {**(variant.schedule if variant else {}), **schedule}
    side = _size(unet.get("sample_size") or usual_side(found.family, variant) // factor, MAX_SIDE) * factor
    layers = text_layers(found.texts, pooled=is_pooled(unet))
    return ModelCard(
        **_defaults({**usual_settings(found.family, variant, side, found.name, schedule), **found.defaults}, layers),
        name=found.name,
        path=found.path,
        family=found.family.name,
        latent_channels=latent_channels,
        vae_scale_factor=factor,
        unet_channels=unet_channels,
        cross_attention_dim=text_width_of(found.path, unet),
        prediction_type=_prediction(found.path, schedule),
        size_bytes=sum([part.size_bytes for part in found.parts.values()]),
        files=found.files,
        text_layers=layers,
        variant=name,
        needs=needs,
        guidance_width=guidance_width,
        parts=found.parts,
        schedule=schedule,
        encoders=found.family.encoders,
        time_ids=time_ids(found.path, unet, found.texts[-1]),
        zeros_for_empty=is_pooled(unet) and _zeros_for_empty(found),
        borrowed=found.borrowed,
    )


def _defaults(settings: Mapping[str, Any], layers: int | None) -> dict[str, Any]:
    """Return the default values of a model's inputs. layers: the number of layers of its text encoder, if known."""
    width, height = _size(settings["width"]), _size(settings["height"])
    return {
        "width": width,
        "height": height,
        "steps": _size(settings["steps"]),
        "guidance": number(settings["guidance"]),
        "scheduler": str(settings["scheduler"]),
        "sizes": tuple([(_size(one), _size(other)) for one, other in settings.get("sizes", [[width, height]])]),
        "clip_skip": _size(settings.get("clip_skip", 0), MAX_SKIP if layers is None else layers - 1, least=0),
    }


def text_width_of(path: Path, unet: Mapping[str, Any]) -> int:
    """Return the text width that a UNet takes. Raises: ModelUnsupported."""
    width = unet["cross_attention_dim"]
    if not isinstance(width, int):
        raise ModelUnsupported(path, "its UNet has a text width that differs from block to block")
    return width


def _zeros_for_empty(found: Found) -> bool:
    return found.family.zeros_for_empty if found.zeros_for_empty is None else found.zeros_for_empty


def _check_fit(found: Found) -> None:
    """Refuse parts that cannot work together, and UNets with conditions that the family does not have."""
    unet, vae = found.parts["unet"].config, found.parts["vae"].config
    for wanted in EXTRA_CONDITIONS:
        if unet.get(wanted) is not None and unet[wanted] != found.family.conditions.get(wanted):
            raise ModelUnsupported(found.path, f"its UNet uses {wanted}")
    for what, mine, theirs in (
        ("text width", text_width(found.texts), unet["cross_attention_dim"]),
        ("number of latent channels", vae.get("latent_channels", 4), unet.get("out_channels", 4)),
    ):
        if isinstance(mine, int) and isinstance(theirs, int) and mine != theirs:
            raise ModelBroken(
                found.path, f"its parts do not fit together: the {what} is {mine} in one and {theirs} in another"
            )


def _needs(path: Path, unet_channels: int, latent_channels: int) -> tuple[str, ...]:
    """Return what a UNet takes besides latents, by the number of its input channels."""
    more = unet_channels - latent_channels
    known = {0: (), latent_channels + 1: ("mask",), latent_channels: ("image",)}
    if more in known:
        return known[more]
    if more == 1:
        raise ModelUnsupported(path, "its UNet also takes a depth map")
    raise ModelUnsupported(path, f"its UNet takes {unet_channels} channels, but its latents have {latent_channels}")


def _variant_shown(needs: tuple[str, ...], guidance_width: int, schedule: Mapping[str, Any]) -> str:
    """Return the variant that the inputs of a UNet or its noise schedule show, or ""."""
    if guidance_width:
        return "lcm"
    if str(schedule.get("_class_name")) in EDM_SCHEDULERS:
        return "edm" if schedule.get("prediction_type") == "v_prediction" else "playground-2.5"
    by_schedule = VARIANTS_BY_SCHEDULER.get(str(schedule.get("_class_name")), "")
    return {"mask": "inpainting", "image": "pix2pix"}.get(needs[0], "") if needs else by_schedule


def _prediction(path: Path, schedule: Mapping[str, Any]) -> str:
    prediction = schedule.get("prediction_type", "epsilon")
    if prediction not in PREDICTION_TYPES:
        raise ModelUnsupported(path, f"its UNet predicts {prediction}")
    return str(prediction)


def vae_factor(vae: Mapping[str, Any]) -> int:
    """Return how many pixels one latent stands for along each side."""
    blocks = len(vae["block_out_channels"])
    if blocks > MAX_BLOCKS:
        raise ValueError(f"the VAE has {blocks} blocks")
    return int(2 ** (blocks - 1))


def _size(value: object, most: int = 2**20, *, least: int = 1) -> int:
    """Return a size or count from a model's settings, which must be an integer in this range. Raises: ValueError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    size = whole(value)
    if not least <= size <= most:
        raise ValueError(f"{value} is not a size")
    return size
