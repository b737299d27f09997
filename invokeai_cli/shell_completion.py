"""Shell completion of the word at the cursor: commands, options and values, from metadata alone; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from invocations.frozen import frozen
from invocations.language.tokens import SWEEP
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from workflows.manual.topics import TOPICS
from workflows.planning.inner_options import with_inner_inputs
from workflows.reserved import LATEST, SWEEP_SUMMARY, WILDCARDS
from workflows.settings.table import BY_NAME, find_setting
from workflows.values.positions import image_input, list_of, positional

from .directives.expected import Expected, expected
from .directives.table import DIRECTIVES, find_directive, takes_line
from .options import BY_OPTION, GLOBAL_OPTIONS, GlobalOption

NAMED: Final = ("model", "vae", "scheduler", "upscaler")
BARS: Final = ("\\|", "'|'", '"|"')  # ways to type `|` in a shell
FILES: Final = ("file", "image", "image or graph", "script", "document", "model", "any model")
# number of characters of another tool's name, dashes included, after which our name for it is offered
MIN_OTHER: Final = 3
# suffixes of the files to offer; if there are none, other files are offered
SUFFIXES: Final = {"script": ".inv", "document": ".json", "model": ".safetensors", "vae": ".safetensors"}
Offers = dict[str, str]  # maps each word to its help


@frozen
class Completion:
    """The words to offer, with their help.

    files: what else to offer from the file system: "file", "directory" or "" for nothing.
    suffix: suffix of the files to offer; "" for all files.
    names: which existing names to offer too: "model", "scheduler", "upscaler", "session" or "" for none.
    field: the input whose value is completed, or None
    """

    offers: Mapping[str, str]
    files: str = ""
    names: str = ""
    suffix: str = ""
    field: FieldSpec | None = None

    def as_lines(self) -> str:
        """Return a line for each word, `WORD<tab>HELP`, then `:file`, `:file:*.inv` or `:directory`."""
        lines = [f"{word}\t{text}" for word, text in self.offers.items()]
        pattern = f":*{self.suffix}" if self.suffix else ""
        return "\n".join(lines + ([f":{self.files}{pattern}"] if self.files else []))


def complete(
    words: Sequence[str],
    current: str,
    catalog: Mapping[str, InvocationSpec],
    named: Callable[[str], Iterable[str]] = lambda _: (),
) -> Completion:
    """Return what may replace `current`, the word after `words`; the shell passes these with their quotes.

    named: returns the existing models, schedulers, upscalers or sessions.
    """
    quoted = _in_quoted_line(words, current)
    if quoted is not None:
        before, part = quoted
        inside = complete(before.replace("|", " | ").split(), part, catalog, named)
        return Completion({before + word: text for word, text in inside.offers.items()})
    is_glued = current == "=" or (bool(words) and words[-1] == "=")
    words = ["|" if word in BARS else word for word in words if word != "="]  # bash splits `--name=value` at the `=`
    name, equals, value = ("", "", "") if current == "=" else current.partition("=")
    if equals and (name.startswith("--") or SWEEP in (stage := _stage(words)[0])[takes_line(stage) :][:1]):
        glued = complete([*words, name, "="], value, catalog, named)
        return Completion(
            {f"{name}={word}": text for word, text in glued.offers.items()}, glued.files, suffix=glued.suffix
        )
    current = "" if current == "=" else current
    found = _offered(words, current, catalog, is_glued=is_glued)
    offers = {**dict.fromkeys(named(found.names) if found.names else (), ""), **found.offers}
    before, item = _items(found.field, current)
    begun = {before + word: text for word, text in offers.items() if word.startswith(item)}
    return Completion(begun or _meant(current, offers), "" if before else found.files, found.names, found.suffix)


def _items(field: FieldSpec | None, current: str) -> tuple[str, str]:
    """Split a word with several values, such as `euler,dd`, before the last of its values."""
    if field is None or not any(mark in current for mark in (",", "..")):
        return "", current
    from workflows.completion.several import last_item  # imported on demand: most words are one value

    at = last_item(field, current)
    return current[:at], current[at:]


def _in_quoted_line(words: Sequence[str], current: str) -> tuple[str, str] | None:
    """Split the last word off a line that is one quoted argument whose quote is still open; None for any other word.

    Outside such a line, bash itself completes the word after `|`, because it expects a command of the system there.
    """
    if current[:1] not in ("'", '"') or current[:1] in current[1:] or any(word[:1] != "-" for word in words):
        return None
    end = max(current.rfind(" "), current.rfind("|"), 0) + 1
    return current[1:end], current[end:]


def _meant(current: str, offers: Offers) -> Offers:
    """Return the offered words for which another tool has a name that begins with the current word."""
    if len(current) < MIN_OTHER:
        return {}
    from workflows.synonyms.table import meant_by  # imported on demand: few words come from other tools

    return {word: text for word, text in offers.items() if meant_by(current, word)}


def _offered(
    words: Sequence[str], current: str, catalog: Mapping[str, InvocationSpec], *, is_glued: bool = False
) -> Completion:
    stage, first = _stage(words)
    last = words[-1] if words else ""
    option = BY_OPTION.get(last)
    if option is not None and option.value and not _own_option(stage, last, catalog):
        return _global_value(option, catalog)
    if not stage:
        commands = {spec.type: spec.summary for spec in catalog.values()} if current[:1] != "-" else {}
        directives = {word: row.summary for word, row in DIRECTIVES.items()} if first else {}
        directives |= {SWEEP: SWEEP_SUMMARY} if first else {}
        return Completion({**commands, **directives, **(_globals() if first else {})})
    command, arguments = stage[0], stage[1:]
    if first and find_directive(command):
        return _of_directive(stage, current, catalog, is_glued=is_glued)
    if command == SWEEP:
        return _of_sweep(arguments, current, catalog, is_glued=is_glued)
    spec = catalog.get(command)
    if spec is None:
        return Completion(_globals() if current.startswith("-") else {})
    if spec.is_recipe and (current.startswith("-") or "." in last):
        spec = with_inner_inputs(spec, catalog)
    field = _named(spec, last) if arguments else None
    if field is not None and (is_glued or field.type.base != "bool"):
        return _values(field)
    if last == WILDCARDS:
        return Completion({}, "directory")
    if current.startswith("-"):
        return Completion({**_options(spec), **_globals()})
    return _positional(spec, arguments, begins=first)


def _stage(words: Sequence[str]) -> tuple[list[str], bool]:
    """Return the words of the stage at the cursor, and whether it is the first stage."""
    bars = [index for index, word in enumerate(words) if word == "|"]
    inside = list(words[bars[-1] + 1 :] if bars else words)
    while inside and inside[0].startswith("-") and inside[0] != "-":
        option = BY_OPTION.get(inside.pop(0))
        if option is not None and option.value and inside:
            inside.pop(0)
    return inside, not bars


def _own_option(stage: Sequence[str], word: str, catalog: Mapping[str, InvocationSpec]) -> FieldSpec | None:
    spec = catalog.get(stage[0]) if stage else None
    return _named(spec, word) if spec is not None else None


def _named(spec: InvocationSpec, word: str) -> FieldSpec | None:
    """Return the input that an option sets, or None."""
    if not word.startswith("-"):
        return None
    name = word.lstrip("-").replace("-", "_")
    if word.startswith("--"):
        return spec.input(name)
    return next((field for field in spec.inputs if field.short == name), None)


def _options(spec: InvocationSpec) -> Offers:
    return {"--" + field.name.replace("_", "-"): field.description for field in spec.inputs if field.given != "linked"}


def _globals() -> Offers:
    return {option.names[0]: option.help for option in GLOBAL_OPTIONS}


def _global_value(option: GlobalOption, catalog: Mapping[str, InvocationSpec]) -> Completion:
    if option.completes == "directory":
        return Completion({}, "directory")
    if option.completes == "assignment":
        return Completion({f"{name}=": "" for name in _inputs(catalog)})
    return _setting_values(option.setting)


def _of_sweep(
    arguments: Sequence[str], current: str, catalog: Mapping[str, InvocationSpec], *, is_glued: bool
) -> Completion:
    from workflows.completion.several import declared_input, words_of_sweep

    if is_glued:
        field = declared_input(catalog, arguments[-1])
        return _values(field) if field is not None else Completion({})
    words = words_of_sweep(catalog, arguments, current)
    return Completion({**words, **(_globals() if current[:1] == "-" else {})}, "" if arguments else "file")


def _of_directive(
    words: Sequence[str], current: str, catalog: Mapping[str, InvocationSpec], *, is_glued: bool
) -> Completion:
    own = takes_line(words)
    if own and any(not word.startswith("-") for word in words[own:]):
        return _offered(words[own:], current, catalog, is_glued=is_glued)
    found = expected(words)
    if current.startswith("-"):
        return Completion({**_globals(), **found.options})
    return Completion(found.choices) if found.choices else _of_kind(found, catalog)


def _of_kind(found: Expected, catalog: Mapping[str, InvocationSpec]) -> Completion:
    """Return the words that an argument or an option of a directive may take."""
    kind = found.completes
    if kind in FILES:
        return Completion({}, "file", kind if "model" in kind else "", SUFFIXES.get(kind, ""))
    if kind == "session":
        return Completion({LATEST: "the latest session"}, names="session")
    if kind == "line":
        return Completion(_summaries(catalog.values()))
    if kind == "word":
        topics = {name: topic.summary for name, topic in TOPICS.items()}
        directives = {word: row.summary for word, row in DIRECTIVES.items()}
        return Completion({**_summaries(catalog.values()), **directives, **topics})
    if kind in ("input", "default"):
        return Completion(dict.fromkeys(_inputs(catalog), ""))
    if kind in ("recipe", "own recipe"):
        recipes = [spec for spec in catalog.values() if spec.is_recipe]
        return Completion(_summaries(each for each in recipes if kind == "recipe" or each.origin != "built in"))
    if kind == "assignment":
        return Completion({f"{name}=": "" for name in _inputs(catalog)})
    if kind == "input value":
        field = _field(found.values[0], catalog)
        return _values(field) if field is not None else Completion({})
    if kind == "setting":
        return Completion({name: each.description for name, each in BY_NAME.items()})
    files = kind if kind == "directory" else ""
    return _setting_values(found.values[0]) if kind == "setting value" else Completion({}, files)


def _setting_values(name: str) -> Completion:
    setting = find_setting(name)
    if setting is None:
        return Completion({})
    return Completion(dict.fromkeys(setting.values, ""), "directory" if setting.kind in ("path", "paths") else "")


def _field(name: str, catalog: Mapping[str, InvocationSpec]) -> FieldSpec | None:
    """Return the input that a name such as `steps` or `t2i.steps` stands for in `set`."""
    command, dot, wanted = name.rpartition(".")
    specs = [spec for spec in [catalog.get(command)] if spec] if dot else catalog.values()
    return next((field for spec in specs if (field := spec.input(wanted.replace("-", "_"))) is not None), None)


def _positional(spec: InvocationSpec, arguments: Sequence[str], *, begins: bool) -> Completion:
    """Return the values for the next positional argument."""
    bare = sum(1 for word in arguments if not word.startswith("-"))
    places = positional(spec)
    image = image_input(spec)
    if image is not None and (begins or image.position is not None):
        places.insert(0, image)
        if list_of(image.type):
            return _values(image)
    if any(field.free_text for field in places[: bare + 1]):
        return Completion({})
    return _values(places[bare]) if bare < len(places) else Completion({})


def _values(field: FieldSpec) -> Completion:
    words = _choices(field.type)
    if field.completes in NAMED:
        words.pop("none", None)  # the names of existing models, schedulers or upscalers are offered instead
    if field.completes == "model":
        words = {"default": "the included model", **words}
    is_file = field.reads_file or field.completes in ("target", "model", "vae") or field.type.is_reference
    files = "directory" if field.completes in ("directory", "wildcards") else "file" if is_file else ""
    named = field.completes if field.completes in NAMED else ""
    return Completion(words, files, named, SUFFIXES.get(field.completes, ""), field)


def _choices(type_: FieldType) -> Offers:
    if type_.base == "bool":
        return {"true": "", "false": ""}
    if type_.base == "none":
        return {"none": ""}
    found: Offers = dict.fromkeys(type_.choices, "")
    for arg in type_.args if type_.base in ("union", "list") else ():
        found |= _choices(arg)
    return found


def _summaries(specs: Iterable[InvocationSpec]) -> Offers:
    return {spec.type: spec.summary for spec in specs}


def _inputs(catalog: Mapping[str, InvocationSpec]) -> list[str]:
    return sorted({field.name for spec in catalog.values() for field in spec.inputs if field.given != "linked"})
