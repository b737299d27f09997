"""Which inputs have no effect with models of a family, a variant or a kind of UNet, or are refused, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .card import ModelCard

EDITING: Final = "image"  # what the UNet of a model needs that edits images by instructions
NO_NEGATIVE: Final = "models that take the guidance scale as an input have no negative prompt"


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # never compared; this saves time at the start
class Limit:
    """A feature that some models ignore or refuse, and why; a condition that is left empty holds for all models.

    feature: the name that inputs of nodes declare, such as `guidance` or `negative`. families, variants: their names.
    needs, lacks: what the UNets of the models take besides latents, or do not take. embeds_guidance: whether the UNets
    take the guidance scale as an input. refuses: True if a line with this input is refused, False if it has no effect.
    """

    feature: str
    reason: str
    families: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    needs: str = ""
    lacks: str = ""
    embeds_guidance: bool = False
    refuses: bool = False

    def holds_for(self, card: ModelCard) -> bool:
        """Whether a model ignores or refuses this feature."""
        return (
            (not self.families or card.family in self.families)
            and (not self.variants or card.variant in self.variants)
            and (not self.needs or self.needs in card.needs)
            and (not self.lacks or self.lacks not in card.needs)
            and (not self.embeds_guidance or card.guidance_width > 0)
        )


LIMITS: Final = (
    Limit("negative", NO_NEGATIVE, embeds_guidance=True),
    Limit("guidance_rescale", "only guidance with a negative prompt can be rescaled", embeds_guidance=True),
    Limit("strength", "models that edit images by instructions start from noise", needs=EDITING),
    Limit("image_guidance", "only instruction-based editing models use it", lacks=EDITING),
    Limit("guidance_rescale", "models that edit images by instructions do not use it", needs=EDITING),
    Limit("refiner", "only Stable Diffusion XL models can use one", families=("sd1", "sd2"), refuses=True),
    Limit("refiner", "its noise schedule cannot be divided", variants=("playground-2.5", "edm"), refuses=True),
    Limit("guidance", "guidance is distilled in flux", families=("flux1",), variants=("schnell",)),
    Limit("negative", "guidance is distilled in flux", families=("flux1",)),
)
"""Sources: the pipelines of diffusers (LatentConsistencyModel, StableDiffusionInstructPix2Pix, Flux)."""


def limits_of(card: ModelCard, *, refused: bool = False) -> dict[str, str]:
    """Return the features that a model ignores or, with `refused`, refuses, each with the reason."""
    return {limit.feature: limit.reason for limit in LIMITS if limit.refuses == refused and limit.holds_for(card)}
