"""Write a line as a ComfyUI graph in the API form, with node types chosen at random from those that can be read."""

from __future__ import annotations

from random import Random
from typing import Any

from .random_lines import Values, stages_of
from .written_prompts import PromptWriter
from .written_values import Link

SAMPLERS = {  # our scheduler -> ComfyUI's sampler and schedule
    "euler": ("euler", "normal"), "euler_a": ("euler_ancestral", "normal"), "dpmpp_2m_k": ("dpmpp_2m", "karras"),
    "dpmpp_2m_sde_k": ("dpmpp_2m_sde", "karras"), "dpmpp_3m_sde": ("dpmpp_3m_sde", "normal"),
    "dpmpp_sde_k": ("dpmpp_sde", "karras"), "heun": ("heun", "simple"), "lms_k": ("lms", "karras"),
    "ddim": ("ddim", "ddim_uniform"), "unipc": ("uni_pc", "normal"),
}  # fmt: skip
SAMPLER_NODES = {
    "euler_ancestral": "SamplerEulerAncestral", "dpmpp_2m_sde": "SamplerDPMPP_2M_SDE",
    "dpmpp_3m_sde": "SamplerDPMPP_3M_SDE", "dpmpp_sde": "SamplerDPMPP_SDE", "lms": "SamplerLMS",
}  # fmt: skip
METHODS = {"nearest": "nearest-exact", "bilinear": "bilinear", "box": "area", "bicubic": "bicubic"}
FLIPS = {"vertical": "x-axis: vertically", "horizontal": "y-axis: horizontally"}


def written(line: str, rng: Random) -> tuple[dict[str, Any], bool]:
    """Return a graph for a line, and whether the line expresses everything in the graph."""
    writer = GraphWriter(rng)
    for command, values in stages_of(line):
        writer.write(command, values)
    end = rng.choice(["SaveImage", "SaveImage", "PreviewImage"])
    prefix = {"filename_prefix": "x"} if end == "SaveImage" else {}
    writer.add(end, images=writer.image(), **prefix)
    return writer.nodes, writer.exact


