"""The `parameters` text of AUTOMATIC1111 and compatible tools: prompt, negative prompt, settings."""

from __future__ import annotations

import math
from collections.abc import Mapping

from invocations.foreign import MAX_TEXT_BYTES
from invocations.prompt_syntax import INVOKE, matters
from workflows.synonyms.samplers import scheduler_of

from .civitai import take_resources
from .infotext import Infotext, split
from .masks import UNKNOWN
from .older_prompts import NOTE, as_words
from .parameters import GenerationParameters, Hires, Imported, imported, short
from .prompt_weights import rewrite, verbatim
from .untrusted import integer, number, size

TOOL = "AUTOMATIC1111"
OURS = "invokeai-cli"  # a tool that writes the same format, but with a different syntax for prompt weights
STRUCTURED = ("{", "[{")  # how JSON written by another tool begins
IGNORED = frozenset(
    {
        "version", "app", "pipeline", "operations", "backend", "model hash", "hashes",
        "vae hash", "refiner hash", "user", "created date", "civitai metadata", "schedule type", "hires schedule type",
        "hires size", "refine", "raw prompt", "raw negative prompt",
    }
)  # fmt: skip
SYNONYMS = {
    "guidance scale": "cfg scale", "hires scale": "hires upscale", "hires strength": "hires denoising strength",
    "cfgscale": "cfg scale", "sampler name": "sampler", "steps count": "steps",
}  # fmt: skip
NEUTRAL = frozenset({("vae", "default (model)"), ("vae", "automatic"), ("vae", "none")})
UNNAMED = frozenset({"", "default", "none", "undefined"})  # values that stand for a default rather than a sampler
MASKED = ("mask", "inpaint")  # settings whose names begin with these occur only after inpainting
FIRST_PASS_AREA, FIRST_PASS_MULTIPLE = 512 * 512, 64  # the size of the first pass in old versions, if none is recorded


def read(parameters: str) -> Imported | None:
    """Return the settings in a `parameters` text, or None if nothing is usable."""
    found = _parts(parameters)
    if not found.settings and (not found.prompt or found.prompt.startswith(STRUCTURED)):
        return None
    return read_infotext(found)


def read_settings(text: str) -> Imported | None:
    """Return the settings in a text file that may have nothing to do with images; None if it contains no settings."""
    found = _parts(text)
    return read_infotext(found) if found.settings else None


def _parts(text: str) -> Infotext:
    return split(text[:MAX_TEXT_BYTES].replace("\r\n", "\n").replace("\r", "\n"))


def read_infotext(found: Infotext, tool: str = "") -> Imported:
    """Return the settings in a `parameters` text that has been divided into its parts."""
    params = GenerationParameters()
    settings = _Settings(found.settings, params)
    own = settings.peek("version").startswith(OURS)
    syntax = "invoke" if own else "plain" if settings.peek("parser").casefold() == "fixed" else "a1111"
    syntax = "compel" if settings.peek("parser").casefold() == "compel" else syntax
    syntax = "0.1.0" if own and not settings.peek("prompt syntax") else syntax
    params.prompt, params.negative = (_prompt(each, syntax, params) for each in (found.prompt, found.negative))
    _take(settings, params, own=own, given=f"{found.prompt} {found.negative}".casefold())
    return imported(tool or _tool(settings), params)


class _Settings:
    """The settings in a `parameters` text, by lowercase name; settings that are never read are reported at the end."""

    def __init__(self, settings: Mapping[str, str], params: GenerationParameters) -> None:
        self._all = {SYNONYMS.get(name.casefold(), name.casefold()): (name, value) for name, value in settings.items()}
        self._left = dict(self._all)
        self._params = params

    def peek(self, name: str) -> str:
        return self._all.get(name, ("", ""))[1]

    def take(self, name: str) -> str:
        """Return the value of a setting, and mark the setting as used."""
        return self._left.pop(name, ("", ""))[1]

    def word(self, name: str) -> tuple[str, str]:
        """Return a setting's name as written, and its value up to the first comma; the rest is reported."""
        written, value = self._left.pop(name, ("", ""))
        value, comma, rest = value.partition(",")
        if comma:
            self._params.note(f"`{short(rest)}` after `{written}` is not supported")
        return written, value.strip()

    def integer(self, name: str) -> int | None:
        return self._params.read(*self.word(name), integer)

    def number(self, name: str) -> float | None:
        return self._params.read(*self.word(name), number)

    def size(self, name: str) -> tuple[int | None, int | None]:
        found = self._params.read(*self.word(name), lambda value: size(value) if None not in size(value) else None)
        return found or (None, None)

    def spacing(self) -> str:
        """Return the schedule type, which Fooocus calls its scheduler."""
        return self.peek("schedule type") or self.take("scheduler")

    def any_begins(self, beginnings: tuple[str, ...]) -> bool:
        return any(name.startswith(beginnings) for name in self._all)

    def report(self) -> None:
        """Report the settings that have not been used."""
        for name, (written, value) in self._left.items():
            if name not in IGNORED and value and (name, value.casefold()) not in NEUTRAL:
                self._params.note(f"`{written}: {short(value)}` is not supported")


