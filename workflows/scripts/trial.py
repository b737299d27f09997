"""A cheap trial of a script: values such as `--steps 4 --width 64` for each stage that has the input.

The images of a trial are saved in a folder of their own, so that they are never mistaken for images from the real run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from invocations.catalog.roles import OVERWRITE, first_argument
from invocations.graph.node import Node
from invocations.language.did_you_mean import did_you_mean
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tree import Option, Word
from workflows.planning.draft import Draft, Edit
from workflows.planning.edits import edit
from workflows.planning.errors import planning_error
from workflows.problems import UsageError
from workflows.values.codecs import ExternalValue

if TYPE_CHECKING:
    from invocations.spec import FieldSpec, InvocationSpec
    from workflows.planning.plan import Additions

FOLDER: Final = "trial"
USAGE: Final = "it takes options, for example --with '--steps 4 --width 64'"


@dataclass(slots=True)
class Trial:
    """Values of inputs by name; a flag is "yes" or "no". `base` is the folder that relative file names start from."""

    values: Mapping[str, str]
    base: str = ""
    used: set[str] = field(default_factory=set)  # the inputs that at least one stage of the script has
    saved: set[str] = field(default_factory=set)  # the files that earlier lines save in the real run

    @property
    def name(self) -> str:
        """The values as options, in a fixed order; the text identifies the runs of this trial."""
        return " ".join(f"--{name} {text}" for name, text in sorted(self.values.items()))

    def adjust(self, draft: Draft) -> list[Edit]:
        """Set the values in a stage, and redirect the files that it saves to the trial's folder.

        Files that earlier lines save are read from the same folder. Raises: PlanningError.
        """
        made = []
        for name, text in self.values.items():
            found = draft.spec.input(name)
            if found is not None and found.given != "linked":
                self.used.add(name)
                made.append(edit(draft, found, text))
        return [*made, *self._redirect(draft)]

    def additions(self, added: Additions, catalog: Mapping[str, InvocationSpec]) -> Additions:
        """Return the nodes that save images without a file name, redirected to the trial's folder."""
        nodes = [
            Node(node.id, node.type, {**node.inputs, first_argument(catalog[node.type]): os.path.join(FOLDER, "")})
            if "saves" in catalog[node.type].roles
            else node
            for node in added.nodes
        ]
        return replace(added, nodes=tuple(nodes))

    def check(self, catalog: Mapping[str, InvocationSpec]) -> None:
        """Refuse values for inputs that no stage of the script has. Raises: UsageError."""
        for name in self.values:
            if name not in self.used:
                known = sorted({each.name.replace("_", "-") for spec in catalog.values() for each in spec.inputs})
                shown = name.replace("_", "-")
                hint = did_you_mean(shown, known) if shown not in known else None
                raise UsageError(f"`--with`: no stage of the script has an input `{shown}`", hint)

    def _redirect(self, draft: Draft) -> Iterator[Edit]:
        for each in draft.spec.inputs:
            content = draft.contents.get(each.name)
            value: Any = content.value if content is not None else ""
            text = value.text if isinstance(value, ExternalValue) else value
            if "saves" in draft.spec.roles and each.name == first_argument(draft.spec):
                if not isinstance(text, str):
                    message = f"`--with` cannot redirect saved files if `{each.name}` is computed"
                    raise planning_error("bad_value", message, draft.stage.command.span)
                if text != "-":
                    self.saved.add(self._path(text))
                    yield edit(draft, each, self._redirected(text))
                    yield from self._overwriting(draft)
            elif isinstance(text, str) and text and self._reads_file(each, value) and self._path(text) in self.saved:
                yield edit(draft, each, self._redirected(text))

    def _overwriting(self, draft: Draft) -> Iterator[Edit]:
        found = draft.spec.input(OVERWRITE)
        if found is not None:
            yield edit(draft, found, "yes")

    def _reads_file(self, each: FieldSpec, value: Any) -> bool:
        return each.reads_file or (isinstance(value, ExternalValue) and value.kind == "image")

    def _path(self, text: str) -> str:
        return os.path.abspath(os.path.join(self.base, os.path.expanduser(text)))

    def _redirected(self, target: str) -> str:
        """Return the target inside the folder of the trial; no target can lead out of that folder."""
        is_folder = target.endswith(("/", os.sep)) or os.path.isdir(self._path(target))
        inner = [part for part in os.path.splitdrive(target)[1].split(os.sep) if part not in ("", ".", "..", "~")]
        return os.path.join(FOLDER, *inner, *([""] if is_folder else []))


def read_trial(text: str, *, base: str = "") -> Trial:
    """Return the trial that options such as `--steps 4 --no-tiled` describe. Raises: UsageError."""
    pipeline, errors = read(Source(None, f"with {text}"))
    if errors or len(pipeline.stages) != 1 or pipeline.stages[0].name is not None:
        raise UsageError(f"`--with` cannot read `{text}`" + (f": {errors[0].message}" if errors else ""), USAGE)
    values: dict[str, str] = {}
    arguments = list(pipeline.stages[0].arguments)
    while arguments:
        option, value = arguments.pop(0), None
        if not isinstance(option, Option) or option.short:
            raise UsageError(f"`--with` cannot read `{text}`", USAGE)
        if option.value is not None:
            value = option.value
        elif arguments and not isinstance(arguments[0], Option):
            value = arguments.pop(0).value
        name = option.name.replace("-", "_")
        if value is None:
            values[name.removeprefix("no_")] = "no" if name.startswith("no_") else "yes"
        elif isinstance(value, Word):
            values[name] = value.text
        else:
            raise UsageError(f"`--with` cannot read `{text}`: a trial cannot refer to results", USAGE)
    if not values:
        raise UsageError("`--with` needs options", USAGE)
    return Trial(values, base)


def shown_edits(edits: Sequence[Edit]) -> list[tuple[str, str]]:
    """Return the command and the edits, as options, of each stage that has edits."""
    shown: dict[int, tuple[str, list[str]]] = {}
    for each in edits:
        shown.setdefault(id(each.stage), (each.stage.command.text, []))[1].append(str(each))
    return [(command, " ".join(options)) for command, options in shown.values()]
