"""Convert a denoising request to the inputs of the core: references become tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.denoising.inputs import DenoiseInputs
from core.imaging.geometry import resize
from core.latents.decode import decode, unscale
from core.latents.encode import encode_images
from core.latents.mask import mask_to_latents
from core.latents.noise import make_noise
from core.text.conditioning import Conditioning
from invocations.errors import BadValue
from invocations.services.images.base import ImageService
from invocations.services.tensors.base import TensorService
from invocations.values import LatentsRef

from .base import DenoiseRequest
from .checked import check_same_size

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from core.models.components import LoadedModel


def core_inputs(
    request: DenoiseRequest, parts: LoadedModel, images: ImageService, tensors: TensorService
) -> DenoiseInputs:
    """Return what the core needs for a request. Raises: ServiceError, BadValue, CoreError."""
    check_same_size(request)
    start = _start(request)
    image = None if request.latents is None else tensors.get(request.latents.name)["latents"]
    given = tensors.get(request.noise.name)["latents"]
    mask = None if request.mask is None else _mask(request, images)
    edits = image is not None and "image" in parts.card.needs
    return DenoiseInputs(
        noise=_noise_again(request.noise, parts) if start and mask is not None else given,
        conditioning=Conditioning.of(tensors.get(request.conditioning.name)),
        seeds=(request.noise.seed or 0,),
        steps=request.steps,
        guidance=request.guidance,
        eta=request.eta,
        scheduler=request.scheduler,
        latents=None if (edits or start) and mask is None else image,
        mask=None if mask is None else _latent_mask(mask, parts),
        masked_latents=None if mask is None or image is None else _around_hole(image, mask, parts, request),
        edited=unscale(image, parts.vae()) if image is not None and edits else None,
        image_guidance=request.image_guidance,
        guidance_rescale=request.guidance_rescale,
        strength=1.0 if edits or start else request.strength,
        start=start,
        end=request.end,
        unfinished=given if start else None,
        sliced=request.sliced,
        side_by_side=request.side_by_side,
    )


def largest_noise(requests: Sequence[DenoiseRequest]) -> LatentsRef:
    """Return the noise of the request with the largest image, which needs most memory."""
    return max([request.noise for request in requests], key=lambda noise: noise.width * noise.height)


def _start(request: DenoiseRequest) -> float:
    """Return where in the noise schedule a run starts: as requested, or where the latents were left."""
    stopped = request.noise.denoised_to
    if request.start is None:
        return stopped or 0.0
    if stopped is not None and request.start != stopped:
        message = f"the latents were denoised up to {stopped:g}, so denoising cannot start at {request.start:g}"
        raise BadValue("start", message, f"write `--start {stopped:g}`, or omit it")
    return request.start


def _noise_again(ref: LatentsRef, parts: LoadedModel) -> Tensor:
    """Return the noise from which latents were denoised, as `LocalGeneration.make_noise` does."""
    card = parts.card
    return make_noise([ref.seed or 0], card.latent_channels, ref.height, ref.width, card.vae_scale_factor)


def _mask(request: DenoiseRequest, images: ImageService) -> Image:
    """Return the mask of a request, resized to the size of the generated image."""
    assert request.mask is not None
    return resize(images.get(request.mask), request.noise.width, request.noise.height, method="box")


def _latent_mask(mask: Image, parts: LoadedModel) -> Tensor:
    """Return the mask at the resolution of latents: soft if it contains grays, otherwise hard."""
    return mask_to_latents(mask, parts.card.vae_scale_factor, soft=any(mask.histogram()[1:255]))


def _around_hole(latents: Tensor, mask: Image, parts: LoadedModel, request: DenoiseRequest) -> Tensor | None:
    """Return the latents of the image without the masked area, or None if the model is not for inpainting."""
    if not parts.card.needs_mask:
        return None
    tiled = request.sliced or None
    return encode_images(decode(latents, parts, tiled=tiled), parts, hole=mask, tiled=tiled)
