"""Follow a ComfyUI mask back to its file (LoadImage and LoadImageMask in nodes.py, comfy_extras/nodes_mask.py)."""

from __future__ import annotations

import re

from workflows.importers.parameters import ImportedMask

from .values import ValueWalk

# The folder that ComfyUI appends to the name of a loaded image.
PLACE = re.compile(r"(?:(?<!\s)\s+)?\[(?:input|output|temp)\]$")
MAX_PATH = 1000
MAX_CHANGES = 8  # how many nodes between a mask and its file are followed


def mask_of(walk: ValueWalk, link: object) -> ImportedMask | None:
    """Return the file of a mask and the operations applied to it, or None if the file is not known.

    White marks the area to generate.
    """
    changes: list[tuple[str, dict[str, int]]] = []
    for _ in range(MAX_CHANGES):
        target = walk.target(link)
        if target is None:
            return None
        node = target[0]
        match node.kind:
            case "InvertMask":
                changes.append(("mask-invert", {}))
            case "GrowMask":
                changes.append(("mask-grow", {"pixels": _whole(walk.scalar(node, "expand"))}))
                walk.use(node, "tapered_corners")
            case "ImageToMask" | "LoadImage" | "LoadImageMask":
                return _with_changes(_loaded(walk, link), changes)
            case _:
                return None
        walk.use(node)
        link = node.inputs.get("mask")
    return None


def file_of(walk: ValueWalk, link: object) -> str:
    """Return the name of the file that a node loads, or "" if there is none."""
    target = walk.target(link)
    if target is None or not target[0].kind.startswith("LoadImage"):
        return ""
    return PLACE.sub("", walk.string(target[0], "image"))[:MAX_PATH]


def _loaded(walk: ValueWalk, link: object) -> ImportedMask | None:
    target = walk.target(link)
    if target is None:
        return None
    node, output = target
    channel = walk.string(node, "channel") if node.kind != "LoadImage" else "alpha" if output == 1 else ""
    if node.kind == "ImageToMask":
        walk.use(node)
        link = node.inputs.get("image")
    name = file_of(walk, link)
    if not name:
        return None
    is_alpha = channel == "alpha"
    if node.kind == "ImageToMask" and is_alpha:  # unlike nodes that load a mask, this node does not invert it
        return ImportedMask(name).then("mask-from-alpha", opaque=True)
    return ImportedMask(name).then("mask-from-alpha") if is_alpha else ImportedMask(name)


def _with_changes(mask: ImportedMask | None, changes: list[tuple[str, dict[str, int]]]) -> ImportedMask | None:
    """Return a copy of a mask with operations added; `changes` lists them from the last to the first."""
    for command, values in reversed(changes):
        mask = mask.then(command, **values) if mask is not None else None
    return mask


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_PATH else 0
