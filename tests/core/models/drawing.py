"""Generate images with a model in a file or folder, to compare their pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.devices import Device
from core.latents.decode import decode
from core.latents.noise import make_noise
from core.models.catalog import card_at
from core.models.components import LoadedModel
from core.models.recognized import Recognized
from core.text.encode import encode

CPU = Device("cpu", 0, "fp32")
WIDTH, HEIGHT, SEEDS = 72, 88, (7, 8)  # 9 x 11 latents, which the UNet cannot halve evenly


def image_of(
    path: Path,
    guidance: float = 5.0,
    seeds: tuple[int, ...] = SEEDS,
    *,
    family: str = "",
    owned: Callable[[], Iterable[Recognized]] = tuple,
) -> bytes:
    """Return the pixels of the images that a model generates from a prompt."""
    model = LoadedModel(card_at(path, family=family, owned=owned), CPU)
    card = model.card
    noise = make_noise(seeds, card.latent_channels, HEIGHT, WIDTH, card.vae_scale_factor)
    inputs = DenoiseInputs(noise, encode("a red fox, (snow)1.2!", "cat", model), seeds, 1, guidance, "euler")
    return b"".join(image.tobytes() for image in decode(denoise(inputs, model), model))
