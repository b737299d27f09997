"""Small previews of latents."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.devices import Device
from core.latents.encode import encode_images
from core.latents.preview import fit_colors, preview
from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.components import LoadedModel


def test_a_preview_has_one_pixel_per_latent_and_resembles_the_image() -> None:
    model = LoadedModel(card_at(DEFAULT_PATH), Device("cpu"))
    image = Image.new("RGB", (96, 96), (220, 60, 40))
    image.paste((40, 60, 220), (48, 0, 96, 96))
    shown = preview(encode_images([image], model), fit_colors(model))[0]
    factor = model.card.vae_scale_factor
    assert shown.size == (96 // factor, 96 // factor)
    left, right = np.asarray(shown)[4, 3].astype(int), np.asarray(shown)[4, -4].astype(int)
    assert left[0] > right[0]
    assert left[2] < right[2]
