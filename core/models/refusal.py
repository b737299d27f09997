"""Whether an identified model can run; if not, the error that says what it is, why, and what to do with it.

To make a family, a container or a variant usable, change the tables that `can_run` reads.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import (
    NO_MODEL,
    ModelBroken,
    ModelError,
    ModelMissing,
    ModelUnreadable,
    ModelUnsupported,
    PickleRefused,
)
from core.model_paths import FULL_PATHS

from .evidence import MODEL_SUFFIXES, UNTRUSTED
from .family import FAMILIES
from .folder_files import convert_command
from .hub_cache import PREFIX
from .kinds.families import title_of
from .kinds.folders import RUNTIMES
from .kinds.identity import NO_CLASS, UNKNOWN, Identity
from .kinds.titles import describe, name_of_part
from .recognized import Recognized
from .unreadable import closed_above

RUNNING: Final = {container: tuple([family.name for family in FAMILIES]) for container in ("folder", "safetensors")}
"""The families that run, by container: folders in diffusers layout, and single files."""

VARIANTS_NOT_YET: Final = ("depth", "unclip")
"""Variants that cannot run yet, although their family runs."""

LENT_ENCODERS: Final = ("clip", "clip-l", "clip-h", "clip-g")
"""The text encoders that models in single files without one can use."""

PLURALS: Final = {
    "lora": "LoRAs", "embedding": "embeddings", "vae": "VAEs of other families",
    "text-encoder": "text encoders of other families", "image-encoder": "image encoders",
    "controlnet": "ControlNets", "t2i-adapter": "T2I-Adapters",
    "ip-adapter": "IP-Adapters", "style-model": "style models", "motion-module": "motion modules",
    "hypernetwork": "hypernetworks", "upscaler": "upscalers other than `lanczos`",
    "restorer": "models that restore images",
}  # fmt: skip
"""The kinds that cannot be used yet, in words."""

HUB_NAME: Final = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
ADDRESSES: Final = ("http://", "https://", "hf:", "civitai:", "urn:air:")
YOURS: Final = "`models --kind model` lists the models that generate images"
VAES: Final = "`models --kind vae` lists the VAEs; `--vae` also takes a model, which lends its VAE"
NO_PICKLES: Final = "get its safetensors version; weights in pickles are never loaded"


def can_run(identity: Identity, container: str) -> str | None:
    """Return why a whole model that generates images cannot run, as a predicate, or None if it can.

    Missing parts are another matter: see `Identity.missing`.
    """
    if identity.kind != "model":
        return "is not a model that generates images"
    runs = identity.family in RUNNING.get(container, ()) and identity.variant not in VARIANTS_NOT_YET
    return None if runs and not identity.quant else "cannot run yet"


def is_part(found: Recognized) -> bool:
    """Return True if models that run can use this one: as their VAE, or as a text encoder that they lack."""
    identity = found.identity
    if identity.kind == "vae":
        suits = not {*identity.fits, identity.family}.isdisjoint(RUNNING["folder"])
    else:
        suits = identity.kind == "text-encoder" and identity.family in LENT_ENCODERS
    return suits and found.container in RUNNING and not identity.quant and not identity.variant


def refusal(found: Recognized, *, as_vae: bool = False, name: str = "") -> ModelError:
    """Return the error for a model that cannot be used to generate images: what it is, and what to do with it.

    as_vae: whether it was chosen as a VAE. name: its unique name, if it has one
    """
    path, identity = found.path, found.identity
    if found.code == "model_unsupported":
        return ModelUnsupported(path, found.problem)
    if found.code == "pickle_refused" and found.problem.startswith("it "):
        return PickleRefused(path, reason=found.problem, hint=UNTRUSTED)
    if found.code == "pickle_refused":
        return PickleRefused(path, what=_what(found), hint=NO_PICKLES)
    if found.code == "model_unreadable":
        return ModelUnreadable(path, found.problem)
    if found.problem:
        return ModelBroken(path, found.problem)
    if found.container == "pickle":
        return PickleRefused(path, what=_what(found), hint=_pickle_hint(path, identity))
    if as_vae and identity.kind not in (UNKNOWN, "vae"):
        return ModelUnsupported(path, f"it is {_what(found)}, not a VAE", VAES)
    return ModelUnsupported(path, _clause(found), advice(found, name))


def missing(
    wanted: str,
    searched: Sequence[Path],
    known: Sequence[str],
    *,
    hint: str = "",
    is_typo: bool = False,
    base: Path = Path(),
) -> ModelError:
    """Return the error for an unknown name or path; for hub names and web addresses, it says how to get the model.

    The error for a path in a folder that cannot be read says so. base: where relative paths start.

    hint: what to do instead, if that is known. is_typo: whether the name resembles a known one or a path, and is
    therefore not taken for a name on the hub
    """
    if wanted.lower().startswith(ADDRESSES):
        return ModelMissing(
            wanted, searched, known, "models are not downloaded: get the file yourself, then give its path"
        )
    closed = closed_above(Path(base, os.path.expanduser(wanted))) if "/" in wanted else None
    if closed is not None:
        return closed
    if is_path(wanted):
        folder = os.path.dirname(os.path.expanduser(wanted))
        is_gone = os.path.isabs(folder) and not os.path.isdir(folder)
        lists = f"the folder {folder} does not exist" if is_gone else "`models` lists the models"
        return ModelMissing(wanted, searched, (), hint or lists, kind="file or folder")
    if hint or is_typo or not HUB_NAME.fullmatch(wanted):
        return ModelMissing(wanted, searched, known, hint)
    cached = Path(_hub_cache(), PREFIX + wanted.replace("/", "--"))
    if os.path.isdir(cached):
        return ModelMissing(wanted, searched, known, f"it is in the Hugging Face cache, {_adding(cached.parent)}")
    command = f"`hf download {wanted}` (from huggingface_hub)"
    hint = f"to get it from the Hugging Face hub, run {command}, then give the path of the downloaded folder"
    return ModelMissing(wanted, searched, known, hint)


def is_path(wanted: str) -> bool:
    """Return True if a string is written like a path; other strings with `/` may be names on the hub."""
    return wanted.startswith(FULL_PATHS) or ("/" in wanted and wanted.lower().endswith(MODEL_SUFFIXES))


def advice(found: Recognized, name: str = "") -> str:
    """Return what to do with a model that cannot be used to generate images. name: its unique name, if it has one."""
    identity, container = found.identity, found.container
    if container in RUNTIMES:
        return "download a version of the model with safetensors weights"
    if identity.kind == UNKNOWN and not identity.dtype:
        is_plain = container == "folder" and not why_unknown(identity).endswith(NO_CLASS)
        return f"if this folder contains models, add it: models scan {_quoted(found.path)} --add" if is_plain else YOURS
    if identity.kind == UNKNOWN:
        return f"if you know what it is, say so: models info {_quoted(found.path)} --kind KIND --family FAMILY"
    if identity.kind == "vae" and is_part(found):
        return f"use it with a model of its family: --model MODEL --vae {shlex.quote(name or str(found.path))}"
    if is_part(found):
        return f"single-file models that lack a text encoder use it; {YOURS}"
    if identity.kind != "model":
        plural = PLURALS.get(identity.kind)
        return f"{plural} cannot be used yet; {YOURS}" if plural else YOURS
    if can_run(identity, container) is None:
        is_file = container == "safetensors"
        return complete_model(identity.family) if is_file else f"get a folder that also has {lacking(identity)}"
    return f"{_families_that_run()} can run; `models` lists your models and their states"


def lacks(names: Sequence[str]) -> str:
    """Return a clause for a single file without some parts, by their names, that no model can lend."""
    return f"it lacks {_listed(names)}, and none of your models can lend {'it' if len(names) == 1 else 'them'}"


def complete_model(family: str) -> str:
    """Return how to get a model that lends the parts that a single file of a family lacks."""
    return f"add a folder with a complete {title_of(family)} model: models scan DIR --add"


def _families_that_run() -> str:
    """Return the families that run, in words: `models of SD 1, SD 2 and SDXL, and the SDXL refiner,`."""
    titles = [
        title_of(family).replace("Stable Diffusion", "SD").replace("SD XL", "SDXL") for family in RUNNING["folder"]
    ]
    models = [title for title in titles if not title.endswith(" refiner")]
    refiners = [f"the {title}" for title in titles if title.endswith(" refiner")]
    return f"models of {_listed(models)}" + (f", and {_listed(refiners)}," if refiners else "")


def _listed(words: Sequence[str], joined: str = "and") -> str:
    *first, last = words
    return f"{', '.join(first)} {joined} {last}" if first else last


def why_unknown(identity: Identity) -> str:
    """Return why it is not known what a model is."""
    return identity.why[-1] if identity.why else "no rule knows it"


def lacking(identity: Identity, joined: str = "and") -> str:
    """Return the parts that a model lacks, in words; there is at least one."""
    return _listed([name_of_part(part) for part in identity.missing], joined)


def _clause(found: Recognized) -> str:
    """Return a clause that says what a model is and why it cannot be used."""
    identity, what = found.identity, _what(found)
    if found.container in RUNTIMES:
        return f"it is {what}; only that runtime can load it"
    if identity.kind == UNKNOWN:
        return f"it is {what}: {why_unknown(identity)}" if identity.dtype else _no_model(identity)
    if identity.kind != "model":
        return f"it is {what}, not a model that generates images"
    if not identity.family:
        return "its family is unknown, so it cannot run"
    if can_run(identity, found.container):
        return f"it is {what}, which cannot run yet"
    is_file = found.container == "safetensors" and identity.missing
    return lacks([name_of_part(part) for part in identity.missing]) if is_file else f"it is {what}"


def _no_model(identity: Identity) -> str:
    """Return a clause for a folder or file without a model; a class that its settings name is the reason itself."""
    why = why_unknown(identity)
    return why if why.endswith(NO_CLASS) else NO_MODEL + why


def _what(found: Recognized) -> str:
    """Return a noun phrase for a model, which names its container if that is why it cannot be used."""
    identity, what = found.identity, describe(found.identity)
    if found.container == "gguf" and not identity.quant:
        return f"{what} in GGUF"
    if identity.kind == "model" and found.container == "folder" and identity.missing:
        return f"{what} without {lacking(identity, joined='or')}"
    if identity.kind == "model" and found.container == "safetensors":
        without = f" without {lacking(identity, joined='or')}" if identity.missing else ""
        return f"{what} in a single file{without}"
    return what


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _adding(folder: Path) -> str:
    return f"which can be added: models scan {_quoted(folder)} --add"


def _hub_cache() -> str:
    """Return the folder of huggingface_hub's cache, as its environment variables place it."""
    home = os.environ.get("HF_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "huggingface")
    return os.environ.get("HF_HUB_CACHE") or os.path.join(home, "hub")


def _pickle_hint(path: Path, identity: Identity) -> str:
    if identity.kind == "model" and can_run(identity, "safetensors") is None:
        return f"{NO_PICKLES}; if you trust this one, convert it: {convert_command(path)}"
    plural = PLURALS.get(identity.kind)
    return f"{plural} cannot be used yet, and weights in pickles are never loaded; {YOURS}" if plural else NO_PICKLES