class GraphWriter(PromptWriter):
    """Writes the stages of a line to a graph; the current image is held as pixels or as latents."""

    pixels: Link | None = None
    latents: Link | None = None
    seed_before = ""

    def write(self, command: str, values: Values) -> None:
        """Write the nodes of one stage."""
        if command in ("t2i", "i2i"):
            self._generate(values)
        elif command in ("upscale", "resize") and self.pixels is None and self.rng.random() < 0.4:
            self._change_latents(command, values)
        else:
            self.pixels, self.latents = [self._changed(command, values), 0], None

    def image(self) -> Link:
        """Return the link to the current image."""
        if self.pixels is None:
            self.pixels = [self.add("VAEDecode", samples=self.latents), 0]
        return self.rerouted(self.pixels)

    def _generate(self, values: Values) -> None:
        self.latents = self._sampled(values, self._start(values))
        self.pixels, self.seed_before = None, values["seed"]
        if values.get("tiled"):
            tiles = {"tile_size": 512, "overlap": 64, "temporal_size": 64, "temporal_overlap": 8}
            self.pixels = [self.add("VAEDecodeTiled", samples=self.latents, **tiles), 0]

    def _start(self, values: Values) -> Link | None:
        """Return the link to the latents that a stage starts from; None if a loader node supplies empty latents."""
        if "strength" not in values:
            return self._empty(int(values["width"]), int(values["height"]))
        if self.pixels is None and self.rng.random() < 0.7:
            return self.latents
        match self.rng.randrange(6):
            case 0:
                tiles = {"tile_size": 256, "overlap": 32, "temporal_size": 64, "temporal_overlap": 8}
                return [self.add("VAEEncodeTiled", pixels=self.image(), **tiles), 0]
            case 1:
                self.exact = False
                mask = self.add("LoadImageMask", image="mask.png", channel="red")
                return [self.add("VAEEncodeForInpaint", pixels=self.image(), mask=[mask, 0], grow_mask_by=6), 0]
            case 2:
                self.exact = False
                encoded = self.add("VAEEncode", pixels=self.image())
                mask = self.add("LoadImageMask", image="mask.png", channel="red")
                return [self.add("SetLatentNoiseMask", samples=[encoded, 0], mask=[mask, 0]), 0]
        return [self.add("VAEEncode", pixels=self.image()), 0]

    def _empty(self, width: int, height: int) -> Link:
        kind = self.rng.choice(["EmptyLatentImage", "EmptyLatentImage", "EmptySD3LatentImage"])
        match self.rng.randrange(8):
            case 0:
                self.exact = False
                empty = self.add(kind, width=width, height=height, batch_size=1)
                return [self.add("RepeatLatentBatch", samples=[empty, 0], amount=4), 0]
            case 1:
                small = self.add(kind, width=64, height=64, batch_size=1)
                return [self.add("LatentUpscale", samples=[small, 0], upscale_method="bilinear", width=width,
                                 height=height, crop="disabled"), 0]  # fmt: skip
        return [self.add(kind, width=self.number(width), height=self.number(height), batch_size=1), 0]

    def _sampled(self, values: Values, latents: Link | None) -> Link:
        name, spacing = SAMPLERS[values["scheduler"]]
        steps, guidance = int(values["steps"]), float(values["guidance"])
        model, clip = self.model(values["model"])
        positive, negative = self.prompts(values, clip)
        common = {"model": model, "positive": positive, "negative": negative, "latent_image": latents}
        match self.rng.randrange(6):
            case 0 | 1:
                return self._custom(values, common, steps, guidance, name, spacing)
            case 2 if float(values.get("strength", 1)) in (self._part(values), 1.0):
                return self._advanced(values, common, name, spacing)
            case 3:
                return self._efficient(values, common, name, spacing)
        if float(values.get("strength", 1)) < 1:
            self.exact = False  # ComfyUI would run more steps than the line does
        config = {"steps": self.number(steps), "cfg": self.number(guidance), "sampler_name": name, "scheduler": spacing}
        if self.rng.random() < 0.2:
            node = self.add("KSampler Config (rgthree)", steps_total=steps, refiner_step=3, cfg=guidance,
                            sampler_name=name, scheduler=spacing)  # fmt: skip
            config = {"steps": [node, 0], "cfg": [node, 2], "sampler_name": [node, 3], "scheduler": [node, 4]}
        denoise = float(values.get("strength", 1))
        return [self.add("KSampler", seed=self.seed(int(values["seed"])), **config, denoise=denoise, **common), 0]

    def _part(self, values: Values) -> float:
        return float(values.get("strength", 1))

    def _begin(self, values: Values) -> int:
        """Return the step at which a sampler starts, given the denoising strength of the stage."""
        steps = int(values["steps"])
        return steps - int(steps * float(values.get("strength", 1)))

    def _advanced(self, values: Values, common: Values, name: str, spacing: str) -> Link:
        again = "strength" in values and values["seed"] == self.seed_before and self.rng.random() < 0.7
        self.exact = self.exact and not again
        return [self.add("KSamplerAdvanced", add_noise="disable" if again else "enable",
                         noise_seed=0 if again else int(values["seed"]), steps=int(values["steps"]),
                         cfg=float(values["guidance"]), sampler_name=name, scheduler=spacing,
                         start_at_step=self._begin(values), end_at_step=10000, return_with_leftover_noise="disable",
                         **common), 0]  # fmt: skip

    def _efficient(self, values: Values, common: Values, name: str, spacing: str) -> Link:
        if "strength" in values:
            self.exact = False
        else:
            loader = self.add("Efficient Loader", ckpt_name=f"{values['model']}.safetensors", vae_name="Baked VAE",
                              clip_skip=-1 - int(values.get("clip_skip", 0)), lora_name="None", lora_model_strength=1,
                              lora_clip_strength=1, positive=self.weighted(values["prompt"]),
                              negative=self.weighted(values.get("negative", "")), token_normalization="none",
                              weight_interpretation="comfy", empty_latent_width=int(values["width"]),
                              empty_latent_height=int(values["height"]), batch_size=1)  # fmt: skip
            common = {
                "model": [loader, 0],
                "positive": [loader, 1],
                "negative": [loader, 2],
                "latent_image": [loader, 3],
            }
        return [self.add("KSampler (Efficient)", seed=int(values["seed"]), steps=int(values["steps"]),
                         cfg=float(values["guidance"]), sampler_name=name, scheduler=spacing,
                         denoise=float(values.get("strength", 1)), preview_method="auto", vae_decode="true",
                         **common), 0]  # fmt: skip

    def _custom(self, values: Values, common: Values, steps: int, guidance: float, name: str, spacing: str) -> Link:
        """Write a sampler that reads its settings from separate nodes."""
        sampler = self._sampler_node(name)
        sigmas = self._sigmas(values, common["model"], steps, spacing)
        seed, latents = int(values["seed"]), common["latent_image"]
        if self.rng.random() < 0.4:
            inputs = {key: common[key] for key in ("model", "positive", "negative")}
            return [self.add("SamplerCustom", add_noise=True, noise_seed=seed, cfg=guidance, **inputs, sampler=sampler,
                             sigmas=sigmas, latent_image=latents), 0]  # fmt: skip
        noise = self.add("RandomNoise", noise_seed=self.seed(seed))
        if "strength" in values and values["seed"] == self.seed_before and self.rng.random() < 0.7:
            self.exact, noise = False, self.add("DisableNoise")
        guider = self._guider(common, guidance, "negative" in values)
        return [self.add("SamplerCustomAdvanced", noise=[noise, 0], guider=guider, sampler=sampler, sigmas=sigmas,
                         latent_image=latents), 0]  # fmt: skip

    def _guider(self, common: Values, guidance: float, negative: bool) -> Link:
        if guidance == 1 and not negative:
            return [self.add("BasicGuider", model=common["model"], conditioning=common["positive"]), 0]
        if self.rng.random() < 0.2:
            self.exact = False
            return [self.add("DualCFGGuider", model=common["model"], cond1=common["positive"], cond2=common["negative"],
                             negative=common["negative"], cfg_conds=guidance, cfg_cond2_negative=1,
                             style="regular"), 0]  # fmt: skip
        inputs = {key: common[key] for key in ("model", "positive", "negative")}
        return [self.add("CFGGuider", cfg=self.number(guidance), **inputs), 0]

    def _sampler_node(self, name: str) -> Link:
        kind = SAMPLER_NODES.get(name, "")
        if not kind or self.rng.random() < 0.3:
            return [self.add("KSamplerSelect", sampler_name=name), 0]
        settings: Values = {"order": 4} if name == "lms" else {"eta": 1, "s_noise": 1}
        if "dpmpp" in name:
            settings |= {"noise_device": "gpu"} | ({"solver_type": "midpoint"} if "2m" in name else {})
            settings |= {"r": 0.5} if name == "dpmpp_sde" else {}
        return [self.add(kind, **settings), 0]

    def _sigmas(self, values: Values, model: Link, steps: int, spacing: str) -> Link:
        strength = float(values.get("strength", 1))
        split = strength < 1 and self.rng.random() < 0.6
        if not split and strength < 1:
            self.exact = False
        sigmas: Link = [self.add("BasicScheduler", model=model, scheduler=spacing, steps=steps,
                                 denoise=1 if split else strength), 0]  # fmt: skip
        if (split or strength == 1) and self.rng.random() < 0.6:
            extremes = {"sigma_max": 14.614642, "sigma_min": 0.0291675}
            if spacing == "karras":
                sigmas = [self.add("KarrasScheduler", steps=steps, **extremes, rho=7), 0]
            else:
                self.exact = False
                kind, settings = self.rng.choice([
                    ("ExponentialScheduler", extremes), ("PolyexponentialScheduler", {**extremes, "rho": 1}),
                    ("BetaSamplingScheduler", {"alpha": 0.6, "beta": 0.6}),
                ])  # fmt: skip
                sigmas = [self.add(kind, steps=steps, **settings), 0]
        if not split:
            return sigmas
        if self.rng.random() < 0.5:
            return [self.add("SplitSigmas", sigmas=sigmas, step=self._begin(values)), 1]
        taken = (steps - self._begin(values)) / steps
        return [self.add("SplitSigmasDenoise", sigmas=sigmas, denoise=taken), 1]

    def _change_latents(self, command: str, values: Values) -> None:
        self.exact = False
        if command == "upscale":
            node = self.add("LatentUpscaleBy", samples=self.latents, upscale_method="bislerp",
                            scale_by=float(values["scale"]))  # fmt: skip
        elif set(values) == {"width", "height"}:
            node = self.add("LatentUpscale", samples=self.latents, upscale_method="bislerp",
                            width=int(values["width"]), height=int(values["height"]), crop="disabled")  # fmt: skip
        else:
            node = self._changed(command, values)
            self.pixels, self.latents = [node, 0], None
            return
        self.latents = [node, 0]

    def _changed(self, command: str, values: Values) -> str:
        """Write the node that changes the current image, and return its id."""
        method = METHODS.get(values.get("method", ""), "lanczos")
        if command == "load":
            self.exact = False
            return self.add("LoadImage", image=values["source"], upload="image")
        image = self.image()
        match command:
            case "upscale":
                self.exact = False
                loader = self.add("UpscaleModelLoader", model_name=f"{values['scale']}x-sharp.pth")
                return self.add("ImageUpscaleWithModel", upscale_model=[loader, 0], image=image)
            case "resize":
                crop = "center" if values.get("fit") == "cover" else "disabled"
                size = {side: self.number(int(values[side])) for side in ("width", "height")}
                return self.add("ImageScale", image=image, upscale_method=method, **size, crop=crop)
            case "scale":
                factor = self.number(float(values["factor"]))
                return self.add("ImageScaleBy", image=image, upscale_method=method, scale_by=factor)
            case "blur":
                radius = self.rng.choice([1, 2, 3])
                return self.add("ImageBlur", image=image, blur_radius=radius, sigma=float(values["radius"]) / radius)
            case "crop":
                corner = {"x": int(values["left"]), "y": int(values["top"])}
                size = {side: int(values[side]) for side in ("width", "height")}
                return self.add("ImageCrop", image=image, **size, **corner)
            case "flip":
                return self.add("ImageFlip", image=image, flip_method=FLIPS[values.get("direction", "horizontal")])
            case "rotate":
                return self.add("ImageRotate", image=image, rotation=f"{360 - int(values['degrees'])} degrees")
        return self.add("ImageInvert", image=image)
