"""What the model families mean for an input: their defaults, and the models that ignore or refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from invocations.frozen import frozen

if TYPE_CHECKING:
    from core.models.limits import Limit
    from invocations.spec import FieldSpec

IGNORED: Final = "ignored"
REFUSED: Final = "refused"
_EDITING: Final = "models that edit images by instructions"


@frozen
class FamilyNote:
    """Models that ignore or refuse an input, and why.

    effect: IGNORED or REFUSED. families, variants: their names, () for all. models: which of them, in words, or "".
    """

    effect: str
    reason: str
    families: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    models: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the note as JSON data, without what holds for all models."""
        found = {"families": list(self.families), "variants": list(self.variants), "models": self.models}
        return {"effect": self.effect, "reason": self.reason, **{key: value for key, value in found.items() if value}}


def notes_on(field: FieldSpec) -> tuple[FamilyNote, ...]:
    """Return which models ignore or refuse an input."""
    if not field.feature:
        return ()
    from core.models.limits import LIMITS

    return tuple([_note(limit) for limit in LIMITS if limit.feature == field.feature])


def defaults_of(field: FieldSpec) -> dict[str, Any]:
    """Return the default of an input by family, and by family and variant, such as `sdxl` and `sdxl turbo`.

    It is empty unless the model decides the default. A model may state its own.
    """
    if not field.by_model:
        return {}
    from core.models.family import FAMILIES

    found: dict[str, Any] = {}
    for family in FAMILIES:
        usual = _usual(family, field.name)
        if usual is not None:
            found[family.name] = usual
        for variant in family.variants:
            own = _usual(variant, field.name)
            if not variant.embeds_guidance and usual is not None and own not in (None, usual):
                found[f"{family.name} {variant.name}"] = own
    return found


def _usual(models: Any, name: str) -> Any:
    """Return the default of an input for a family or a variant, or None if it does not decide it."""
    if name in ("width", "height"):
        return models.side
    if name == "scheduler" and hasattr(models, "schedulers"):
        return models.schedulers[0]
    return getattr(models, name) if name in ("steps", "guidance", "scheduler") else None


def _note(limit: Limit) -> FamilyNote:
    from core.models.limits import EDITING

    models = _EDITING if limit.needs == EDITING else f"all except {_EDITING}" if limit.lacks == EDITING else ""
    if limit.embeds_guidance:
        models = "models that take the guidance scale as an input"
    return FamilyNote(REFUSED if limit.refuses else IGNORED, limit.reason, limit.families, limit.variants, models)
