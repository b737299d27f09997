"""Cache keys: hashes of everything that a node's result depends on, the same in every process and on every machine.

A key covers the type and version, every input including defaults, references and files by their content, models by
their fingerprint, a plug-in's source, and the parts of the environment that affect the result.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import cache
from typing import Any, NamedTuple, Protocol

from invocations.frozen import frozen
from invocations.prompt_syntax import PROMPT, PROMPT_SYNTAX, matters
from invocations.spec import FieldSpec, InvocationSpec, OutputSpec
from invocations.values import ModelRef, Ref, to_json

BUILT_IN = "built in"
VAE = "vae"  # what an input with the name of a VAE completes


@frozen
class CacheKey:
    """The hash of a node's inputs (`key`), and everything it was computed from.

    files: for each input that names a file, the file's hash and absolute path. environment: the name and value of
    everything else that the hash covers, such as library versions.
    """

    key: str
    type: str
    version: str
    inputs: Mapping[str, Any]
    files: Mapping[str, tuple[str, str]]
    size: int  # length of the inputs as JSON
    environment: Mapping[str, str] = field(default_factory=dict)


KnownKeys = Mapping[
    str, tuple[Mapping[str, Any], CacheKey]
]  # for each node id: its inputs and the key computed from them


class Digests(Protocol):
    """Stores hashes of files, which are expensive to compute, keyed by a string that identifies the state of a file."""

    def digest(self, what: str) -> str | None: ...
    def keep_digest(self, what: str, digest: str) -> None: ...


class _Prepared(NamedTuple):
    """The part of the computation that is the same for all cache keys of one node type."""

    spec: InvocationSpec
    defaults: Mapping[str, Any]
    files: tuple[str, ...]
    models: tuple[str, ...]
    vaes: tuple[str, ...]
    model_refs: tuple[str, ...]
    seeds: tuple[str, ...]
    prompts: tuple[str, ...]
    syntax: str  # the input that names the syntax of prompts, or ""
    added: tuple[str, ...]  # inputs that earlier versions of the node did not have
    earlier: Mapping[str, Any]  # the earlier default of each input whose default is now that of the model
    open: tuple[str, ...]  # inputs of type "any", where a node may read any field of a reference
    environment: Mapping[str, str]
    start: Any  # a hasher that has already been fed type, version and environment


class Signer:
    """Computes cache keys for one environment.

    environment: whatever affects the results of all nodes. computing: returns whatever affects only nodes with
    references (images, tensors, models); it is called when the first such node needs a key. find_model: returns the
    model with this name or path (or, with a second argument `vae`, the VAE), or None; then a node has no key.
    computing_of: returns what the results of a model depend on besides `computing`. default_of: returns the value that
    a model states for an input, or None. base: the folder of relative names of files (default: the current folder).
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        computing: Callable[[], Mapping[str, str]] = dict,
        find_model: Callable[..., ModelRef | None] = lambda *name: None,
        computing_of: Callable[[ModelRef], Mapping[str, str]] = lambda model: {},
        default_of: Callable[[ModelRef, str], Any] = lambda model, name: None,
        base: str | os.PathLike[str] = "",
    ) -> None:
        self._environment = dict(environment or {})
        self._computing = cache(computing)  # the device stays the same while the program runs
        self._find_model = find_model
        self._computing_of, self._default_of = computing_of, default_of
        self._base = base
        self.digests: Digests | None = None  # where hashes of files are cached
        self.content_of = self._content_of  # what a word stands for: its hash and name; here that of a file
        self._types, self._files = dict[Any, _Prepared](), dict[str, str]()  # prepared by type, version, and models

    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        """Return the key of a node with these inputs, or None if its result depends on more than its inputs."""
        if not spec.reusable:
            return None
        known = self._prepared(spec)
        whole = {**known.defaults, **inputs}
        if None in [whole.get(name) for name in known.seeds]:
            return None
        files: dict[str, tuple[str, str]] = {}
        named: dict[str, Any] = {}
        models: list[Ref] = []
        for name in known.files:
            value = whole.get(name)
            if isinstance(value, (str, os.PathLike)):
                found = self.content_of(os.fspath(value))
                if found is None:
                    return None
                files[name] = found
                named[name] = found[0]
            elif isinstance(value, (list, tuple)) and any(isinstance(item, str) for item in value):
                return None
        for name in known.models:
            if isinstance(whole.get(name), str):
                model = self._find_model(whole[name])
                if model is None:
                    return None
                named[name] = [model.name, model.model, model.path]
                models.append(model)
        for name in known.vaes:
            if isinstance(whole.get(name), str):
                vae = self._find_model(whole[name], VAE)
                if vae is None:
                    return None
                named[name] = [vae.name, vae.model, vae.path]
        for name in known.open:
            if refs_in(whole.get(name)):
                named[name] = to_json(whole[name])
        if known.syntax and not any(matters(whole.get(name), whole[known.syntax]) for name in known.prompts):
            del whole[known.syntax]  # without the syntax, the key is the same as in version 0.1.0
        for name, value in known.earlier.items():
            if whole[name] is None:
                whole[name] = self._own_default(whole, known, name, value)
        for name in known.added:
            if name in whole and whole[name] == known.defaults[name]:
                del whole[name]  # so that the key is the same as before the input was added
        for name in known.model_refs:
            models += refs_in(whole.get(name))
        if models and (own := self._own_computing(models)):
            known = self._prepared(spec, own)
        hasher = known.start.copy()
        text = canonical({**whole, **named} if named else whole)
        hasher.update(text.encode("utf-8", "surrogatepass"))
        return CacheKey(hasher.hexdigest(), spec.type, spec.version, whole, files, len(text), known.environment)

    def _prepared(self, spec: InvocationSpec, own: tuple[tuple[str, str], ...] = ()) -> _Prepared:
        place = spec.type, spec.version, own
        known = self._types.get(place)
        if known is None or known.spec is not spec:
            known = self._types[place] = self._prepare(spec, dict(own))
        return known

    def _own_default(self, inputs: Mapping[str, Any], known: _Prepared, name: str, earlier: Any) -> Any:
        """Return the value that the model of a node states for an input, or else the earlier default."""
        models = [ref for each in known.model_refs for ref in refs_in(inputs.get(each)) if isinstance(ref, ModelRef)]
        found = [self._default_of(model, name) for model in models]
        return next((value for value in found if value is not None), earlier)

    def _own_computing(self, refs: Iterable[Ref]) -> tuple[tuple[str, str], ...]:
        """Return what the results of the models among these references depend on besides `computing`, by name."""
        found = dict[str, str]()
        for ref in refs:
            for name, value in self._computing_of(ref).items() if isinstance(ref, ModelRef) else ():
                found[name] = " and ".join(sorted({value, found.get(name, value)}))
        return tuple(sorted(found.items()))

    def _prepare(self, spec: InvocationSpec, own: Mapping[str, str]) -> _Prepared:
        named: dict[str, list[str]] = {}  # inputs by what a string in them means
        for each in spec.inputs:
            named.setdefault(each.completes, []).append(each.name)
        kinds = _kinds_of(spec.inputs)
        environment = dict(self._environment)
        if "ref" in set().union(*kinds.values(), *_kinds_of(spec.outputs).values()):
            environment |= self._computing()
            environment |= own
        if spec.origin != BUILT_IN:
            environment["source"] = self._source_of(spec)
        start = hashlib.sha256(canonical(environment).encode())
        start.update(canonical([spec.type, spec.version]).encode())
        return _Prepared(
            spec,
            {each.name: each.default for each in spec.inputs if not each.required},
            (*named.get("file", ()), *named.get("text_file", ())),
            tuple(named.get("model", ())),
            tuple(named.get(VAE, ())),
            tuple([name for name, words in kinds.items() if "any" in words or ModelRef.kind in words]),
            tuple([each.name for each in spec.inputs if each.seed]),
            tuple(named.get(PROMPT, ())),
            "".join(named.get(PROMPT_SYNTAX, ())),
            tuple([each.name for each in spec.inputs if each.added]),
            {each.name: each.earlier_default for each in spec.inputs if each.earlier_default is not None},
            tuple([name for name, words in kinds.items() if "any" in words]),
            environment,
            start,
        )

    def _source_of(self, spec: InvocationSpec) -> str:
        """Return the hash of a plug-in's source file, so that the author of the plug-in need not maintain a version."""
        found = self._content_of(spec.origin) if os.path.isabs(spec.origin) else None
        return found[0] if found else spec.origin

    def _content_of(self, path: str) -> tuple[str, str] | None:
        """Return the hash and absolute path of a file, or None if `path` is something else (a pattern, `-`, a URL)."""
        try:
            is_file = path not in ("", "-") and "://" not in path
            path = os.path.abspath(os.path.join(self._base, os.path.expanduser(path))) if is_file else ""
            found = os.stat(path)
            if not stat.S_ISREG(found.st_mode):
                return None
            return self._hashed(path, found), path
        except (OSError, ValueError):
            return None

    def _hashed(self, path: str, found: os.stat_result) -> str:
        name = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")  # escapes invalid UTF-8
        what = f"file {name} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
        known = self._files.get(what) or (self.digests.digest(what) if self.digests else None)
        if known is None:
            with open(path, "rb") as file:
                known = hashlib.file_digest(file, "sha256").hexdigest()
            if self.digests:
                self.digests.keep_digest(what, known)
        self._files[what] = known
        return known


