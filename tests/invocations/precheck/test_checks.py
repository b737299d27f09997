"""Inputs that a node could not use are refused before it runs; inputs that are not known yet are never refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invocations.errors import InvocationError
from invocations.precheck.find import checker
from invocations.precheck.known import Unknown
from invocations.services.translate_errors import translated
from tests.invocations.precheck.known import LINKED, MODEL, Given

LINK = "link `latents`, which `encode` makes from an image"
LIMIT = "each side must be 1 to 32768 pixels, the area at most 268 megapixels"
AXES = [{"name": name, "labels": ["1", "2"]} for name in ("width", "height", "seed", "steps")]
REFUSED = [
    ("multiple", "width", {"width": 100}, "`width` must be a multiple of 8, not 100", "nearest: 96 or 104"),
    ("multiple", "height", {"height": 70}, "`height` must be a multiple of 8, not 70", "nearest: 64 or 72"),
    (
        "supported", "image", {"image": (30, 24)},
        "an image of 30x24 cannot be encoded: width and height must be multiples of 8",
        "`fit` resizes an image to a size that the model supports",
    ),
    (
        "as_noise", "latents", {"latents": (64, 64), "noise": (64, 32)},
        "the latents are 64x64 pixels, but the noise is 64x32", "make the noise 64x64",
    ),
    ("leaves_a_step", "strength", {"strength": 0.5}, "`strength` below 1 needs an image to start from", LINK),
    (
        "leaves_a_step", "strength", {"strength": 0.04, "latents": LINKED},
        "`strength` 0.04 is too low for 20 steps", "use at least 0.05",
    ),
    (
        "leaves_a_step", "strength", {"strength": 0.7, "latents": LINKED, "steps": 1},
        "`strength` 0.7 is too low for 1 step", "use at least 1",
    ),
    (
        "arrangeable", "images", {"images": [(8000, 10), (10, 9000), (9, 9), (9, 9)], "gap": 0, "columns": 1},
        "the sheet would be 8000x36000; the limit is 268 megapixels",
        "make the images smaller: `--cell 256`, or `resize` before the grid",
    ),
    (
        "arrangeable", "images", {"images": [(9000, 9000)] * 16, "gap": 0, "axes": AXES},
        "the sheet would be 18000x18000; the limit is 268 megapixels",
        "make the images smaller: `--cell 256`, or `resize` before the grid",
    ),
    (
        "arrangeable", "images", {"images": [(512, 512)] * 9000, "gap": 4, "columns": 90},
        "the sheet would be 46444x51604; the limit is 268 megapixels",
        "make the images smaller: `--cell 128`, or `resize` before the grid",
    ),
    (
        "arrangeable", "images", {"images": [(512, 512)] * 90000, "gap": 4, "columns": 300},
        "the sheet would be 154804x154804; the limit is 268 megapixels",
        "put fewer images in one grid",
    ),
    ("of_axes", "rows", {"rows": "sed", "axes": AXES}, "there is no axis `sed`", "did you mean `seed`?"),
    (
        "of_axes", "columns", {"rows": "sed", "columns": "step", "axes": AXES},
        "there is no axis `step`", "did you mean `steps`?",
    ),
    (
        "of_axes", "columns", {"columns": "seed"},
        "there is no axis `seed`: the images do not come from a sweep", "see `help sweeps`",
    ),
    (
        "labeled", "labels", {"labels": ["a"], "images": [(8, 8), (8, 8)]},
        "there is 1 label for 2 images", "write a label for each image",
    ),
    ("of_inpainting", "mask", {"mask": LINKED}, "a mask can only be used with an image", LINK),
    (
        "of_prompt", "conditioning", {"conditioning": replace(MODEL, family="sdxl")},
        "the prompt was encoded with a model of another family (sdxl, not sd1)",
        "encode it with the model that denoises",
    ),
    ("before_end", "start", {"start": 0.8, "end": 0.8}, "`start` must be below `end` (0.8), not 0.8", ""),
    (
        "with_refiner", "refiner_start", {"refiner_start": 0.6, "end": 1.0},
        "`refiner_start` needs a refiner", "add `--refiner MODEL`",
    ),
    (
        "with_refiner", "refiner_start", {"refiner_start": 0.8, "start": 0.1, "end": 0.7, "refiner": LINKED},
        "`refiner_start` must be above `start` (0.1) and below `end` (0.7), not 0.8", "",
    ),
    (
        "with_refiner", "refiner_start", {"refiner_start": 0.75, "end": 1.0, "strength": 0.2, "refiner": LINKED},
        "with a denoising strength of 0.2, no step is left before the refiner starts at 0.75",
        "choose a strength above 0.25, or the refiner as the model",
    ),
    (
        "of_vae", "latents", {"latents": replace(MODEL, family="sdxl")},
        "the latents were made with a model of another family (sdxl, not sd1)",
        "decode them with the model that made them",
    ),
    (
        "of_refiner", "refiner", {"refiner": MODEL},
        "a refiner must be a model of Stable Diffusion XL, but this one is Stable Diffusion 1",
        "choose the SDXL refiner, or another SDXL model",
    ),
    (
        "of_same_latents", "name", {"name": "wide"},
        "the VAE `wide` does not suit the model: its latents have 16 channels, not 4",
        "choose another VAE, or use this one with another model: `--model MODEL`",
    ),
    (
        "of_same_latents", "name", {"name": "fine"},
        "the VAE `fine` does not suit the model: it works with 4x4 pixels per latent; this model needs 8x8",
        "choose another VAE, or use this one with another model: `--model MODEL`",
    ),
    ("in_encoder", "clip_skip", {"clip_skip": 2}, "`clip_skip` must be 0 to 1 for this model, not 2", ""),
    (
        "inside", "width", {"image": (30, 20), "width": 40, "height": 8},
        "cannot crop 40x8 from an image of 30x20", "`pad` enlarges an image",
    ),
    (
        "inside", "width", {"image": (30, 20), "width": 8, "height": 8, "left": 25},
        "8x8 at (25, 6) reaches beyond the image of 30x20", "left can be 0 to 22, top 0 to 12",
    ),
    (
        "resizable", "width", {"image": (30, 20), "fit": "stretch"},
        "resize needs a width, a height, or both", "try `resize 512` or `resize --height 512`",
    ),
    (
        "resizable", "width", {"image": (1, 20), "fit": "stretch", "width": 9000},
        f"an image cannot be 9000x180000: {LIMIT}", "",
    ),
    ("scalable", "factor", {"image": (8192, 8192), "factor": 4}, f"an image cannot be 32768x32768: {LIMIT}", ""),
    ("upscalable", "scale", {"image": (8192, 8192), "scale": 4}, f"an image cannot be 32768x32768: {LIMIT}", ""),
    ("paddable", "all", {"image": (9, 9), "all": 16384}, f"an image cannot be 32777x32777: {LIMIT}", ""),
    (
        "blendable", "other", {"image": (8, 8), "other": (8, 9)},
        "images of 8x8 and 8x9 cannot be blended", "`resize 8 8` makes both images the same size",
    ),
    (
        "comparable", "other", {"image": (8, 8), "other": (8, 9)},
        "images of 8x8 and 8x9 cannot be compared", "`resize 8 8` makes both images the same size",
    ),
    (
        "combinable", "other", {"mask": (8, 8), "other": (8, 9)},
        "masks of 8x8 and 8x9 cannot be combined", "`resize 8 8` makes both masks the same size",
    ),
    (
        "of_pasted", "mask", {"other": (8, 8), "mask": (8, 9)},
        "the mask is 8x9, but the image is 8x8",
        "the mask must have the same size as the image: `resize 8 8` resizes it",
    ),
]  # fmt: skip


def checked(name: str, field: str, inputs: dict[str, Any]) -> None:
    with translated():
        checker(name)(Given(inputs), field)


@pytest.mark.parametrize(("name", "field", "inputs", "message", "hint"), REFUSED)
def test_an_input_that_the_node_could_not_use_is_refused(
    name: str, field: str, inputs: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(InvocationError) as refused:
        checked(name, field, inputs)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_an_editing_model_needs_an_image_and_ignores_the_strength() -> None:
    editing = replace(MODEL, needs_image=True)
    with pytest.raises(InvocationError) as refused:
        checker("as_noise")(Given({}, editing), "latents")
    assert (refused.value.message, refused.value.hint) == (
        "the model edits images and needs an image to edit",
        "use `i2i` with an image and an instruction, or choose another model with `--model`",
    )
    checker("leaves_a_step")(Given({"strength": 0.01, "latents": LINKED}, editing), "strength")


def test_an_inpainting_model_needs_a_mask() -> None:
    with pytest.raises(InvocationError) as refused:
        checker("of_inpainting")(Given({}, replace(MODEL, needs_mask=True)), "mask")
    assert (refused.value.message, refused.value.hint) == (
        "the model is made for inpainting and needs a mask",
        "use `inpaint`, or choose another model with `--model`",
    )
    checker("of_inpainting")(Given({"mask": LINKED, "latents": LINKED}, replace(MODEL, needs_mask=True)), "mask")


@pytest.mark.parametrize("family", ["sdxl", "sdxl-refiner"])
def test_a_model_of_stable_diffusion_xl_can_be_a_refiner(family: str) -> None:
    checker("of_refiner")(Given({"refiner": replace(MODEL, family=family)}), "refiner")


@pytest.mark.parametrize(
    ("name", "field", "inputs"),
    [
        ("multiple", "width", {"width": 64}),
        ("multiple", "width", {}),
        ("supported", "image", {"image": (64, 24)}),
        ("as_noise", "latents", {"latents": (64, 32), "noise": (64, 32)}),
        ("as_noise", "latents", {"noise": (64, 32)}),
        ("leaves_a_step", "strength", {"strength": 1}),
        ("leaves_a_step", "strength", {"strength": 0.05, "latents": LINKED}),
        ("of_inpainting", "mask", {}),
        ("in_encoder", "clip_skip", {"clip_skip": 1}),
        ("in_encoder", "clip_skip", {}),
        ("of_same_latents", "name", {"name": "own"}),
        ("of_prompt", "conditioning", {"conditioning": MODEL}),
        ("before_end", "start", {"end": 0.8}),
        ("before_end", "start", {"start": 0.7, "end": 0.8}),
        ("with_refiner", "refiner_start", {"refiner_start": 0.8, "end": 0.5}),
        ("with_refiner", "refiner_start", {"refiner_start": 0.6, "end": 1.0, "strength": 0.5, "refiner": LINKED}),
        ("of_vae", "latents", {"latents": replace(MODEL, family="sd2")}),
        ("of_refiner", "refiner", {}),
        ("inside", "width", {"image": (30, 20), "width": 30, "height": 20}),
        ("scalable", "factor", {"image": (8192, 8192), "factor": 2}),
        ("of_pasted", "mask", {"other": (8, 8)}),
        ("arrangeable", "images", {"images": [(8000, 3000)] * 4, "gap": 0, "cell": 4000}),
        ("arrangeable", "images", {"images": [(8000, 8000)] * 16, "gap": 0, "axes": AXES}),
        ("of_axes", "columns", {"columns": "steps", "axes": AXES}),
        ("of_axes", "columns", {"columns": 4}),
        ("labeled", "labels", {"labels": [], "images": [(8, 8), (8, 8)]}),
        ("of_pasted", "mask", {"other": (8, 8), "mask": (8, 8)}),
    ],
)
def test_an_input_that_the_node_can_use_is_accepted(name: str, field: str, inputs: dict[str, Any]) -> None:
    checked(name, field, inputs)


@pytest.mark.parametrize(
    ("name", "field", "inputs"),
    [
        ("multiple", "width", {"width": LINKED}),
        ("supported", "image", {"image": LINKED}),
        ("as_noise", "latents", {"latents": LINKED, "noise": (64, 32)}),
        ("leaves_a_step", "strength", {"strength": 0.1, "latents": LINKED, "steps": LINKED}),
        ("inside", "width", {"image": LINKED, "width": 40, "height": 8}),
        ("blendable", "other", {"image": (8, 8), "other": LINKED}),
        ("of_pasted", "mask", {"other": LINKED, "mask": (8, 8)}),
        ("of_axes", "rows", {"rows": "seed", "columns": LINKED, "axes": AXES}),
    ],
)
def test_an_input_that_is_not_known_yet_is_not_refused(name: str, field: str, inputs: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        checked(name, field, inputs)


def test_every_refusal_is_tested() -> None:
    import ast
    from pathlib import Path

    from invocations.precheck import checks

    functions = ast.parse(Path(str(checks.__file__)).read_text("utf-8")).body
    names = {each.name for each in functions if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")}
    assert names == {row[0] for row in REFUSED}
