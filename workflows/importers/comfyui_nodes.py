"""The nodes of ComfyUI that have a counterpart, and the way along their links: pictures, latents, words, models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from .parameters import Making, Step, Value, shown
from .prompt_weights import rewrite
from .samplers import scheduler_of
from .untrusted import mapping, real, text, whole

DEEPEST = 60  # links followed one behind the other
MOST_VISITS = 5000  # of nodes: a graph of strangers may run in circles and fork
SCALARS = ("value", "text", "string", "seed", "noise_seed", "int", "float", "number", "Value", "String")
ONWARD = {  # where a node that does nothing here got what it passes on
    "picture": ("image", "images", "pixels", "image1", "samples"),
    "latents": ("samples", "latent", "latent_image", "samples1"),
    "words": ("conditioning", "positive", "conditioning_1", "conditioning_to", "text", "prompt"),
    "model": ("model", "unet", "ckpt_name", "unet_name", "model_name"),
    "clip": ("clip",),
}
EMPTY = re.compile(r"Empty\w*Latent\w*")
TEXTS = ("text", "text_g", "t5xxl", "clip_l", "text_l", "prompt")
FACTOR = re.compile(r"(?<!\d)([2-8])x|x([2-8])(?!\d)", re.IGNORECASE)


NO_STEPS: list[Step] = []
NO_WORDS: tuple[str, int | None] = ("", None)
NO_COUNT = cast("int | None", None)
NO_NAME = cast("str | None", None)
T = TypeVar("T")
Method = Callable[["Walk", object], T]


def limited(empty: T) -> Callable[[Method[T]], Method[T]]:
    """Let a method that follows links give up after `DEEPEST` of them."""

    def wrap(method: Method[T]) -> Method[T]:
        @wraps(method)
        def follow(walk: Walk, link: object) -> T:
            if walk.depth >= DEEPEST:
                return empty
            walk.depth += 1
            try:
                return method(walk, link)
            finally:
                walk.depth -= 1

        return follow

    return wrap


class Walk:
    """One graph being walked back; notes what does not map and which nodes were met."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        self.nodes = nodes
        self.seen: set[str] = set()
        self.notes: list[str] = []
        self.depth = self.visits = 0

    def note(self, text: str) -> None:
        """Say once what does not map."""
        if text not in self.notes:
            self.notes.append(text)

    @limited(NO_STEPS)
    def picture(self, link: object) -> list[Step]:
        """Return the steps that make the picture at a link; [] where there is none."""
        id_, kind, inputs = self.node(link)
        if not kind:
            return []
        if kind.startswith("VAEDecode"):
            return self.latents(inputs.get("samples"))
        if kind.startswith("LoadImage"):
            return [Step("load", {"source": text(self.scalar(inputs.get("image")))[:1000]})]
        before = next((steps for name in ONWARD["picture"] if (steps := self.picture(inputs.get(name)))), [])
        return [*before, *self.changed(id_, kind, inputs)] if before else []

    def changed(self, id_: str, kind: str, inputs: Mapping[str, Any]) -> list[Step]:
        """Return what a node does to a picture."""
        width, height = (whole(self.scalar(inputs.get(name))) or None for name in ("width", "height"))
        match kind:
            case "ImageScale":
                return [Step("resize", _present(width=width, height=height))]
            case "ImageScaleBy":
                return [Step("scale", _present(factor=real(self.scalar(inputs.get("scale_by")))))]
            case "ImageInvert":
                return [Step("invert", {})]
            case "ImageBlur":
                return [Step("blur", _present(radius=real(self.scalar(inputs.get("blur_radius")))))]
            case "ImageCrop":
                places = _present(left=whole(inputs.get("x")), top=whole(inputs.get("y")))
                return [Step("crop", {**_present(width=width, height=height), **places})]
            case "ImageUpscaleWithModel":
                return [self.enlarged(inputs)]
        if not kind.startswith(("Save", "Preview", "Reroute")):
            self.note(f"node {shown(id_)} `{shown(kind)}` has no counterpart here")
        return []

    def enlarged(self, inputs: Mapping[str, Any]) -> Step:
        """Return the enlargement by a trained model as ours, its factor read from the model's name."""
        _, _, loader = self.node(inputs.get("upscale_model"))
        name = text(loader.get("model_name"))
        factor = FACTOR.search(name)
        self.note(f"the upscaler `{shown(name) or '?'}` is not there: `upscale` enlarges in its own way")
        return Step("upscale", _present(scale=float(factor[1] or factor[2]) if factor else None))

    @limited(NO_STEPS)
    def latents(self, link: object) -> list[Step]:
        """Return the steps that make the picture behind some latents."""
        id_, kind, inputs = self.node(link)
        if not kind:
            return []
        if "sampler" in kind.lower() and "latent_image" in inputs:
            return self.sampled(kind, inputs)
        if kind.startswith("VAEEncode"):
            return self.picture(inputs.get("pixels"))
        before = next((steps for name in ONWARD["latents"] if (steps := self.latents(inputs.get(name)))), [])
        if before and kind.startswith("LatentUpscale"):
            scale = real(self.scalar(inputs.get("scale_by")))
            size = _present(**{name: whole(self.scalar(inputs.get(name))) or None for name in ("width", "height")})
            if scale is not None:
                return [*before, Step("upscale", {"scale": scale})]
            return [*before, Step("resize", size)] if size else before
        self.note(f"node {shown(id_)} `{shown(kind)}` has no counterpart here")
        return before

    def sampled(self, kind: str, inputs: Mapping[str, Any]) -> list[Step]:
        """Return what a sampler makes: a picture from words, or one from what its latents came from."""
        making = self.making(inputs)
        empty, width, height = self.empty(inputs.get("latent_image"))
        before = [] if empty else self.latents(inputs.get("latent_image"))
        values: dict[str, Value] = {"prompt": making.prompt}
        values |= _present(
            negative=making.negative or None, model=making.model, steps=making.steps, guidance=making.guidance,
            scheduler=making.scheduler, seed=making.seed, clip_skip=making.clip_skip,
        )  # fmt: skip
        for name in ("start_at_step", "return_with_leftover_noise"):
            if self.scalar(inputs.get(name)) not in (None, 0, "disable"):
                self.note(f"`{kind}`: `{name}` has no counterpart here")
        if not before:
            return [Step("t2i", {**values, **_present(width=width, height=height)})]
        size = before[-1].values if before[-1].command == "resize" else {}
        return [*before, Step("i2i", {**values, **_present(strength=making.strength), **size})]

    def empty(self, link: object) -> tuple[bool, int | None, int | None]:
        """Tell whether some latents are empty, and how large they are."""
        _, kind, inputs = self.node(link)
        if not EMPTY.fullmatch(kind):
            return False, None, None
        if (whole(self.scalar(inputs.get("batch_size"))) or 1) > 1:
            self.note("several pictures were made at once: this line makes the first")
        width, height = (whole(self.scalar(inputs.get(name))) or None for name in ("width", "height"))
        return True, width, height

    def making(self, inputs: Mapping[str, Any]) -> Making:
        """Return what a sampler works with; the parts of the newer samplers lie in nodes of their own."""
        guider, noise, sigmas, way = (self.node(inputs.get(n))[2] for n in ("guider", "noise", "sigmas", "sampler"))
        said = {**sigmas, **way, **noise, **guider, **inputs}

        def get(*names: str) -> object:
            return next((v for name in names if (v := self.scalar(said.get(name))) is not None), None)

        making = Making(steps=whole(get("steps")), seed=whole(get("seed", "noise_seed")), guidance=real(get("cfg")))
        making.strength = real(get("denoise"))
        name, spacing = text(get("sampler_name")), text(get("scheduler"))
        if name:
            making.scheduler, note = scheduler_of(name[:60], spacing[:60])
            if note:
                self.note(note)
        making.prompt, skipped = self.words(said.get("positive", said.get("conditioning")))
        making.negative, _ = self.words(said.get("negative"))
        making.clip_skip = skipped
        making.model = self.model(said.get("model"))
        return making

    @limited(NO_WORDS)
    def words(self, link: object) -> tuple[str, int | None]:
        """Return the words behind a conditioning with our weights, and how many layers are skipped."""
        id_, kind, inputs = self.node(link)
        if not kind or kind == "ConditioningZeroOut":
            return "", None
        if kind.startswith("CLIPTextEncode"):
            said = next((said for name in TEXTS if (said := text(self.scalar(inputs.get(name))))), "")
            prompt, notes = rewrite(said, brackets=False)
            for note in notes:
                self.note(note)
            return prompt, self.skipped(inputs.get("clip"))
        if kind != "Reroute":
            self.note(f"node {shown(id_)} `{shown(kind)}` has no counterpart here")
        return next((words for name in ONWARD["words"] if (words := self.words(inputs.get(name)))[0]), ("", None))

    @limited(NO_COUNT)
    def skipped(self, link: object) -> int | None:
        """Return how many layers of the text encoder are skipped."""
        _, kind, inputs = self.node(link)
        if kind == "CLIPSetLastLayer":
            last = real(self.scalar(inputs.get("stop_at_clip_layer")))
            return int(-last) - 1 if last is not None and -12 <= last < -1 else None
        return self.skipped(inputs.get("clip")) if "clip" in inputs else None

    @limited(NO_NAME)
    def model(self, link: object) -> str | None:
        """Return the name of the model behind a link."""
        id_, kind, inputs = self.node(link)
        if not kind:
            return None
        name = next((text(inputs[n]) for n in ("ckpt_name", "unet_name", "model_name") if text(inputs.get(n))), "")
        if name:
            return name[:200]
        what = text(inputs.get("lora_name"))
        if kind != "Reroute":
            self.note(f"node {shown(id_)} `{shown(kind)}`{f' ({shown(what)})' if what else ''} has no counterpart here")
        return next((found for n in ONWARD["model"] if (found := self.model(inputs.get(n)))), None)

    def scalar(self, value: object) -> object:
        """Return a value, also one that comes from a node that only holds it."""
        for _ in range(8):
            _, kind, inputs = self.node(value)
            if not kind:
                break
            value = next((inputs[name] for name in SCALARS if name in inputs), None)
        return None if isinstance(value, (list, dict)) else value

    def node(self, link: object) -> tuple[str, str, Mapping[str, Any]]:
        """Return id, kind and inputs of the node at the other end of a link, empty where there is none."""
        if not (isinstance(link, list) and len(link) == 2 and isinstance(link[0], (str, int))):
            return "", "", {}
        id_ = str(link[0])
        node = self.nodes.get(id_)
        self.visits += 1
        if node is None or not isinstance(node.get("class_type"), str) or self.visits > MOST_VISITS:
            return "", "", {}
        self.seen.add(id_)
        return id_, node["class_type"], mapping(node.get("inputs"))


def _present(**values: Value | None) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