def differences(key: CacheKey, earlier: CacheKey) -> list[str]:
    """Describe how a key differs from an earlier key for the same node type."""
    if key.version != earlier.version:
        return [f"the version was {earlier.version}, now {key.version}"]
    changes = []
    for name in {**key.inputs, **earlier.inputs}:
        value = key.inputs.get(name)
        if name in key.files and name in earlier.files:
            if key.files[name][0] != earlier.files[name][0]:
                changes.append(f"the file in `{name}` has changed")
        elif canonical(value) != canonical(earlier.inputs.get(name)):
            changes.append(f"`{name}` was {_short(earlier.inputs.get(name))}, now {_short(value)}")
    for name in sorted({*key.environment, *earlier.environment}):
        was, now = earlier.environment.get(name, "none"), key.environment.get(name, "none")
        if was != now:
            changes.append("the source code has changed" if name == "source" else f"{name} was {was}, now {now}")
    return changes or ["the model has changed"]


def refs_in(value: Any) -> list[Ref]:
    """Return the references in a value, including those in lists and mappings."""
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Ref):
            found.append(each)
        elif isinstance(each, (list, tuple)):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
    return found


def _kinds_of(fields: Iterable[FieldSpec | OutputSpec]) -> dict[str, set[str]]:
    """Return the bases and kinds of the types of inputs or outputs, with those of items and members, by name."""
    found: dict[str, set[str]] = {}
    for field_ in fields:
        types, words = [field_.type], found.setdefault(field_.name, set())
        for each in types:  # the list grows while it is read
            types += each.args
            words |= {each.base, each.kind}
    return found


def _short(value: Any) -> str:
    """Return a value as a short string; a reference is shown as the first characters of its name."""
    if isinstance(value, Ref):
        return f"{value.kind} {value.name[:8]}"
    text = canonical(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _content(value: Any) -> Any:
    """Return JSON data that stands for a value for which JSON has no type."""
    if isinstance(value, Ref):
        return {"kind": value.kind, "name": value.name}
    if isinstance(value, Mapping):
        return dict(value)
    return [type(value).__name__, str(value)]


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_content).encode
