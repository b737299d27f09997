"""Write prompts and models as nodes of a ComfyUI graph."""

from __future__ import annotations

import re
from typing import Any

from .written_values import Link, ValueWriter

WEIGHT = re.compile(r"\(([^()]*)\)([\d.]+)")


class PromptWriter(ValueWriter):
    """Writes conditioning, models and text encoders."""

    def model(self, name: str) -> tuple[Link, Link]:
        """Return the links to a model and to its text encoder."""
        match self.rng.randrange(5):
            case 0:
                loader = self.add("CheckpointLoader", config_name="v1.yaml", ckpt_name=f"{name}.ckpt")
            case 1:
                self.exact = False
                unet = self.add("UNETLoader", unet_name=f"{name}.safetensors", weight_dtype="default")
                kind = self.rng.choice(["CLIPLoader", "DualCLIPLoader"])
                names = {"clip_name1": "l", "clip_name2": "g"} if kind.startswith("Dual") else {"clip_name": "l"}
                return [unet, 0], [self.add(kind, **names, type="sdxl"), 0]
            case _:
                loader = self.add("CheckpointLoaderSimple", ckpt_name=f"sd/{name}.safetensors")
        return self._lora([loader, 0], [loader, 1])

    def _lora(self, model: Link, clip: Link) -> tuple[Link, Link]:
        match self.rng.randrange(10):
            case 0:
                self.exact = False
                lora = self.add(
                    "LoraLoader", lora_name="fur", strength_model=1, strength_clip=1, model=model, clip=clip
                )
                return [lora, 0], [lora, 1]
            case 1:
                self.exact = False
                lora = self.add("LoraLoaderModelOnly", lora_name="fur", strength_model=1, model=model)
                return [lora, 0], clip
        return self.rerouted(model), clip

    def prompts(self, values: dict[str, Any], clip: Link) -> tuple[Link, Link]:
        """Return the links to the positive and the negative conditioning."""
        if values.get("clip_skip"):
            clip = [self.add("CLIPSetLastLayer", stop_at_clip_layer=-1 - int(values["clip_skip"]), clip=clip), 0]
        positive = self._conditioning(values["prompt"], clip)
        if "negative" in values:
            negative = self._conditioning(values["negative"], clip)
        elif self.rng.random() < 0.5:
            negative = [self.add("ConditioningZeroOut", conditioning=positive), 0]
        else:
            negative = self._encoded("", clip)
        match self.rng.randrange(10):
            case 0:
                self.exact = False
                control = self.add("ControlNetLoader", control_net_name="canny")
                pair = self.add("ControlNetApplyAdvanced", positive=positive, negative=negative, strength=0.5,
                                start_percent=0, end_percent=1, control_net=[control, 0])  # fmt: skip
                return [pair, 0], [pair, 1]
            case 1:
                self.exact = False
                pair = self.add("InpaintModelConditioning", positive=positive, negative=negative, noise_mask=True)
                return [pair, 0], [pair, 1]
            case 2:
                pair = self.add("Context (rgthree)", positive=positive, negative=negative)
                return [pair, 4], [pair, 5]
        return self.rerouted(positive), self.rerouted(negative)

    def _conditioning(self, text: str, clip: Link) -> Link:
        if ", " in text and self.rng.random() < 0.3:
            self.exact = False
            left, _, right = text.partition(", ")
            parts = self._encoded(left, clip), self._encoded(right, clip)
            if self.rng.random() < 0.5:
                return [self.add("ConditioningConcat", conditioning_to=parts[0], conditioning_from=parts[1]), 0]
            return [self.add("ConditioningCombine", conditioning_1=parts[0], conditioning_2=parts[1]), 0]
        encoded = self._encoded(text, clip)
        match self.rng.randrange(12):
            case 0:
                self.exact = False
                other = self._encoded("other", clip)
                return [self.add("ConditioningAverage", conditioning_to=encoded, conditioning_from=other,
                                 conditioning_to_strength=0.9), 0]  # fmt: skip
            case 1:
                self.exact = False
                return [self.add("FluxGuidance", conditioning=encoded, guidance=3.5), 0]
            case 2:
                self.exact = False
                return [self.add("ControlNetApply", conditioning=encoded, strength=0.5), 0]
        return encoded

    def _encoded(self, text: str, clip: Link) -> Link:
        """Return the link to an encoded prompt, with ComfyUI's weights."""
        theirs = self.text(self.weighted(text))
        sizes = dict.fromkeys(("width", "height", "target_width", "target_height"), 1024)
        match self.rng.randrange(10):
            case 0:
                self.exact = False
                return [self.add("CLIPTextEncodeSDXL", clip=clip, **sizes, crop_w=0, crop_h=0, text_g=theirs,
                                 text_l=theirs), 0]  # fmt: skip
            case 1:
                self.exact = False
                return [self.add("CLIPTextEncodeSDXLRefiner", clip=clip, ascore=6, width=1024, height=1024,
                                 text=theirs), 0]  # fmt: skip
            case 2:
                self.exact = False
                return [self.add("CLIPTextEncodeFlux", clip=clip, clip_l=theirs, t5xxl=theirs, guidance=3.5), 0]
            case 3:
                texts = {"clip_l": theirs, "clip_g": theirs, "t5xxl": theirs}
                return [self.add("CLIPTextEncodeSD3", clip=clip, **texts, empty_padding="none"), 0]
            case 4 if text:
                self.exact = False
                return [self.add("ImpactWildcardEncode", clip=clip, wildcard_text="{a|b}",
                                 populated_text=self.weighted(text), mode="populate"), 0]  # fmt: skip
        return [self.add("CLIPTextEncode", clip=clip, text=theirs), 0]

    def weighted(self, text: str) -> str:
        """Return a prompt with our weights converted to ComfyUI's syntax."""
        return WEIGHT.sub(r"(\1:\2)", text)
