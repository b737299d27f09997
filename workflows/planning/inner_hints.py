"""The hint for an option that a recipe lacks but one of its stages has: `--image-guidance` on `t2i`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from invocations.language.did_you_mean import MAX_SUGGESTIONS, one_of
from invocations.language.errors import LanguageError
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.spec import InvocationSpec

from .inner_options import inner_inputs


def with_inner_options(
    errors: Iterable[LanguageError], line: Source, catalog: Mapping[str, InvocationSpec]
) -> tuple[LanguageError, ...]:
    """Return the errors of a line; for an unknown option that stages of the recipe have, the hint names it in full."""
    return tuple([_with_option(each, line, catalog) if each.code == "unknown_option" else each for each in errors])


def _with_option(error: LanguageError, line: Source, catalog: Mapping[str, InvocationSpec]) -> LanguageError:
    words = [stage.command.text for stage in read(line)[0].stages if stage.span.start <= error.span.start]
    spec = catalog.get(words[-1]) if words else None
    typed = line.slice(error.span).lstrip("-").replace("-", "_")
    inner = inner_inputs(spec, catalog) if spec is not None and spec.is_recipe else ()
    found = [field.name.replace("_", "-") for field in inner if field.name.rpartition(".")[2] == typed]
    return replace(error, hint=f"did you mean {one_of(found[:MAX_SUGGESTIONS], prefix='--')}?") if found else error
