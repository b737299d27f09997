"""What the generation service derives from a request, or refuses, before it calls the core."""

from __future__ import annotations

import hashlib

from invocations.services.errors import ServiceError
from invocations.services.translate_errors import translated

from .base import DenoiseRequest


def check_same_size(request: DenoiseRequest) -> None:
    """Refuse latents whose size is not that of the noise. Raises: ServiceError."""
    noise, latents = request.noise, request.latents
    if latents is None or (latents.width, latents.height) == (noise.width, noise.height):
        return
    raise ServiceError(
        f"the latents are {latents.width}x{latents.height} pixels, but the noise is {noise.width}x{noise.height}",
        f"make the noise {latents.width}x{latents.height}",
        code="bad_size",
        suggested=(latents.width, latents.height),
    )


def check_device(device: str, dtype: str) -> None:
    """Refuse a device or a precision that cannot be used, if that is known without torch. Raises: ServiceError."""
    from core import device_class

    with translated():
        device_class.check_device(device, dtype)


def encoder_seed(seed: int) -> int:
    """Return another seed for the encoder, whose noise would otherwise equal the noise of the denoising run."""
    return int.from_bytes(hashlib.sha256(f"encode {seed}".encode()).digest()[:8]) >> 1
