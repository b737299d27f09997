"""The nodes that generate an image from a prompt, with the default model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.nodes.fitting import Encode
from invocations.nodes.generation import Decode, Denoise, Model, Noise, Prompt
from invocations.services.errors import ServiceError
from invocations.values import ConditioningRef, LatentsRef, MaskRef, ModelRef
from tests.invocations.refusals import coded


@pytest.fixture
def model(context: Any) -> ModelRef:
    return Model().invoke(context).model


def test_a_model_is_chosen_by_name(context: Any) -> None:
    assert Model(name="default").invoke(context).model == context.models.find("default")
    assert context.facts == {"model": "default"}
    with pytest.raises(ServiceError, check=coded("model_missing")):
        Model(name="nope").invoke(context)


def test_a_prompt_is_encoded_and_its_text_is_kept_in_the_reference(context: Any, model: ModelRef) -> None:
    made = Prompt(model=model, text="a red fox", negative="blur").invoke(context).conditioning
    assert (made.prompt, made.negative) == ("a red fox", "blur")
    assert (context.facts["prompt"], context.facts["negative"]) == ("a red fox", "blur")


def test_layers_are_skipped_as_the_model_states_unless_the_line_does(
    context: Any, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_model("sd1"), tmp_path / "anime"))
    plain, skipping = context.models.find(str(tiny_model("sd1"))), folder / "defaults.json"
    skipping.write_text('{"clip_skip": 1}')
    model = context.models.find(str(folder))

    def encoded(model: ModelRef, **settings: int) -> str:
        name: str = Prompt(model=model, text="a red fox", **settings).invoke(context).conditioning.name
        return name

    assert encoded(model) == encoded(plain, clip_skip=1) != encoded(plain)
    assert encoded(model, clip_skip=0) == encoded(plain)


def test_noise_has_the_default_size_of_the_model(context: Any, model: ModelRef) -> None:
    suits = context.models.settings(model)
    usual = Noise(model=model, seed=7).invoke(context).noise
    assert usual == LatentsRef(usual.name, suits.width, suits.height, 7)
    assert (context.facts["seed"], context.facts["width"], context.facts["height"]) == (7, suits.width, suits.height)
    wide = Noise(model=model, seed=7, width=40).invoke(context).noise
    assert (wide.width, wide.height) == (40, suits.height)


def test_noise_without_a_seed_uses_and_records_the_seed_of_the_context(context: Any, model: ModelRef) -> None:
    assert Noise(model=model).invoke(context).noise.seed == context.facts["seed"] == context.seed == 11


def test_an_unsupported_size_is_refused(context: Any, model: ModelRef) -> None:
    with pytest.raises(ServiceError, check=coded("bad_size")) as refused:
        Noise(model=model, width=33, height=16).invoke(context)
    assert refused.value.hint == "try 32x16"


def inputs(context: Any, model: ModelRef) -> dict[str, Any]:
    conditioning = Prompt(model=model, text="a red fox").invoke(context).conditioning
    noise = Noise(model=model, width=24, height=16, seed=7).invoke(context).noise
    return {"model": model, "conditioning": conditioning, "noise": noise}


def test_missing_settings_are_taken_from_the_model_and_recorded(context: Any, model: ModelRef) -> None:
    suits = context.models.settings(model)
    made = Denoise(**inputs(context, model)).invoke(context).latents
    assert (made.width, made.height, made.seed) == (24, 16, 7)
    recorded = {name: context.facts[name] for name in ("steps", "guidance", "scheduler")}
    assert recorded == {"steps": suits.steps, "guidance": suits.guidance, "scheduler": suits.scheduler}
    assert "strength" not in context.facts
    assert context.steps == [(step, suits.steps) for step in range(1, suits.steps + 1)]


def test_settings_written_in_the_line_take_precedence_over_those_of_the_model(context: Any, model: ModelRef) -> None:
    Denoise(**inputs(context, model), steps=2, guidance=1.0, scheduler="euler").invoke(context)
    assert [context.facts[name] for name in ("steps", "guidance", "scheduler")] == [2, 1.0, "euler"]
    with pytest.raises(ServiceError, check=coded("unknown_scheduler")):
        Denoise(**inputs(context, model), scheduler="eulre").invoke(context)


def test_an_image_generated_from_a_prompt_can_be_encoded_again(context: Any, model: ModelRef) -> None:
    latents = Denoise(**inputs(context, model), steps=2).invoke(context).latents
    image = Decode(model=model, latents=latents).invoke(context).image
    assert (image.width, image.height, context.images.get(image).mode) == (24, 16, "RGB")
    again = Encode(model=model, image=image).invoke(context).latents
    assert (again.width, again.height, again.seed) == (24, 16, None)
    assert Decode(model=model, latents=latents, tiled=True).invoke(context).image.width == 24


def test_denoising_can_start_from_an_image_and_a_mask(context: Any, model: ModelRef) -> None:
    picture = context.images.put(Image.new("RGB", (24, 16), "red"))
    latents = Encode(model=model, image=picture).invoke(context).latents
    white = Image.new("L", (24, 16), 255)
    for mask in (context.images.put_mask(white), context.images.put(white.convert("RGB"))):
        made = Denoise(**inputs(context, model), latents=latents, mask=mask, steps=4, strength=0.5).invoke(context)
        assert made.latents.name != latents.name
    assert context.facts["strength"] == 0.5
    nothing = Denoise(**inputs(context, model), latents=latents, mask=black(context), steps=4, strength=0.5)
    assert nothing.invoke(context).latents.name == latents.name


def test_a_model_for_inpainting_needs_a_mask_before_anything_is_loaded(
    context: Any, tiny_model: Callable[[str], Path]
) -> None:
    model = context.models.find(str(tiny_model("inpaint")))
    missing = LatentsRef("0" * 64, 24, 16, 7)
    with pytest.raises(BadValue) as refused:
        Denoise(model=model, conditioning=ConditioningRef("0" * 64), noise=missing).invoke(context)
    assert refused.value.message == "the model `inpaint` is made for inpainting and needs a mask"


def test_an_editing_model_starts_from_noise_and_sees_the_image(context: Any, tiny_model: Callable[[str], Path]) -> None:
    model = context.models.find(str(tiny_model("pix2pix")))
    given = inputs(context, model)
    with pytest.raises(BadValue) as refused:
        Denoise(**given).invoke(context)
    assert refused.value.message == "the model `pix2pix` edits images and needs an image to edit"

    def edited(color: str, **settings: Any) -> LatentsRef:
        image = context.images.put(Image.new("RGB", (24, 16), color))
        latents = Encode(model=model, image=image).invoke(context).latents
        found: LatentsRef = Denoise(**given, latents=latents, steps=2, **settings).invoke(context).latents
        return found

    red = edited("red")
    assert "strength" not in context.facts
    assert edited("red", strength=0.5) == red  # the strength is not used
    assert len({red, edited("blue"), edited("red", image_guidance=3.0), edited("red", guidance=3.0)}) == 4
    kept = edited("red", mask=black(context))
    assert kept.name == edited("red", mask=black(context), guidance=3.0).name  # a mask keeps the image outside of it


def black(context: Any) -> MaskRef:
    return context.images.put_mask(Image.new("L", (24, 16)))
