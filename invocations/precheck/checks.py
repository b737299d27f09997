"""Refuse inputs that a node could not use, before it runs; each function checks one input, whose name it receives.

An input names one of these functions, or another function as `module:function`, in `precheck`. They raise Unknown if
a needed value is only known while the line runs. To refuse the input, they raise an error of `core` or `invocations`.
"""

from __future__ import annotations

from core.imaging.sizes import (
    check_equal,
    check_labels,
    check_mask,
    check_sheet,
    check_size,
    corner,
    fitted,
    sheet_size,
)
from invocations.errors import BadValue
from invocations.services.errors import ServiceError
from invocations.sheets import Arrangement, arrange, read_axes

from . import sizes
from .known import Known, Unknown

REFINER_START = 0.8  # the default
LATENTS_OF = {"sd2": "sd1", "sdxl-refiner": "sdxl"}  # families with the latents of another family
XL = "sdxl"  # how the names of the families begin that share the latents of Stable Diffusion XL
LATENTS = "link `latents`, which `encode` makes from an image"


def multiple(known: Known, name: str) -> None:
    """Refuse a width or height that the model cannot generate."""
    if not known.is_set(name):
        return
    pixels, step = known.value(name), known.model().multiple
    if pixels % step:
        near = " or ".join(str(side) for side in (pixels // step * step, (pixels // step + 1) * step) if side)
        raise _bad_size(f"`{name}` must be a multiple of {step}, not {pixels}", f"nearest: {near}")


def supported(known: Known, name: str) -> None:
    """Refuse an image whose size the model cannot encode."""
    (width, height), step = known.size(name), known.model().multiple
    if width % step or height % step:
        message = f"an image of {width}x{height} cannot be encoded: width and height must be multiples of {step}"
        raise _bad_size(message, "`fit` resizes an image to a size that the model supports")


def as_noise(known: Known, name: str) -> None:
    """Refuse latents whose size differs from that of the noise, and a model that edits images without latents."""
    if not known.is_set(name):
        if any(settings.needs_image for settings in known.models()):
            from .needs import refuse_without_image  # imported on demand: few models need an image

            refuse_without_image(known.models())
        return
    (width, height), noise = known.size(name), known.size("noise")
    if (width, height) != noise:
        message = f"the latents are {width}x{height} pixels, but the noise is {noise[0]}x{noise[1]}"
        raise _bad_size(message, f"make the noise {width}x{height}")


def leaves_a_step(known: Known, name: str) -> None:
    """Refuse a denoising strength that leaves no steps, or that has no image to start from."""
    strength = known.value(name)
    if strength == 1 or all(settings.needs_image for settings in known.models()):
        return
    if not known.is_set("latents"):
        raise BadValue(name, f"`{name}` below 1 needs an image to start from", LATENTS)
    steps = known.value("steps") if known.is_set("steps") else known.model().steps
    if int(steps * strength) < 1:
        count = f"{steps} steps" if steps != 1 else "1 step"
        raise BadValue(name, f"`{name}` {strength:g} is too low for {count}", f"use at least {_least(steps):g}")


def of_inpainting(known: Known, name: str) -> None:
    """Refuse a mask without an image to change, and an inpainting model without a mask."""
    if known.is_set(name):
        if not known.is_set("latents"):
            raise BadValue(name, "a mask can only be used with an image", LATENTS)
        return
    if any(settings.needs_mask for settings in known.models()):
        from .needs import refuse_without_mask  # imported on demand: few models need a mask

        refuse_without_mask(known.models())


def of_same_latents(known: Known, name: str) -> None:
    """Refuse a VAE that does not work with the latents of the model."""
    vae = known.vae(known.value(name))
    models = [settings.latents for settings in known.models() if settings.latents is not None]
    if any(latents != vae for latents in models):
        from .needs import refuse_vae  # imported on demand: few lines replace a VAE

        refuse_vae(known.value(name), vae, known.models())


def of_prompt(known: Known, name: str) -> None:
    """Refuse a prompt that was encoded with a model of another family."""
    model, encoder = known.model(), known.model(name)
    if model.family != encoder.family:
        message = f"the prompt was encoded with a model of another family ({encoder.family}, not {model.family})"
        raise BadValue(name, message, "encode it with the model that denoises")


def of_vae(known: Known, name: str) -> None:
    """Refuse latents that the VAE of the model cannot decode, because a model of another family has made them."""
    model, maker = known.model(), known.model(name)
    if LATENTS_OF.get(model.family, model.family) != LATENTS_OF.get(maker.family, maker.family):
        message = f"the latents were made with a model of another family ({maker.family}, not {model.family})"
        raise BadValue(name, message, "decode them with the model that made them")


def of_refiner(known: Known, name: str) -> None:
    """Refuse a refiner that is not of Stable Diffusion XL; whether the model can have one is one of its features."""
    refiner = known.model(name) if known.is_set(name) else None
    if refiner is not None and not refiner.family.startswith(XL):
        from core.models.kinds.families import title_of  # imported on demand: few refiners are refused

        which, title = f"`{refiner.name}`" if refiner.name else "this one", title_of(refiner.family)
        message = f"a refiner must be a model of Stable Diffusion XL, but {which} is {title or refiner.family}"
        raise BadValue(name, message, "choose the SDXL refiner, or another SDXL model")


def before_end(known: Known, name: str) -> None:
    """Refuse to start in the noise schedule where denoising stops, or later."""
    start, end = known.value(name), known.value("end")
    if start is not None and start >= end:
        raise BadValue(name, f"`{name}` must be below `end` ({end:g}), not {start:g}")


def with_refiner(known: Known, name: str) -> None:
    """Refuse a start of the refiner without a refiner, or outside the part of the noise schedule that runs."""
    at, start, end = known.value(name), known.value("start") or 0.0, known.value("end")
    if not known.is_set("refiner"):
        if at != REFINER_START:
            raise BadValue(name, f"`{name}` needs a refiner", "add `--refiner MODEL`")
    elif not start < at < end:
        raise BadValue(name, f"`{name}` must be above `start` ({start:g}) and below `end` ({end:g}), not {at:g}")
    elif (strength := known.value("strength")) <= 1 - at:
        message = f"with a denoising strength of {strength:g}, no step is left before the refiner starts at {at:g}"
        raise BadValue(name, message, f"choose a strength above {1 - at:g}, or the refiner as the model")


def in_encoder(known: Known, name: str) -> None:
    """Refuse to skip more layers than the model's text encoder has."""
    skipped = known.value(name) or 0
    layers = known.model().text_layers if skipped else None
    if layers == 1:
        raise BadValue(name, f"`{name}` must be 0: the text encoder of this model has no layer to skip")
    if layers is not None and skipped >= layers:
        raise BadValue(name, f"`{name}` must be 0 to {layers - 1} for this model, not {skipped}")


def inside(known: Known, name: str) -> None:
    """Refuse a crop that is larger than the image or reaches beyond it."""
    left, top, width, height = (known.value(each) for each in ("left", "top", "width", "height"))
    corner(known.size("image"), left, top, width, height)


def resizable(known: Known, name: str) -> None:
    """Refuse to resize to a size that is too large, or with neither a width nor a height."""
    check_size(sizes.resize(known))


def scalable(known: Known, name: str) -> None:
    """Refuse a factor of `scale` that makes an image too large."""
    check_size(sizes.scale(known))


def upscalable(known: Known, name: str) -> None:
    """Refuse a factor of `upscale` that makes an image too large."""
    check_size(sizes.upscale(known))


def paddable(known: Known, name: str) -> None:
    """Refuse a border that makes an image too large."""
    check_size(sizes.pad(known))


def blendable(known: Known, name: str) -> None:
    """Refuse to blend images of different sizes."""
    check_equal(known.size("image"), known.size(name), "images", "blended")


def comparable(known: Known, name: str) -> None:
    """Refuse to compare images of different sizes."""
    check_equal(known.size("image"), known.size(name), "images", "compared")


def combinable(known: Known, name: str) -> None:
    """Refuse to combine masks of different sizes."""
    check_equal(known.size("mask"), known.size(name), "masks", "combined")


def arrangeable(known: Known, name: str) -> None:
    """Refuse a grid that is too large even without its labels."""
    cell = fitted(known.largest(name), known.value("cell"))
    try:
        arrangement = _arrangement(known)
    except BadValue:
        raise Unknown from None  # `of_axes` refuses the axis
    rows, columns = (None, arrangement.columns) if arrangement.is_list else arrangement.shape
    listed = arrangement.count if arrangement.axes else known.count(name)
    count = listed if rows is None else rows * (columns or 1)
    if not count:
        raise Unknown  # the node refuses an empty list
    check_sheet(sheet_size(count, cell, columns, known.value("gap"))[1], count)


def of_axes(known: Known, name: str) -> None:
    """Refuse a name in `rows` or `columns` that is not an axis of the sweep."""
    arrange(read_axes(known.value("axes") or ()), **{name: known.value(name) or None})
    try:
        arrange(read_axes(known.value("axes") or ()), known.value("rows"), known.value("columns"))
    except BadValue as error:
        if error.field == name:
            raise


def labeled(known: Known, name: str) -> None:
    """Refuse labels if their number differs from the number of images."""
    check_labels(known.count(name), known.count("images"))


def _arrangement(known: Known) -> Arrangement:
    axes = known.value("axes") or ()
    unknown = sum(axis["labels"] is None for axis in axes)
    if unknown > 1:
        raise Unknown
    items = known.count("images") if unknown else None
    return arrange(read_axes(axes, items), known.value("rows"), known.value("columns"))


def of_pasted(known: Known, name: str) -> None:
    """Refuse a mask whose size differs from that of the pasted image."""
    if known.is_set(name):
        check_mask(known.size(name), known.size("other"))


def _bad_size(message: str, hint: str) -> ServiceError:
    return ServiceError(message, hint, code="bad_size")


def _least(steps: int) -> float:
    """Return the smallest denoising strength, to two digits, that leaves at least one step."""
    return next(least for each in range(1, 1001) if int(steps * (least := each / 1000)) >= 1)
