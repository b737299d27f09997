"""Follow the links of a ComfyUI graph, and turn the nodes that have an equivalent into steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from .parameters import GenerationParameters, ImportedStep, Value, short
from .prompt_weights import rewrite
from .samplers import scheduler_of
from .untrusted import integer, mapping, number, string

MAX_DEPTH = 60  # how many links are followed in a row
MAX_VISITS = 5000  # how many nodes are visited: an untrusted graph may have cycles and forks
SCALARS = ("value", "text", "string", "seed", "noise_seed", "int", "float", "number", "Value", "String")
PASSED_ON = {  # inputs that are followed through a node that has no effect here
    "image": ("image", "images", "pixels", "image1", "samples"),
    "latents": ("samples", "latent", "latent_image", "samples1"),
    "words": ("conditioning", "positive", "conditioning_1", "conditioning_to", "text", "prompt"),
    "model": ("model", "unet", "ckpt_name", "unet_name", "model_name"),
    "clip": ("clip",),
}
EMPTY = re.compile(r"Empty\w*Latent\w*")
TEXTS = ("text", "text_g", "t5xxl", "clip_l", "text_l", "prompt")
FACTOR = re.compile(r"(?<!\d)([2-8])x|x([2-8])(?!\d)", re.IGNORECASE)


NO_STEPS: list[ImportedStep] = []
NO_WORDS: tuple[str, int | None] = ("", None)
NO_COUNT = cast("int | None", None)
NO_NAME = cast("str | None", None)
T = TypeVar("T")
Method = Callable[["GraphWalk", object], T]


def limited(empty: T) -> Callable[[Method[T]], Method[T]]:
    """Decorate a method that follows links, so that it stops after `MAX_DEPTH` of them."""

    def wrap(method: Method[T]) -> Method[T]:
        @wraps(method)
        def follow(walk: GraphWalk, link: object) -> T:
            if walk.depth >= MAX_DEPTH:
                return empty
            walk.depth += 1
            try:
                return method(walk, link)
            finally:
                walk.depth -= 1

        return follow

    return wrap


class GraphWalk:
    """Follows a graph back from its end; collects the nodes visited, and notes on unsupported ones."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        self.nodes = nodes
        self.seen: set[str] = set()
        self.notes: list[str] = []
        self.depth = self.visits = 0

    def note(self, text: str) -> None:
        """Record a note, without duplicates."""
        if text not in self.notes:
            self.notes.append(text)

    @limited(NO_STEPS)
    def image(self, link: object) -> list[ImportedStep]:
        """Return the steps that make the image at the other end of a link; [] if there is none."""
        id_, kind, inputs = self.node(link)
        if not kind:
            return []
        if kind.startswith("VAEDecode"):
            return self.latents(inputs.get("samples"))
        if kind.startswith("LoadImage"):
            return [ImportedStep("load", {"source": string(self.scalar(inputs.get("image")))[:1000]})]
        before = next((steps for name in PASSED_ON["image"] if (steps := self.image(inputs.get(name)))), [])
        return [*before, *self.changed(id_, kind, inputs)] if before else []

    def changed(self, id_: str, kind: str, inputs: Mapping[str, Any]) -> list[ImportedStep]:
        """Return the steps for a node that changes an image."""
        width, height = (integer(self.scalar(inputs.get(name))) or None for name in ("width", "height"))
        match kind:
            case "ImageScale":
                return [ImportedStep("resize", _present(width=width, height=height))]
            case "ImageScaleBy":
                return [ImportedStep("scale", _present(factor=number(self.scalar(inputs.get("scale_by")))))]
            case "ImageInvert":
                return [ImportedStep("invert", {})]
            case "ImageBlur":
                return [ImportedStep("blur", _present(radius=number(self.scalar(inputs.get("blur_radius")))))]
            case "ImageCrop":
                places = _present(left=integer(inputs.get("x")), top=integer(inputs.get("y")))
                return [ImportedStep("crop", {**_present(width=width, height=height), **places})]
            case "ImageUpscaleWithModel":
                return [self.enlarged(inputs)]
        if not kind.startswith(("Save", "Preview", "Reroute")):
            self.note(f"node {short(id_)} `{short(kind)}` is not supported")
        return []

    def enlarged(self, inputs: Mapping[str, Any]) -> ImportedStep:
        """Return the `upscale` step for upscaling with a model; the factor is taken from the model's name."""
        _, _, loader = self.node(inputs.get("upscale_model"))
        name = string(loader.get("model_name"))
        factor = FACTOR.search(name)
        self.note(f"the upscaler `{short(name) or '?'}` is not available: `upscale` uses its own method")
        return ImportedStep("upscale", _present(scale=float(factor[1] or factor[2]) if factor else None))

    @limited(NO_STEPS)
    def latents(self, link: object) -> list[ImportedStep]:
        """Return the steps that make the image that latents are decoded to."""
        id_, kind, inputs = self.node(link)
        if not kind:
            return []
        if "sampler" in kind.lower() and "latent_image" in inputs:
            return self.sampled(kind, inputs)
        if kind.startswith("VAEEncode"):
            return self.image(inputs.get("pixels"))
        before = next((steps for name in PASSED_ON["latents"] if (steps := self.latents(inputs.get(name)))), [])
        if before and kind.startswith("LatentUpscale"):
            scale = number(self.scalar(inputs.get("scale_by")))
            size = _present(**{name: integer(self.scalar(inputs.get(name))) or None for name in ("width", "height")})
            if scale is not None:
                return [*before, ImportedStep("upscale", {"scale": scale})]
            return [*before, ImportedStep("resize", size)] if size else before
        self.note(f"node {short(id_)} `{short(kind)}` is not supported")
        return before

    def sampled(self, kind: str, inputs: Mapping[str, Any]) -> list[ImportedStep]:
        """Return the steps for a sampler: text to image, or image to image if its latents come from an image."""
        params = self.parameters(inputs)
        empty, width, height = self.empty(inputs.get("latent_image"))
        before = [] if empty else self.latents(inputs.get("latent_image"))
        values: dict[str, Value] = {"prompt": params.prompt}
        values |= _present(
            negative=params.negative or None, model=params.model, steps=params.steps, guidance=params.guidance,
            scheduler=params.scheduler, seed=params.seed, clip_skip=params.clip_skip,
        )  # fmt: skip
        for name in ("start_at_step", "return_with_leftover_noise"):
            if self.scalar(inputs.get(name)) not in (None, 0, "disable"):
                self.note(f"`{kind}`: `{name}` is not supported")
        if not before:
            return [ImportedStep("t2i", {**values, **_present(width=width, height=height)})]
        size = before[-1].values if before[-1].command == "resize" else {}
        return [*before, ImportedStep("i2i", {**values, **_present(strength=params.strength), **size})]

    def empty(self, link: object) -> tuple[bool, int | None, int | None]:
        """Return whether latents are empty, and their width and height in pixels."""
        _, kind, inputs = self.node(link)
        if not EMPTY.fullmatch(kind):
            return False, None, None
        if (integer(self.scalar(inputs.get("batch_size"))) or 1) > 1:
            self.note("it was made in a batch of several images: this line makes the first")
        width, height = (integer(self.scalar(inputs.get(name))) or None for name in ("width", "height"))
        return True, width, height

    def parameters(self, inputs: Mapping[str, Any]) -> GenerationParameters:
        """Return the parameters of a sampler, which newer samplers keep in separate nodes."""
        guider, noise, sigmas, way = (self.node(inputs.get(n))[2] for n in ("guider", "noise", "sigmas", "sampler"))
        inputs = {**sigmas, **way, **noise, **guider, **inputs}

        def get(*names: str) -> object:
            return next((v for name in names if (v := self.scalar(inputs.get(name))) is not None), None)

        params = GenerationParameters(
            steps=integer(get("steps")), seed=integer(get("seed", "noise_seed")), guidance=number(get("cfg"))
        )
        params.strength = number(get("denoise"))
        name, spacing = string(get("sampler_name")), string(get("scheduler"))
        if name:
            params.scheduler, note = scheduler_of(name[:60], spacing[:60])
            if note:
                self.note(note)
        params.prompt, skipped = self.words(inputs.get("positive", inputs.get("conditioning")))
        params.negative, _ = self.words(inputs.get("negative"))
        params.clip_skip = skipped
        params.model = self.model(inputs.get("model"))
        return params

    @limited(NO_WORDS)
    def words(self, link: object) -> tuple[str, int | None]:
        """Return the prompt of a conditioning, with its weights in our syntax, and the clip skip."""
        id_, kind, inputs = self.node(link)
        if not kind or kind == "ConditioningZeroOut":
            return "", None
        if kind.startswith("CLIPTextEncode"):
            found = next((found for name in TEXTS if (found := string(self.scalar(inputs.get(name))))), "")
            prompt, notes = rewrite(found, brackets=False)
            for note in notes:
                self.note(note)
            return prompt, self.skipped(inputs.get("clip"))
        if kind != "Reroute":
            self.note(f"node {short(id_)} `{short(kind)}` is not supported")
        return next((words for name in PASSED_ON["words"] if (words := self.words(inputs.get(name)))[0]), ("", None))

    @limited(NO_COUNT)
    def skipped(self, link: object) -> int | None:
        """Return the clip skip: the number of last layers of the text encoder that are skipped."""
        _, kind, inputs = self.node(link)
        if kind == "CLIPSetLastLayer":
            last = number(self.scalar(inputs.get("stop_at_clip_layer")))
            return int(-last) - 1 if last is not None and -12 <= last < -1 else None
        return self.skipped(inputs.get("clip")) if "clip" in inputs else None

    @limited(NO_NAME)
    def model(self, link: object) -> str | None:
        """Return the name of the model at the other end of a link."""
        id_, kind, inputs = self.node(link)
        if not kind:
            return None
        name = next((string(inputs[n]) for n in ("ckpt_name", "unet_name", "model_name") if string(inputs.get(n))), "")
        if name:
            return name[:200]
        lora = string(inputs.get("lora_name"))
        if kind != "Reroute":
            self.note(f"node {short(id_)} `{short(kind)}`{f' ({short(lora)})' if lora else ''} is not supported")
        return next((found for n in PASSED_ON["model"] if (found := self.model(inputs.get(n)))), None)

    def scalar(self, value: object) -> object:
        """Return the value of an input; a link is followed if it leads to a node that only holds a value."""
        for _ in range(8):
            _, kind, inputs = self.node(value)
            if not kind:
                break
            value = next((inputs[name] for name in SCALARS if name in inputs), None)
        return None if isinstance(value, (list, dict)) else value

    def node(self, link: object) -> tuple[str, str, Mapping[str, Any]]:
        """Return the id, kind and inputs of the node at the other end of a link; all empty if there is none."""
        if not (isinstance(link, list) and len(link) == 2 and isinstance(link[0], (str, int))):
            return "", "", {}
        id_ = str(link[0])
        node = self.nodes.get(id_)
        self.visits += 1
        if node is None or not isinstance(node.get("class_type"), str) or self.visits > MAX_VISITS:
            return "", "", {}
        self.seen.add(id_)
        return id_, node["class_type"], mapping(node.get("inputs"))


def _present(**values: Value | None) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
