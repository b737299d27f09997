"""The state of a model in the list: whether it can be used, and if not, why not."""

from __future__ import annotations

from core.models.kinds.identity import UNKNOWN
from core.models.recognized import Recognized
from core.models.refusal import can_run, is_part, lacking, why_unknown

from .base import NEEDS, NOT_YET, READY, UNUSABLE

NO_RUN = NOT_YET, "cannot run yet"


def state_of(found: Recognized) -> tuple[str, str]:
    """Return READY, NEEDS, NOT_YET or UNUSABLE, and a short reason if a model is not ready."""
    identity = found.identity
    if found.code == "model_unsupported" and identity.kind == "model":
        return NO_RUN
    if found.problem:
        return UNUSABLE, found.problem
    if found.container == "pickle":
        return UNUSABLE, "it is a pickle, which can run code when it is loaded"
    if identity.kind in (UNKNOWN, "other"):
        return UNUSABLE, why_unknown(identity)
    if identity.kind != "model":
        return (READY, "") if is_part(found) else (NOT_YET, "not usable yet")
    if can_run(identity, found.container) is not None:
        return NO_RUN
    return (NEEDS, f"needs {lacking(identity)}") if identity.missing else (READY, "")
