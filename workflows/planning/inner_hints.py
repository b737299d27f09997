"""The hint for an option that a recipe lacks but one of its stages has: `--image-guidance` on `t2i`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from invocations.language.did_you_mean import MAX_SUGGESTIONS, one_of
from invocations.language.errors import LanguageError
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tree import Stage
from invocations.spec import InvocationSpec

from .inner_options import inner_inputs


def with_inner_options(
    errors: Iterable[LanguageError], line: Source, catalog: Mapping[str, InvocationSpec]
) -> tuple[LanguageError, ...]:
    """Return the errors of a line; for an unknown option that stages of the recipe have, the hint names it in full."""
    stages, inner = read(line)[0].stages, _InnerNames(catalog)
    return tuple(
        [_with_option(each, line, stages, inner) if each.code == "unknown_option" else each for each in errors]
    )


class _InnerNames(dict[str, tuple[str, ...]]):
    """The inputs that the stages of recipes have, by recipe; found when they are first looked up."""

    def __init__(self, catalog: Mapping[str, InvocationSpec]) -> None:
        super().__init__()
        self._catalog = catalog

    def __missing__(self, command: str) -> tuple[str, ...]:
        spec = self._catalog.get(command)
        inner = inner_inputs(spec, self._catalog) if spec is not None and spec.is_recipe else ()
        found = self[command] = tuple([field.name for field in inner])
        return found


def _with_option(error: LanguageError, line: Source, stages: Sequence[Stage], inner: _InnerNames) -> LanguageError:
    after = bisect_right(stages, error.span.start, key=lambda stage: stage.span.start)
    typed = line.slice(error.span).lstrip("-").replace("-", "_")
    names = inner[stages[after - 1].command.text] if after else ()
    found = [name.replace("_", "-") for name in names if name.rpartition(".")[2] == typed]
    return replace(error, hint=f"did you mean {one_of(found[:MAX_SUGGESTIONS], prefix='--')}?") if found else error
