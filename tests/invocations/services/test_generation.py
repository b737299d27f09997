"""Image generation with the default model; the service takes and returns references."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from invocations.errors import Cancelled, InvocationError
from invocations.services.errors import ServiceError
from invocations.services.generation.base import DenoiseRequest, NoiseRequest, PromptRequest, StepCallbacks
from invocations.services.generation.local import LocalGeneration
from invocations.services.images.local import LocalImages
from invocations.services.models.local import LocalModels
from invocations.services.tensors.local import LocalTensors
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef
from tests.invocations.refusals import coded


class World:
    """The services, and the references that most tests need."""

    def __init__(self, root: Path) -> None:
        self.loads: list[tuple[str, str, bool]] = []
        self.images = LocalImages(root / "images", root / "out")
        self.tensors = LocalTensors(root / "tensors")
        self.models = LocalModels()
        self.model = self.models.find("default")
        self.generation = self.made()
        self.words = self.generation.encode_prompt(PromptRequest(self.model, "a red fox", "blur", 0))
        self.noise = self.generation.make_noise(NoiseRequest(self.model, 32, 24, 7))

    def made(self, **options: Any) -> LocalGeneration:
        return LocalGeneration(
            self.images,
            self.tensors,
            self.models,
            device="cpu",
            on_model_load=lambda *load: self.loads.append(load),
            **options,
        )

    def request(self, **changes: Any) -> DenoiseRequest:
        usual: dict[str, Any] = {
            "model": self.model,
            "conditioning": self.words,
            "noise": self.noise,
            "latents": None,
            "mask": None,
            "steps": 2,
            "guidance": 4.0,
            "scheduler": "ddim",
            "strength": 1.0,
        }
        return DenoiseRequest(**{**usual, **changes})

    def denoise(self, **changes: Any) -> LatentsRef:
        return self.generation.denoise(self.request(**changes), SILENT)

    def pixels(self, latents: LatentsRef) -> np.ndarray:
        return np.asarray(self.images.get(self.generation.decode(self.model, latents)))


SILENT = StepCallbacks(on_step=lambda step, of, preview: None, cancelled=lambda: False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.images.close()


def test_a_prompt_is_encoded_to_a_reference_that_contains_its_text(world: World) -> None:
    assert (world.words.prompt, world.words.negative) == ("a red fox", "blur")
    assert set(world.tensors.get(world.words.name)) == {"positive", "negative"}
    other = world.generation.encode_prompt(PromptRequest(world.model, "a blue fox", "blur", 0))
    assert other.name != world.words.name


def test_noise_is_determined_by_its_seed(world: World) -> None:
    again, other = (world.generation.make_noise(NoiseRequest(world.model, 32, 24, seed)) for seed in (7, 8))
    assert again == world.noise == LatentsRef(world.noise.name, 32, 24, 7)
    assert other.name != world.noise.name


@pytest.mark.parametrize(("width", "height", "suggested"), [(33, 24, (32, 24)), (32, 21, (32, 24)), (100, 4, (104, 8))])
def test_a_size_that_is_not_a_multiple_of_8_is_refused_and_the_nearest_one_is_suggested(
    width: int, height: int, suggested: tuple[int, int], world: World
) -> None:
    with pytest.raises(ServiceError, check=coded("bad_size")) as refused:
        world.generation.make_noise(NoiseRequest(world.model, width, height, 7))
    assert str(refused.value) == f"{width}x{height} cannot be generated: width and height must be multiples of 8"
    assert (refused.value.fields["suggested"], refused.value.hint) == (suggested, f"try {suggested[0]}x{suggested[1]}")


def test_the_same_request_returns_the_same_image(world: World) -> None:
    first, second = world.denoise(), world.denoise()
    assert first == second == LatentsRef(first.name, 32, 24, 7)
    assert world.pixels(first).shape == (24, 32, 3)


def test_every_step_is_reported(world: World) -> None:
    reported: list[tuple[int, int, object]] = []
    world.generation.denoise(world.request(steps=3), StepCallbacks(lambda *step: reported.append(step), lambda: False))
    assert reported == [(1, 3, None), (2, 3, None), (3, 3, None)]


def test_previews_are_sent_at_the_configured_interval(world: World) -> None:
    reported: list[tuple[int, object]] = []
    watch = StepCallbacks(lambda step, of, preview: reported.append((step, preview)), lambda: False)
    world.made(preview_every=2).denoise(world.request(steps=4), watch)
    assert [step for step, preview in reported if preview is not None] == [2]
    preview = reported[1][1]
    assert isinstance(preview, Image.Image)
    assert (preview.mode, preview.width <= 32) == ("RGB", True)


def test_129_cancelling_stops_the_run_at_the_next_step(world: World) -> None:
    reported: list[int] = []
    watch = StepCallbacks(lambda step, of, preview: reported.append(step), lambda: len(reported) >= 2)
    with pytest.raises(Cancelled):
        world.generation.denoise(world.request(steps=9), watch)
    assert reported == [1, 2]


def test_an_error_raised_by_a_callback_is_passed_on_to_the_caller(world: World) -> None:
    def stop(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        world.generation.denoise(world.request(), StepCallbacks(stop, lambda: False))


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"scheduler": "dimm"}, "unknown_scheduler", "there is no scheduler `dimm`"),
        ({"steps": 0}, "bad_value", "steps must be 1 to 1000, not 0"),
        ({"guidance": -1.0}, "bad_value", "guidance must be 0 to 100, not -1.0"),
    ],
)
def test_unsupported_settings_are_refused(changes: dict[str, Any], code: str, message: str, world: World) -> None:
    with pytest.raises(InvocationError, check=coded(code)) as refused:
        world.denoise(**changes)
    assert str(refused.value) == message


def test_latents_of_a_different_size_are_refused(world: World) -> None:
    latents = world.generation.encode(world.model, world.images.put(Image.new("RGB", (16, 16))), None)
    with pytest.raises(ServiceError, check=coded("bad_size")) as refused:
        world.denoise(latents=latents)
    assert str(refused.value) == "the latents are 16x16 pixels, but the noise is 32x24"
    assert refused.value.hint == "make the noise 16x16"


def some_picture(world: World) -> ImageRef:
    return world.images.put(Image.linear_gradient("L").resize((32, 24)).convert("RGB"))


def test_an_image_is_encoded_deterministically_or_with_a_seed(world: World) -> None:
    image = some_picture(world)
    plain, again, seeded, other = (world.generation.encode(world.model, image, seed) for seed in (None, None, 7, 8))
    assert plain == again
    assert len({plain.name, seeded.name, other.name}) == 3
    assert (plain.width, plain.height, plain.seed, seeded.seed) == (32, 24, None, 7)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "I;16"])
def test_an_image_of_any_mode_can_be_encoded(mode: str, world: World) -> None:
    assert world.generation.encode(world.model, world.images.put(Image.new(mode, (16, 8))), None).width == 16


def test_an_image_of_an_unsupported_size_is_refused(world: World) -> None:
    with pytest.raises(ServiceError, match="17x8 cannot be generated", check=coded("bad_size")):
        world.generation.encode(world.model, world.images.put(Image.new("RGB", (17, 8))), None)


def test_a_low_denoising_strength_keeps_the_result_close_to_the_image(world: World) -> None:
    latents = world.generation.encode(world.model, some_picture(world), None)
    start = world.pixels(latents).astype(float)
    near, far = (
        np.abs(world.pixels(world.denoise(latents=latents, steps=10, strength=strength)) - start).mean()
        for strength in (0.1, 1.0)
    )
    assert near < far


@pytest.mark.parametrize("size", [(32, 24), (64, 48), (10, 10)])
def test_pixels_outside_the_mask_do_not_change(size: tuple[int, int], world: World) -> None:
    latents = world.generation.encode(world.model, some_picture(world), None)
    mask = Image.new("L", size)
    mask.paste(255, (size[0] // 2, 0, *size))
    made = world.denoise(latents=latents, mask=world.images.put_mask(mask))
    before, after = (world.tensors.get(ref.name)["latents"] for ref in (latents, made))
    middle = before.shape[-1] // 2
    assert (before[..., :middle] == after[..., :middle]).all()
    assert (before[..., middle:] != after[..., middle:]).any()


def test_loading_a_model_is_reported_once(world: World) -> None:
    world.loads.clear()
    fresh = world.made()
    for _ in range(2):
        fresh.encode_prompt(PromptRequest(world.model, "a fox", "", 0))
    assert world.loads == [("default", "text_encoder", False), ("default", "text_encoder", True)]


def test_the_schedulers_have_short_names(world: World) -> None:
    assert {"ddim", "euler", "dpmpp_2m", "unipc"} <= set(world.generation.schedulers())


@pytest.mark.parametrize(("device", "dtype"), [("warp", "auto"), ("cpu", "float16"), ("cpu", "fp8")])
def test_a_missing_device_is_refused(device: str, dtype: str, world: World) -> None:
    service = LocalGeneration(world.images, world.tensors, world.models, device=device, dtype=dtype)
    with pytest.raises(ServiceError, check=coded("device_refused")) as refused:
        service.encode_prompt(PromptRequest(world.model, "a fox", "", 0))
    assert refused.value.hint


def test_running_out_of_memory_is_reported_with_its_own_error_code(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.denoising import loop

    def exhaust(*_: object, **__: object) -> None:
        from core.errors import OutOfMemory

        raise OutOfMemory(3 * 2**20, "cpu")

    monkeypatch.setattr(loop, "denoise", exhaust)
    with pytest.raises(ServiceError, check=coded("out_of_memory")) as failed:
        world.denoise()
    assert (failed.value.code, str(failed.value)) == (
        "out_of_memory",
        "out of memory on cpu (3 MiB more requested)",
    )
    assert failed.value.hint


def test_a_sliced_run_returns_nearly_the_same_image(world: World) -> None:
    whole, pieces = world.denoise(), world.denoise(sliced=True)
    apart = np.abs(world.pixels(whole).astype(int) - world.pixels(pieces))
    assert apart.max() <= 1
    image = some_picture(world)
    latents = [world.tensors.get(world.generation.encode(world.model, image, 7, tiled=tiled).name) for tiled in (0, 1)]
    assert (latents[0]["latents"] - latents[1]["latents"]).abs().max() < 0.2


def test_previews_are_made_while_somebody_watches_whatever_the_interval(world: World) -> None:
    made, answers = [], iter([True, False, True])
    watch = StepCallbacks(lambda step, of, preview: made.append(preview is not None), bool, lambda: next(answers))
    world.made(preview_every=1).denoise(world.request(steps=4), watch)
    assert made == [True, False, True, False]


def test_a_sliced_run_shows_no_previews(world: World) -> None:
    shown: list[Any] = []
    watch = StepCallbacks(on_step=lambda step, of, preview: shown.append(preview), cancelled=lambda: False)
    for sliced in (False, True):
        world.made(preview_every=1).denoise(world.request(steps=3, sliced=sliced), watch)
    assert [preview is not None for preview in shown] == [True, True, False, False, False, False]


def test_unloaded_models_are_loaded_again_when_needed(world: World) -> None:
    fresh = world.made()
    fresh.free()
    fresh.encode_prompt(PromptRequest(world.model, "a fox", "", 0))
    world.loads.clear()
    fresh.free()
    fresh.encode_prompt(PromptRequest(world.model, "a fox", "", 0))
    assert world.loads == [("default", "text_encoder", False), ("default", "text_encoder", True)]


def test_a_missing_model_or_prompt_is_an_error(world: World, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, check=coded("model_missing")):
        world.generation.make_noise(NoiseRequest(ModelRef("x", "gone", str(tmp_path / "missing")), 8, 8, 1))
    with pytest.raises(ServiceError, check=coded("tensors_gone")):
        world.denoise(conditioning=ConditioningRef("ab" * 32))
