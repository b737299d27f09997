"""Convert ComfyUI's latents and samplers to stages."""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from dataclasses import replace

from workflows.importers.foreign_graph import ForeignNode, NodeLink, Output, followed
from workflows.importers.graph_stages import (
    MASKED,
    LatentImage,
    Sampling,
    part,
    present,
    rounded_up,
    sampled,
)
from workflows.importers.parameters import ImportedStep, Value, rounded_size
from workflows.synonyms.samplers import scheduler_of

from .masks import mask_of
from .prompts import CONDITIONING, NEGATIVE, NOTHING, POSITIVE, EncodedPrompt
from .schedules import ScheduleWalk, SigmaSchedule
from .values import BUNDLED
from .widgets import TILES

LATENTS = ("latent_image", "samples", "latent", "latents", "samples1", "optional_latent", *BUNDLED)
EMPTY = re.compile(r"Empty\w*Latent")
BATCH = "the image was made in a batch of several images: this line makes only the first"
MASKS = ("VAEEncodeForInpaint", "SetLatentNoiseMask", "InpaintModelConditioning")
MAX_FACTOR = 64
DISABLED = ("disable", False)


class SamplingWalk(ScheduleWalk):
    """Walks back from latents and collects the steps of the samplers that made them."""

    @abstractmethod
    def image(self, value: object) -> tuple[ImportedStep, ...]:
        """Return the steps that made the image at the origin of a link."""

    @followed(LatentImage())
    def latents(self, node: ForeignNode, output: Output) -> LatentImage:
        """Return the origin of the latents at an output of a node."""
        if is_sampler(node):
            return self._sampled(node)
        if node.kind in MASKS:
            return self._masked(node)
        if "pixels" in node.inputs:
            return self._from_pixels(node)
        if EMPTY.match(node.kind) or "empty_latent_width" in node.inputs:
            return self._empty(node)
        before = self.latents(self._latent_link(node))
        match node.kind:
            case "LatentUpscale":
                return self._resized(node, before)
            case "LatentUpscaleBy":
                return self._scaled(node, before)
            case "RepeatLatentBatch":
                if (self.integer(node, "amount") or 1) > 1:
                    self.note(BATCH)
        return before

    def _from_pixels(self, node: ForeignNode) -> LatentImage:
        self.use(node, "pixels", *(TILES if node.kind == "VAEEncodeTiled" else ()))
        return LatentImage(self.image(node.inputs["pixels"]))

    def _masked(self, node: ForeignNode) -> LatentImage:
        """Return latents in which only a masked area will be generated."""
        self.use(node, "mask", "noise_mask")
        before = self._from_pixels(node) if "pixels" in node.inputs else self.latents(self._latent_link(node))
        mask = mask_of(self, node.inputs.get("mask"))
        if mask is None:
            self.note(MASKED)
            self.use(node, "grow_mask_by")
            return before
        grown = math.ceil(
            ((self.integer(node, "grow_mask_by") or 1) - 1) / 2
        )  # ComfyUI sets the width of the kernel, `mask-grow` its radius
        return replace(before, mask=mask.then("mask-grow", pixels=grown) if grown else mask)

    def _latent_link(self, node: ForeignNode) -> object:
        return next((node.inputs[name] for name in LATENTS if name in node.inputs), None)

    def _empty(self, node: ForeignNode) -> LatentImage:
        """Return empty latents with the size that the node sets."""
        prefix = "empty_latent_" if "empty_latent_width" in node.inputs else ""
        if (self.integer(node, "batch_size") or 1) > 1:
            self.note(BATCH)
        width, height = (self.integer(node, prefix + side) or None for side in ("width", "height"))
        width, height = rounded_size(width, height, self.note)
        return LatentImage(width=width, height=height)

    def _resized(self, node: ForeignNode, before: LatentImage) -> LatentImage:
        width, height = (self.integer(node, side) or None for side in ("width", "height"))
        width, height = rounded_size(width, height, self.note)
        if not before.steps:
            self.use(node, "upscale_method")
            return replace(before, width=width or before.width, height=height or before.height)
        self._enlarges_latents(node, "resize")
        size = present(width=width, height=height)
        return before.then(ImportedStep("resize", size)) if size else before

    def _scaled(self, node: ForeignNode, before: LatentImage) -> LatentImage:
        factor = self.number(node, "scale_by") or 1.0
        if not 0 < factor <= MAX_FACTOR:
            self.note(f"{node.shown}: `scale_by: {factor:g}` is ignored: it is not between 0 and {MAX_FACTOR}")
            return before
        if not before.steps:
            width, height = (None if side is None else round(side * factor) for side in (before.width, before.height))
            width, height = rounded_size(width, height, self.note)
            self.use(node, "upscale_method")
            return replace(before, width=width, height=height)
        self._enlarges_latents(node, "upscale" if factor >= 1 else "scale")
        step = ImportedStep("upscale", {"scale": factor}) if factor >= 1 else ImportedStep("scale", {"factor": factor})
        return before.then(step)

    def _enlarges_latents(self, node: ForeignNode, command: str) -> None:
        self.use(node, "upscale_method")
        self.note(f"{node.shown} resizes latents: `{command}` resizes the decoded image instead")

    def _sampled(self, node: ForeignNode) -> LatentImage:
        """Return the latents that a sampler node returns."""
        before = self.latents(self._latent_link(node))
        schedule = self.sigmas(self.get(node, "sigmas")) if "sigmas" in node.inputs else self._schedule(node)
        steps, denoise = schedule.steps or 0, schedule.denoise
        if before.steps and 0 < denoise < 1:
            self.note(
                f"{node.shown}: at `denoise: {denoise:g}`, ComfyUI takes all {steps} steps, "
                f"but `i2i` takes only {int(steps * denoise)}"
            )
        return sampled(before, self._sampling(node, schedule), self.note)

    def _sampling(self, node: ForeignNode, schedule: SigmaSchedule) -> Sampling:
        """Return the settings of a sampler; newer samplers read them from separate nodes."""
        guider = self.part(node, "guider") or node
        seed, adds_noise = self._noise(node)
        guidance = 1.0 if guider.kind == "BasicGuider" else self.number(guider, "cfg", "cfg_conds")
        positive, negative = self._prompts(guider)
        values: dict[str, Value] = {"prompt": positive.text}
        values |= present(
            negative=negative.text or None,
            model=self.model(self.get(guider, "model")) or None,
            steps=schedule.steps,
            guidance=guidance,
            scheduler=self._scheduler(node, schedule.spacing),
            seed=seed,
            clip_skip=positive.clip_skip,
        )
        return Sampling(node.shown, values, schedule.strength, adds_noise, schedule.stops_at)

    def _schedule(self, node: ForeignNode) -> SigmaSchedule:
        """Return the schedule of a sampler that sets it in its own inputs rather than through a separate node."""
        steps, denoise = self.integer(node, "steps"), self.number(node, "denoise")
        begin, end = self.integer(node, "start_at_step") or 0, self.integer(node, "end_at_step")
        whole = SigmaSchedule.of(steps, self.string(node, "scheduler"), denoise)
        if not steps:
            return whole
        stops_at = f"step {end} of {steps}" if end is not None and end < steps else ""
        strength = rounded_up(whole.strength * part(steps, min(begin, steps)))
        return replace(whole, strength=strength if begin else whole.strength, stops_at=stops_at)

    def _noise(self, node: ForeignNode) -> tuple[int | None, bool]:
        """Return the seed of a sampler, and whether it adds noise."""
        if "noise" in node.inputs:
            return self.noise(self.get(node, "noise"))
        return self.seed(node, "seed", "noise_seed"), self.scalar(node, "add_noise") not in DISABLED

    def _prompts(self, guider: ForeignNode) -> tuple[EncodedPrompt, EncodedPrompt]:
        """Return the positive and the negative prompt of a guider or a sampler."""
        name = next((name for name in (POSITIVE, *CONDITIONING, *BUNDLED) if name in guider.inputs), POSITIVE)
        negative = next((name for name in (NEGATIVE, *BUNDLED) if name in guider.inputs), NEGATIVE)
        if guider.kind == "BasicGuider":
            return self.prompt(self.get(guider, name), POSITIVE), NOTHING
        return self.prompt(self.get(guider, name), POSITIVE), self.prompt(self.get(guider, negative), NEGATIVE)

    def _scheduler(self, node: ForeignNode, spacing: str) -> str | None:
        """Return our scheduler for a sampler node and the name of its noise schedule."""
        link = node.inputs.get("sampler")
        name = self.sampler(self.get(node, "sampler")) if isinstance(link, NodeLink) else ""
        name = name or self.string(node, "sampler_name")
        if not name:
            return None
        ours, note = scheduler_of(name[:60], spacing[:60])
        if note:
            self.note(note)
        return ours


def is_sampler(node: ForeignNode) -> bool:
    """Return True if a node is a sampler: it computes latents from latents and prompts."""
    return "sampler" in node.kind.lower() and any(name in node.inputs for name in LATENTS)
