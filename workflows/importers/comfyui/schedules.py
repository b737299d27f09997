"""Read the nodes of ComfyUI's custom sampling: samplers, sigmas, noise, guiders (nodes_custom_sampler.py)."""

from __future__ import annotations

from dataclasses import replace

from invocations.frozen import frozen
from workflows.importers.foreign_graph import ForeignNode, NodeLink, Output, followed
from workflows.importers.graph_stages import part, rounded_up

from .prompts import PromptWalk

SPACINGS = {
    "KarrasScheduler": "karras", "ExponentialScheduler": "exponential", "PolyexponentialScheduler": "polyexponential",
    "BetaSamplingScheduler": "beta", "LaplaceScheduler": "laplace", "VPScheduler": "vp", "SDTurboScheduler": "turbo",
    "AlignYourStepsScheduler": "align your steps", "GITSScheduler": "gits",
}  # fmt: skip
SAMPLERS = {
    "SamplerEulerAncestral": "euler_ancestral", "SamplerEulerAncestralCFGPP": "euler_ancestral_cfg_pp",
    "SamplerDPMPP_2M_SDE": "dpmpp_2m_sde", "SamplerDPMPP_3M_SDE": "dpmpp_3m_sde", "SamplerDPMPP_SDE": "dpmpp_sde",
    "SamplerDPMPP_2S_Ancestral": "dpmpp_2s_ancestral", "SamplerLMS": "lms", "SamplerDPMAdaptative": "dpm_adaptive",
    "SamplerER_SDE": "er_sde", "SamplerSASolver": "sa", "SamplerSEEDS2": "seeds_2",
}  # fmt: skip
NO_SEED: tuple[int | None, bool] = (None, True)


@frozen
class SigmaSchedule:
    """A noise schedule: its steps, its spacing and the part of it that a sampler runs.

    strength: the denoising strength, 0 to 1
    stops_at: the step at which the sampler stops early, or ""
    denoise: the fraction of a longer schedule that these steps make up
    """

    steps: int | None = None
    spacing: str = ""
    strength: float = 1.0
    stops_at: str = ""
    denoise: float = 1.0

    @classmethod
    def of(cls, steps: int | None, spacing: str, denoise: float | None) -> SigmaSchedule:
        """Return a complete schedule; `denoise` is None if the node has no such input."""
        denoise = 1.0 if denoise is None else denoise
        return cls(steps, spacing, denoise, denoise=denoise)


class ScheduleWalk(PromptWalk):
    """Walks back from the inputs of a sampler and reads the nodes for schedule, sampler and noise."""

    @followed(SigmaSchedule())
    def sigmas(self, node: ForeignNode, output: Output) -> SigmaSchedule:
        """Return the schedule at an output of a node."""
        if node.kind in ("SplitSigmas", "SplitSigmasDenoise"):
            return self._split(node, output)
        if "sigmas" in node.inputs and isinstance(node.inputs["sigmas"], NodeLink):
            return self.sigmas(node.inputs["sigmas"])
        if "steps" not in node.inputs:
            return SigmaSchedule()
        spacing = SPACINGS.get(node.kind) or self.string(node, "scheduler")
        return SigmaSchedule.of(self.integer(node, "steps"), spacing, self.number(node, "denoise"))

    def _split(self, node: ForeignNode, output: Output) -> SigmaSchedule:
        """Return one part of a schedule that a node splits in two: the first for output 0, otherwise the second."""
        whole = self.sigmas(self.get(node, "sigmas"))
        steps = whole.steps or 0
        if node.kind == "SplitSigmas":
            at = min(self.integer(node, "step") or 0, steps)
        else:
            strength = self.number(node, "denoise")
            at = steps - round(steps * (1.0 if strength is None else min(max(strength, 0.0), 1.0)))
        if output == 0:
            return replace(whole, stops_at=f"step {at} of {steps}" if at < steps else "")
        return replace(whole, strength=rounded_up(whole.strength * part(steps, at)))

    @followed("")
    def sampler(self, node: ForeignNode, output: Output) -> str:
        """Return the name of the sampler that a node selects."""
        if node.kind in SAMPLERS:
            self.use(node)
            return SAMPLERS[node.kind]
        return self.string(node, "sampler_name") if "sampler_name" in node.inputs else ""

    @followed(NO_SEED)
    def noise(self, node: ForeignNode, output: Output) -> tuple[int | None, bool]:
        """Return the seed of a noise node, and whether the node adds noise."""
        if node.kind == "DisableNoise":
            self.use(node)
            return None, False
        return self.seed(node, "noise_seed", "seed"), True

    def part(self, node: ForeignNode, name: str) -> ForeignNode | None:
        """Return the node that is linked to an input, or None if the input has no link."""
        target = self.target(self.get(node, name)) if isinstance(node.inputs.get(name), NodeLink) else None
        return target[0] if target else None
