"""The table of synonyms: words that other tools use, with the words to type here.

It serves suggestions only: did-you-mean hints, `nodes WORD`, `help WORD` and completion.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Final, Literal

from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean, one_of

Kind = Literal["commands", "inputs", "topics"]


@frozen
class Synonym:
    """Words from other tools with the same meaning, in lowercase; a short option keeps its dash and its case.

    commands: the commands or directives to type
    inputs: the inputs to set
    topics: what `help` explains: a topic, a directive, a command or an input
    note: what to do if there is no equivalent
    """

    names: tuple[str, ...]
    commands: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    note: str = ""


SEVERAL: Final = "for several images, write for example --seed 4x"
HIRES: Final = "write separate stages: t2i a fox | upscale 2 | i2i a fox --strength 0.5"
FACES: Final = "there is no face restoration; `inpaint` redraws a part of an image"
NAMED: Final = "end the line with `| save FILE`"
LIMITS: Final = "a script can be limited: run FILE --max-time 2h --max-images 500"
SCAN: Final = "models are not downloaded or copied; to use those in a folder: models scan DIR --add"
PROGRAM: Final = "options of the program come before the command, as in `invokeai --device cpu t2i a fox`"
AT_ONCE: Final = "to denoise several images at once: `invokeai --batch 4 ...` or `config set batch 4`"
WORKERS: Final = "to run nodes in several processes: `invokeai --jobs 2 ...` or `config set jobs 2`"
SETTINGS: Final = (
    "ram-limit", "vram-limit", "idle-unload", "max-megapixels", "png-compression", "models-dirs",
    "nodes-dirs", "wildcards-dirs", "cache-gigabytes", "disk-limit", "max-items", "keep-going", "preview", "theme",
    "accessible", "warm-up", "engine",
)  # fmt: skip
OTHER_PROGRAMS: Final = (
    "sdxl", "sd15", "sd1.5", "a1111", "automatic1111", "comfyui", "invokeai", "forge", "models-folders",
    "models-folder", "model-folders", "own-models", "your-models", "safetensors",
)  # fmt: skip
PROCESSES: Final = (
    "jobs", "job", "workers", "worker", "num-workers", "processes", "parallel", "gpus", "multi-gpu", "multigpu",
)  # fmt: skip
LORA, EMBEDDING = "LoRAs cannot be used yet", "embeddings cannot be used yet"

_COMMANDS: Final = (
    Synonym(("txt2img", "text2img", "text2image", "text-to-image", "generate", "dream", "imagine", "draw"), ("t2i",)),
    Synonym(("img2img", "image2image", "image-to-image", "variation", "variations", "remix"), ("i2i",)),
    Synonym(("inpainting", "infill", "fill"), ("inpaint",)),
    Synonym(("outpainting", "outcrop", "uncrop"), ("outpaint",)),
    Synonym(("hires-fix", "hires", "highres", "highres-fix"), ("upscale", "i2i"), note=HIRES),
    Synonym(("super-resolution", "enlarge", "esrgan", "realesrgan", "ultimate-sd-upscale"), ("upscale",)),
    Synonym(
        ("face", "faces", "face-restoration", "restore-faces", "gfpgan", "codeformer", "facetool", "adetailer"),
        ("inpaint",),
        note=FACES,
    ),
    Synonym(("contact-sheet", "montage", "collage", "xy-plot", "x/y/z-plot"), ("grid",), topics=("sweeps", "grid")),
    Synonym(("for", "foreach", "for-each", "each", "loop"), ("iterate",), topics=("loops", "iterate")),
    Synonym(("prompt-matrix", "parameter-sweep", "grid-search"), topics=("sweeps",)),
    Synonym(("dynamic-prompts", "dynamicprompts"), ("dynamic",), topics=("wildcards", "dynamic")),
    Synonym(("gaussian", "gaussian-blur"), ("blur",)),
    Synonym(("img2txt", "png-info", "pnginfo"), ("line",), topics=("images",)),
    Synonym(("checkpoints", "ckpts"), ("models",)),
    Synonym(("settings", "preferences", "options"), ("config",), topics=("config",)),
    Synonym(("quit", "bye", "leave"), ("exit",), topics=("exit",)),
    Synonym(("rerun", "reproduce", "recreate"), ("replay",)),
    Synonym(("daemon", "warm-engine"), ("engine",), topics=("engine", "performance")),
    Synonym(("server", "web-server", "http-api", "api", "remote", "webui"), ("serve",), topics=("performance",)),
)
_INPUTS: Final = (
    Synonym(
        ("cfg", "cfg-scale", "cfgscale", "guidance-scale", "classifier-free-guidance", "-C"),
        inputs=("guidance",),
        topics=("guidance",),
    ),
    Synonym(
        ("sampler", "sampler-name", "sampler-index", "sampling-method", "-A"),
        inputs=("scheduler",),
        topics=("schedulers",),
    ),
    Synonym(
        ("negative-prompt", "neg", "neg-prompt", "uncond", "uc", "undesired-content"),
        inputs=("negative",),
        topics=("prompts", "negative"),
    ),
    Synonym(("size", "resolution", "dimensions", "res", "aspect-ratio", "ar"), inputs=("width", "height")),
    Synonym(("-W",), inputs=("width",)),
    Synonym(("-H",), inputs=("height",)),
    Synonym(("num-inference-steps", "inference-steps", "sampling-steps", "ddim-steps", "num-steps"), inputs=("steps",)),
    Synonym(
        ("denoising-strength", "denoise-strength", "img2img-strength", "init-strength", "image-strength", "-f"),
        inputs=("strength",),
        topics=("strength",),
    ),
    Synonym(("sd-vae", "vae-name", "vae-path"), inputs=("vae",)),
    Synonym(("ckpt", "checkpoint", "ckpt-name", "model-name", "sd-model", "base-model"), inputs=("model",)),
    Synonym(("init-image", "init-img", "init", "input-image", "image-path", "-I"), inputs=("image",)),
    Synonym(("mask-image", "init-mask", "-M"), inputs=("mask",)),
    Synonym(("random-seed", "noise-seed", "-S"), inputs=("seed",), topics=("seed",)),
    Synonym(("clipskip", "clip-stop-at-last-layers"), inputs=("clip_skip",), topics=("clip_skip",)),
    Synonym(("scale-factor", "upscale-by", "upscale-factor", "-U"), inputs=("scale",)),
    Synonym(("colour", "background", "background-color", "fill-color"), inputs=("color",)),
    Synonym(("tiled-vae", "vae-tiling", "tile"), inputs=("tiled",)),
)
_TOPICS: Final = (
    Synonym(("syntax", "grammar", "quotes", "quoting"), topics=("language",)),
    Synonym(("prompt-weights", "weights", "weighting", "emphasis", "attention"), topics=("prompts",)),
    Synonym(("samplers",), topics=("schedulers",)),
    Synonym(OTHER_PROGRAMS, topics=("default-model",)),
    Synonym(("past",), topics=("history",)),
    Synonym(("reuse", "caching"), topics=("cache",)),
    Synonym(("pictures",), topics=("images",)),
    Synonym(("shortcuts", "keyboard", "hotkeys"), topics=("keys",)),
    Synonym(("errors", "error", "resume", "crash", "crashes", "quarantine", "quarantined"), topics=("failures",)),
    Synonym(("speed", "slow", "faster", "speed-up"), topics=("performance",)),
    Synonym(("exit-status", "exit-code", "status"), topics=("exit-codes",)),
    Synonym(("variables", "env", "environment-variables"), topics=("environment",)),
    Synonym((*SETTINGS, "memory", "ram", "vram", "precision"), topics=("environment",)),
    Synonym(("json", "stdout", "stderr"), topics=("output",)),
    Synonym(("pipe", "piping", "stdin"), topics=("pipes",)),
    Synonym(("script", "batch-file"), topics=("scripts",)),
    Synonym(("alias", "aliases", "macro", "macros", "preset", "presets"), ("recipe",), topics=("recipes",)),
)
_MISSING: Final = (
    Synonym(("lora", "loras", "lycoris", "locon"), note=LORA),
    Synonym(("embedding", "embeddings", "textual-inversion"), note=EMBEDDING),
    Synonym(("hypernetwork", "hypernetworks"), note="hypernetworks cannot be used yet"),
    Synonym(("controlnet", "control", "t2i-adapter", "ip-adapter"), note="ControlNet and adapters are not supported"),
    Synonym(("install", "download", "pull", "fetch"), topics=("models",), note=SCAN),
    Synonym(("scan",), topics=("models",), note="to list the models in a folder: models scan DIR"),
    Synonym(("info",), topics=("models",), note="to describe a model: models info NAME"),
    Synonym(("seamless", "tiling"), note="seamless tiling is not supported"),
    Synonym(("max-time", "max-images", "timeout", "time-limit"), note=LIMITS),
    Synonym(
        ("batch-count", "n-iter", "n-samples", "num-images", "iterations", "count", "-b"),
        topics=("iterate",),
        note=SEVERAL,
    ),
    Synonym(("batch", "batch-size", "batches", "batching"), topics=("performance",), note=f"{SEVERAL}; {AT_ONCE}"),
    Synonym(PROCESSES, topics=("performance",), note=WORKERS),
    Synonym(("device", "dtype"), topics=("environment",), note=PROGRAM),
    Synonym(("no-engine",), topics=("performance",), note=PROGRAM),
    Synonym(("outdir", "output-dir"), topics=("environment",), note=NAMED),
    Synonym(("output-file", "outfile", "filename", "-o"), note=NAMED),
)
SYNONYMS: Final = {name: synonym for synonym in (*_COMMANDS, *_INPUTS, *_TOPICS, *_MISSING) for name in synonym.names}


def find_synonym(word: str) -> Synonym | None:
    """Return the group of synonyms for a word; except in short options, case, spaces and underscores do not matter."""
    if word[:1] == "-":
        return SYNONYMS.get(word)
    return SYNONYMS.get("-".join(word.lower().replace("_", " ").split()))


def meant(word: str, kind: Kind, known: Collection[str]) -> list[str]:
    """Return the known words of one kind that a word from another tool stands for."""
    found = find_synonym(word)
    return [each for each in getattr(found, kind) if each in known] if found is not None else []


def suggestion(
    word: str, kind: Kind, known: Collection[str], otherwise: str | None = None, *, prefix: str = ""
) -> str | None:
    """Return a hint for an unknown word: what to type instead of a word from another tool, or the closest known words.

    otherwise: the hint if there is neither
    """
    if note := note_on(word):
        return note
    near = meant(word, kind, known)
    return (
        f"did you mean {one_of(near, prefix=prefix)}?" if near else did_you_mean(word, known, otherwise, prefix=prefix)
    )


def note_on(word: str) -> str:
    """Return what to do instead of using another tool's word that has no equivalent; "" for other words."""
    found = find_synonym(word)
    return found.note if found is not None else ""


def names_of(word: str, kind: Kind) -> tuple[str, ...]:
    """Return what other tools call one of our words, without short options."""
    return _names(kind).get(word, ())


def meant_by(typed: str, word: str) -> bool:
    """Return True if another tool calls a command, an option or a topic by a name that begins with the typed text."""
    if word.startswith("--"):
        return any(f"--{name}".startswith(typed.lower()) for name in names_of(word[2:].replace("-", "_"), "inputs"))
    return any(name.startswith(typed.lower()) for name in names_of(word, "commands") + names_of(word, "topics"))


@cache
def _names(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the names that other tools use for each of our words."""
    found: dict[str, tuple[str, ...]] = {}
    for synonym in dict.fromkeys(SYNONYMS.values()):
        for word in getattr(synonym, kind):
            found[word] = found.get(word, ()) + tuple(name for name in synonym.names if name[:1] != "-")
    return found
