"""The nodes of InvokeAI that map onto commands, followed back from an image (image.py, latent nodes, denoise nodes)."""

from __future__ import annotations

from dataclasses import replace

from workflows.synonyms.samplers import scheduler_of

from .foreign_graph import ForeignNode, NodeLink, Output, followed
from .graph_stages import MASKED, LatentImage, Sampling, decoded_in_tiles, other_upscaler, present, rounded_up, sampled
from .invokeai_values import InvokeValues
from .parameters import ImportedMask, ImportedStep, Value, rounded_size, short
from .untrusted import mapping, string

Steps = tuple[ImportedStep, ...]
NO_STEPS: Steps = ()
POSITIVE = ("positive_conditioning", "positive_text_conditioning")
NEGATIVE = ("negative_conditioning", "negative_text_conditioning")
MODEL_LINKS = ("unet", "transformer", "model")
MASKING = ("create_denoise_mask", "create_gradient_mask")
METHODS = ("nearest", "box", "bilinear", "bicubic", "lanczos")
SIDES = ("width", "height")


class InvokeWalk(InvokeValues):
    """Walks back from an image and collects the steps that made it."""

    @followed(NO_STEPS)
    def image(self, node: ForeignNode, output: Output) -> Steps:
        """Return the steps that made the image at an output of a node; () if no step is known."""
        if isinstance(node.inputs.get("latents"), NodeLink) and "vae" in node.inputs:
            return self._decoded(node)
        if node.kind == "image":
            name = string(mapping(self.get(node, "image")).get("image_name"))[:1000]
            return self._loaded(name)
        link = next((node.inputs[name] for name in ("image", "base_image") if name in node.inputs), None)
        before = self.image(link) if isinstance(link, NodeLink) else self._loaded(_image_name(link))
        step = self._change(node) if before else None
        return (*before, step) if step else before

    def _loaded(self, name: str) -> Steps:
        if not name:
            return ()
        self.note(f"generation starts from the file `{short(name)}` in InvokeAI's image folder")
        return (ImportedStep("load", {"source": name}),)

    def _decoded(self, node: ForeignNode) -> Steps:
        """Return the steps that made the latents that a node decodes."""
        steps = self.latents(self.get(node, "latents")).steps
        return decoded_in_tiles(steps) if self.scalar(node, "tiled") is True else steps

    def _change(self, node: ForeignNode) -> ImportedStep | None:
        """Return the step equivalent to a node that changes an image, or None if the node is not supported."""
        size = present(**{side: self.integer(node, side) for side in SIDES}) if node.kind in RESIZING else {}
        match node.kind:
            case "img_resize":
                return ImportedStep("resize", size | self._method(node))
            case "img_scale":
                return ImportedStep("scale", present(factor=self.number(node, "scale_factor")) | self._method(node))
            case "img_crop":
                return ImportedStep("crop", size | present(left=self.integer(node, "x"), top=self.integer(node, "y")))
            case "img_blur":
                return ImportedStep("blur", present(radius=self.number(node, "radius")))
            case "esrgan":
                self.note(other_upscaler(self.string(node, "model_name")))
                return ImportedStep("upscale", {})
            case "save_image" | "show_image" | "canvas_output":
                self.use(node)
        return None

    def _method(self, node: ForeignNode) -> dict[str, Value]:
        name = self.string(node, "resample_mode")
        if name and name not in METHODS:
            self.note(f"{node.shown}: `resample_mode: {short(name)}` is not available")
        return {"method": name} if name in METHODS and name != "lanczos" else {}

    @followed(LatentImage())
    def latents(self, node: ForeignNode, output: Output) -> LatentImage:
        """Return the origin of the latents at an output of a node."""
        if "denoise" in node.kind:
            return self._denoised(node)
        if isinstance(node.inputs.get("image"), NodeLink) and "vae" in node.inputs:
            self.use(node, "image", "vae", "tiled", "tile_size")
            return LatentImage(self.image(node.inputs["image"]))
        before = self.latents(node.inputs.get("latents"))
        match node.kind:
            case "lresize":
                step = ImportedStep("resize", present(**{side: self.integer(node, side) for side in SIDES}))
            case "lscale":
                step = ImportedStep("upscale", present(scale=self.number(node, "scale_factor")))
            case _:
                return before
        self.note(f"{node.shown} resizes latents: `{step.command}` resizes the decoded image instead")
        return before.then(step) if before.steps else before

    def _denoised(self, node: ForeignNode) -> LatentImage:
        """Return the latents that a denoising node returns."""
        noise = self.target(self.get(node, "noise")) if "noise" in node.inputs else None
        source = noise[0] if noise else node
        width, height = (self.integer(source, side) for side in SIDES)
        before = self.latents(self.get(node, "latents"))
        if not before.steps:
            width, height = rounded_size(width, height, self.note)
            before = LatentImage(width=width, height=height)
        if isinstance(node.inputs.get("denoise_mask"), NodeLink):
            mask = self._mask(self.get(node, "denoise_mask"))
            before = replace(before, mask=mask)
            if mask is None:
                self.note(MASKED)
        seed = self.seed(source, "seed")
        begin, end = self.number(node, "denoising_start") or 0.0, self.number(node, "denoising_end")
        stops_at = f"{end:.0%} of its steps" if end is not None and end < 1 else ""
        values = self._values(node, seed)
        adds_noise = seed is not None and self.scalar(node, "add_noise") is not False
        return sampled(before, Sampling(node.shown, values, rounded_up(1 - begin), adds_noise, stops_at), self.note)

    def _mask(self, value: object) -> ImportedMask | None:
        """Return the file of a mask, or None if it is not known; in InvokeAI's masks, black marks what is generated."""
        target = self.target(value)
        if target is None or not target[0].kind.startswith(MASKING):
            return None
        node = target[0]
        given = self.target(node.inputs.get("mask"))
        name = _image_name(self.get(given[0], "image") if given else node.inputs.get("mask"))
        if not name:
            return None
        self.use(node, "mask", "image", "vae", "tiled", "fp32")
        return ImportedMask(name).then("mask-invert")

    def _values(self, node: ForeignNode, seed: int | None) -> dict[str, Value]:
        """Return the values of a denoising node under our names for its inputs, without width and height."""
        positive = self.prompt(self._first(node, POSITIVE))
        negative = self.prompt(self._first(node, NEGATIVE)).text
        scheduler, note = None, None
        if name := self.string(node, "scheduler"):
            scheduler, note = scheduler_of(name[:60])
        if note:
            self.note(note)
        return {"prompt": positive.text} | present(
            negative=negative or None,
            model=self.model(self._first(node, MODEL_LINKS)) or None,
            steps=self.integer(node, "steps", "num_steps"),
            guidance=self.number(node, *(("guidance",) if "guidance" in node.inputs else ("cfg_scale",))),
            scheduler=scheduler,
            seed=seed,
            clip_skip=positive.clip_skip,
        )

    def _first(self, node: ForeignNode, names: tuple[str, ...]) -> object:
        return next((self.get(node, name) for name in names if name in node.inputs), None)


RESIZING = ("img_resize", "img_crop")


def _image_name(value: object) -> str:
    return string(mapping(value).get("image_name"))[:1000]
