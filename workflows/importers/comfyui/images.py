"""Convert ComfyUI's nodes that load, decode, resize or change an image to stages (nodes.py, comfy_extras)."""

from __future__ import annotations

import re

from workflows.importers.foreign_graph import ForeignNode, NodeLink, Output, followed
from workflows.importers.graph_stages import decoded_in_tiles, other_upscaler, present
from workflows.importers.parameters import ImportedStep, Value, short

from .masks import file_of
from .sampling import SamplingWalk, is_sampler
from .values import BUNDLED

Steps = tuple[ImportedStep, ...]
NO_STEPS: Steps = ()
IMAGES = ("image", "images", "pixels", "image1", "image_from", "samples", *BUNDLED)
SAVING = ("Save", "Preview")  # prefixes of node types
METHODS = {  # ComfyUI's `upscale_method` -> our resizing method
    "nearest-exact": "nearest", "bilinear": "bilinear", "area": "box", "bicubic": "bicubic", "lanczos": "lanczos",
}  # fmt: skip
FITS = {"disabled": "stretch", "center": "cover"}  # ComfyUI's `crop` -> our resizing mode
DEFAULTS = ("lanczos", "stretch")  # our defaults, which need not be written
FLIPS = {"x": "vertical", "y": "horizontal"}  # keyed by the first letter of ComfyUI's `flip_method`
ROTATIONS = {"90": 270.0, "180": 180.0, "270": 90.0}  # ComfyUI rotates clockwise, we rotate counterclockwise
FACTOR = re.compile(r"(?<!\d)([2-8])x|x([2-8])(?!\d)", re.IGNORECASE)


class ImageWalk(SamplingWalk):
    """Walks back from an image and collects the steps that made it."""

    @followed(NO_STEPS)
    def image(self, node: ForeignNode, output: Output) -> Steps:
        """Return the steps that made the image at an output of a node; () if no step is known."""
        if node.kind.startswith("VAEDecode"):
            return self._decoded(node)
        if is_sampler(node):
            return self.latents(NodeLink(node.id, output)).steps
        if node.kind.startswith("LoadImage"):
            return self._loaded(node)
        before = self.image(next((node.inputs[name] for name in IMAGES if name in node.inputs), None))
        if before and (step := self._change(node)):
            return (*before, step)
        return before

    def _decoded(self, node: ForeignNode) -> Steps:
        """Return the steps that made the latents that a node decodes."""
        steps = self.latents(self.get(node, "samples")).steps
        return decoded_in_tiles(steps) if node.kind == "VAEDecodeTiled" else steps

    def _loaded(self, node: ForeignNode) -> Steps:
        name = file_of(self, NodeLink(node.id, 0))
        if not name:
            return ()
        self.note(f"generation starts from the file `{short(name)}` in ComfyUI's input folder")
        return (ImportedStep("load", {"source": name}),)

    def _change(self, node: ForeignNode) -> ImportedStep | None:
        """Return the step equivalent to a node that changes an image, or None if the node is not supported."""
        match node.kind:
            case "ImageScale":
                return ImportedStep("resize", self._size(node) | self._method(node, "crop"))
            case "ImageScaleBy":
                return ImportedStep("scale", present(factor=self.number(node, "scale_by")) | self._method(node))
            case "ImageInvert":
                self.use(node)
                return ImportedStep("invert", {})
            case "ImageBlur":
                return self._blur(node)
            case "ImageCrop":
                corner = present(left=self.integer(node, "x"), top=self.integer(node, "y"))
                return ImportedStep("crop", self._size(node) | corner)
            case "ImageFlip":
                direction = FLIPS.get(self.string(node, "flip_method")[:1])
                return ImportedStep("flip", {"direction": direction}) if direction else None
            case "ImageRotate":
                degrees = ROTATIONS.get(self.string(node, "rotation").partition(" ")[0])
                return ImportedStep("rotate", {"degrees": degrees}) if degrees else None
            case "ImageUpscaleWithModel":
                return self._enlarged(node)
        if node.kind.startswith(SAVING):
            self.use(node)
        return None

    def _size(self, node: ForeignNode) -> dict[str, Value]:
        return present(**{side: self.integer(node, side) or None for side in ("width", "height")})

    def _method(self, node: ForeignNode, crop: str = "") -> dict[str, Value]:
        """Return the inputs that select the resizing method; add a note if ComfyUI's method is not available here."""
        found: dict[str, Value] = {}
        for name, ours, table in ((crop, "fit", FITS), ("upscale_method", "method", METHODS)):
            theirs = self.string(node, name)
            if theirs and theirs not in table:
                self.note(f"{node.shown}: `{name}: {short(theirs)}` is not available")
            elif theirs and table[theirs] not in DEFAULTS:
                found[ours] = table[theirs]
        return found

    def _blur(self, node: ForeignNode) -> ImportedStep:
        """Return a `blur` step.

        Our radius is a standard deviation in pixels; ComfyUI's `sigma` is a fraction of its radius.
        """
        radius, sigma = self.number(node, "blur_radius"), self.number(node, "sigma")
        return ImportedStep("blur", present(radius=None if radius is None else radius * (sigma or 1.0)))

    def _enlarged(self, node: ForeignNode) -> ImportedStep:
        """Return an `upscale` step for a node that upscales with a model; the factor comes from the model's name."""
        loader = self.part(node, "upscale_model")
        name = self.string(loader, "model_name") if loader else ""
        factor = FACTOR.search(name)
        self.note(other_upscaler(name))
        return ImportedStep("upscale", present(scale=float(factor[1] or factor[2]) if factor else None))
