"""The models that lend parts to another model, as a string recorded in images: `vae of mse, text_encoder of fox`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BORROWED: Final = "borrowed"  # the name of the fact that the nodes record


def borrowed_text(lenders: Mapping[str, str]) -> str:
    """Return the string for the names of the models that lend parts, by part."""
    return ", ".join([f"{part} of {lender}" for part, lender in lenders.items()])


def borrowed_in(text: str) -> dict[str, str]:
    """Return the names of the models that lend parts, by part, from such a string; anything else is left out."""
    pairs = [each.partition(" of ") for each in text.split(", ")]
    return {part: lender for part, _, lender in pairs if part and lender}
