"""Find the names of widget values, which ComfyUI's workflow form stores by position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.importers.untrusted import mapping, sequence, string

from .widgets import WIDGETS

CONTROL = "control_after_generate"
SEEDS = ("seed", "noise_seed")
CONTROLLED = (*SEEDS, "value")  # may be followed by a "control after generate" value, which is not an input
CONTROLS = ("fixed", "increment", "decrement", "randomize", "increment-wrap")


def named_values(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a node's widgets by name; a value without a known name is called `widget 1`, `widget 2`."""
    values = node.get("widgets_values")
    if isinstance(values, dict):
        return {name: value for name, value in values.items() if name != "videopreview"}
    return dict(_aligned(_names(node), sequence(values)))


def widget_slots(node: Mapping[str, Any]) -> list[str]:
    """Return the names of the inputs that have a widget, in order."""
    slots = map(mapping, sequence(node.get("inputs")))
    return [string(slot.get("name")) for slot in slots if mapping(slot.get("widget"))]


def _names(node: Mapping[str, Any]) -> list[str]:
    """Return the names of a node's widgets.

    Newer editors list all widgets of a node; older editors list only those that were converted to inputs, so the names
    of known nodes come from `WIDGETS`.
    """
    known, listed = WIDGETS.get(string(node.get("type"))), widget_slots(node)
    return listed if known is None or len(listed) >= len(known) else list(known)


def _aligned(names: list[str], values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Pair the names with the values; a "control after generate" value after a seed has no name of its own."""
    at = 0
    for position, name in enumerate(names):
        if at >= len(values):
            return
        yield name, values[at]
        at += 1
        spare = len(values) - at > len(names) - position - 1
        if spare and name in CONTROLLED and _is_control(values[at]):
            yield CONTROL, values[at]
            at += 1
    yield from ((f"widget {number + 1}", value) for number, value in enumerate(values) if number >= at)


def _is_control(value: object) -> bool:
    return value is None or isinstance(value, bool) or value in CONTROLS