def _prompt(prompt: str, syntax: str, params: GenerationParameters) -> str:
    """Return a prompt with weights in our syntax; `syntax` names the syntax of the original."""
    prompt = params.read_prompt(prompt)
    if syntax == "0.1.0" and matters(prompt, INVOKE):
        params.note(NOTE)
        return as_words(prompt)
    if syntax in ("invoke", "compel", "0.1.0"):
        return prompt
    rewritten, notes = (verbatim(prompt), []) if syntax == "plain" else rewrite(prompt, brackets=True)
    for note in notes:
        params.note(note)
    return rewritten


def _take(settings: _Settings, params: GenerationParameters, *, own: bool, given: str) -> None:
    """Read the settings that are supported, and report all others; `given` contains the prompts as written."""
    params.steps = settings.integer("steps")
    params.seed = params.read_seed(*settings.word("seed"))
    params.guidance = settings.number("cfg scale")
    params.width, params.height = settings.size("size")
    skipped = settings.integer("clip skip")
    params.clip_skip = skipped if own or skipped is None else max(skipped - 1, 0) or None
    syntax = settings.take("prompt syntax") if own else ""
    params.prompt_syntax = syntax if syntax != INVOKE and syntax else None
    refiner = settings.take("refiner")  # the hash of the model follows its name: `xl_refiner [7440042bbd]`
    params.refiner = (refiner.rpartition(" [")[0] if refiner.endswith("]") else refiner) or None
    params.refiner_start = settings.number("refiner switch at")
    model_hash = settings.peek("model hash")
    params.model = settings.take("model") or None
    take_resources(settings.take("civitai resources"), params)
    params.model = params.model or (f"hash {model_hash}" if model_hash else None)
    params.scheduler = _sampler(settings.word("sampler")[1], settings.spacing(), params)
    strength = settings.number("denoising strength")
    first = settings.size("first pass size") if settings.peek("first pass size") else None
    if first is not None:
        _take_first_pass(first, strength, params)
    elif settings.any_begins(("hires",)):
        params.hires = _hires(settings, strength, params)
    else:
        params.strength = strength
    if "<lora:" in given or settings.peek("lora weights"):  # the LoRAs are reported with the prompt
        settings.take("lora hashes")
    if settings.any_begins(MASKED):
        params.note(UNKNOWN)
    settings.report()


def _sampler(name: str, spacing: str, params: GenerationParameters) -> str | None:
    if name.casefold() in UNNAMED:
        return None
    scheduler, note = scheduler_of(name[:60], spacing[:60])
    if note:
        params.note(note)
    return scheduler


def _take_first_pass(
    first: tuple[int | None, int | None], strength: float | None, params: GenerationParameters
) -> None:
    """Read the two passes that old versions record, whose `Size` is the size of the second pass."""
    width, height = params.width, params.height
    if width and height and not all(first):
        first = _usual_first_pass(width, height)
        shown = " x ".join(map(str, first))
        params.note(f"the size of the first pass is not recorded: {shown} is used, as in AUTOMATIC1111")
    params.hires = Hires(width=width, height=height, strength=strength)
    params.width, params.height = first


def _usual_first_pass(width: int, height: int) -> tuple[int, int]:
    """Return the size of the first pass: about 512 x 512 pixels at the same aspect ratio, in multiples of 64."""
    scale = math.sqrt(FIRST_PASS_AREA / (width * height))
    first, second = (math.ceil(scale * side / FIRST_PASS_MULTIPLE) * FIRST_PASS_MULTIPLE for side in (width, height))
    return first, second


def _hires(settings: _Settings, strength: float | None, params: GenerationParameters) -> Hires:
    hires = Hires(scale=settings.number("hires upscale"), steps=settings.integer("hires steps") or None)
    own_strength = settings.number("hires denoising strength")
    hires.strength = strength if own_strength is None else own_strength
    hires.guidance = settings.number("hires cfg scale")
    hires.width, hires.height = settings.size("hires resize")
    if hires.width is None:
        hires.width, hires.height = settings.size("hires fixed")
    hires.scheduler = _sampler(settings.word("hires sampler")[1], settings.peek("hires schedule type"), params)
    upscaler = settings.take("hires upscaler")
    if upscaler:
        params.note(f"`Hires upscaler: {short(upscaler)}` is not available: `upscale` uses its own method")
    return hires


def _tool(settings: _Settings) -> str:
    """Return the name of the tool that wrote a text."""
    version = settings.peek("version").casefold()
    if version.startswith(OURS):
        return OURS
    if settings.peek("app") == "SD.Next" or (settings.peek("pipeline") and settings.peek("operations")):
        return "SD.Next"
    if version.startswith("fooocus"):
        return "Fooocus"
    return "Civitai" if settings.peek("civitai resources") else TOOL
