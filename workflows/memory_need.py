"""How much memory the models of a line need, before anything is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from invocations.errors import InvocationError
from invocations.frozen import frozen
from invocations.shown_numbers import readable_size

from .estimate import NOTHING, kinds_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invocations.services.models.base import MemoryFit

    from .line_items import LineItems
    from .workspace import Workspace

PARTS: Final = {"unet": "unet", "text_encoder": "text encoder", "text_encoder_2": "second text encoder", "vae": "VAE"}


@frozen
class MemoryNeed:
    """The memory that a model of a line needs.

    parts: the size of the weights of each part in bytes, as stored. size: the size of the images, in pixels. fit:
    whether the model fits into memory; None if that is not known. borrowed: the models that lend parts, by part
    """

    model: str
    parts: Mapping[str, int]
    size: tuple[int, int]
    fit: MemoryFit | None
    borrowed: Mapping[str, str]

    def __str__(self) -> str:
        names = [*PARTS, *sorted(self.parts.keys() - PARTS.keys())]
        parts = ", ".join(
            [f"{self._named(name)} {readable_size(self.parts[name])}" for name in names if name in self.parts]
        )
        return f"{parts}; {self.fit}" if self.fit is not None else parts

    def _named(self, part: str) -> str:
        lender = self.borrowed.get(part)
        return PARTS.get(part, part) + (f" of `{lender}`" if lender else "")

    def to_json(self) -> dict[str, Any]:
        """Return the need as JSON data."""
        data: dict[str, Any] = {"model": self.model, "parts": dict(self.parts), "size": self.size}
        data |= {"borrowed": dict(self.borrowed)} if self.borrowed else {}
        if self.fit is not None:
            fit = self.fit
            data |= {"needs": fit.needs, "measured_runs": fit.runs, "free": fit.free, "fits": fit.word or None}
        return data


def memory_of(workspace: Workspace, items: LineItems) -> list[MemoryNeed]:
    """Return what each model of a line needs, for the largest of its images."""
    sizes: dict[str, tuple[int, int]] = {}
    for _, model, size in kinds_of(workspace, items):
        if model:
            sizes[model] = max(sizes.get(model, NOTHING), size, key=lambda each: each[0] * each[1])
    return [need for model, size in sizes.items() if (need := _need(workspace, model, size)) is not None]


def _need(workspace: Workspace, model: str, size: tuple[int, int]) -> MemoryNeed | None:
    settings = workspace.check_value.settings(model)
    if settings is None:
        return None
    try:
        fit = workspace.models.fits(model, size if any(size) else None)
    except InvocationError:
        return None
    return MemoryNeed(model, settings.part_bytes, size, fit, settings.borrowed)


def memory_text(needs: list[MemoryNeed]) -> list[str]:
    """Return one line for each model, which names the model if there are several."""
    return [f"memory{f' of `{need.model}`' if len(needs) > 1 else ''}: {need}" for need in needs]
