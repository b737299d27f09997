"""Find out which inputs positional words fill, and whether the first words of a line can be paths of images."""

from __future__ import annotations

from invocations.graph.linking import members, reference_kinds
from invocations.spec import FieldSpec, FieldType, InvocationSpec

WEIGHT_SUFFIXES = (".safetensors", ".sft")  # of models in single files
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")


def list_of(field_type: FieldType) -> FieldType | None:
    """Return the list type that a type is or includes, or None."""
    return next((member for member in members(field_type) if member.base == "list"), None)


def image_input(spec: InvocationSpec) -> FieldSpec | None:
    """Return the primary input of a command if it takes images that the first words of a line can name, or None."""
    primary = spec.primary_input
    if (
        primary is None or not takes_images(primary) or "saves" in spec.roles
    ):  # a path after `save` is written, not read
        return None
    return primary


def source_of_many(spec: InvocationSpec) -> FieldSpec | None:
    """Return the input of a loader that takes several paths, whose images form a list, or None."""
    if "loads" not in spec.roles or not any(output.type.base == "list" for output in spec.outputs):
        return None
    return next((field for field in spec.inputs if field.position == 1), None)


def takes_images(field: FieldSpec) -> bool:
    """Return True if an input takes an image or a list of images, in which case its value can be a path."""
    return field.given != "linked" and not {"image", "mask"}.isdisjoint(reference_kinds(field.type))


def positional(spec: InvocationSpec) -> list[FieldSpec]:
    """Return the positional inputs, in order, except the one for images that the first words of a line can name."""
    fields = [field for field in spec.inputs if field.position is not None and field is not image_input(spec)]
    return sorted(fields, key=lambda field: field.position or 0)


def forms(spec: InvocationSpec) -> tuple[str, str]:
    """Return the two ways to begin a command that takes an image: with a path, or after a pipe."""
    primary = image_input(spec)
    path = "PATH..." if primary is not None and list_of(primary.type) else "PATH"
    rest = [name if field.required else f"[{name}]" for field in positional(spec) if (name := field.name.upper())]
    return " ".join([spec.type, path, *rest]), " ".join(["... |", spec.type, *rest])


def looks_like_image(word: str) -> bool:
    """Return True if a word has the suffix of an image file."""
    return word.lower().endswith(IMAGE_SUFFIXES)
