"""A line that is being changed: its text, its stages with their places, and the links between them.

A stage keeps its key while other stages are added, removed or moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from invocations.frozen import mutable
from invocations.language.printer import as_word, print_value
from invocations.language.source import Source, Span
from invocations.language.tokens import is_name, split_reference, tokenize
from invocations.language.tree import Stage
from workflows.planning.draft import Draft, is_flag

from .edits import Inexpressible, no_stage
from .forms import arguments_at, insertion

if TYPE_CHECKING:
    from invocations.spec import FieldSpec
    from workflows.planning.plan_line import LineAnalysis
    from workflows.planning.scope import StageOutputs
    from workflows.workspace import Workspace

MAX_PLANS: Final = 200  # how often a line is planned for one change
Key = int  # identifies a stage: its number in the original line, a negative number for a new stage
End = tuple[Key, str]  # an output of a stage
Links = dict[tuple[Key, str], tuple[End, ...]]  # what is linked to the inputs of the stages


@mutable
class EditedLine:
    """A line and the keys of its stages, in order.

    first: the number of the first stage
    errors: the code and the message of each error that the line had before
    plans: how often the line has been planned
    """

    workspace: Workspace
    text: str
    keys: list[Key]
    first: int
    errors: frozenset[tuple[str, str]] = frozenset()
    plans: int = 0
    _analysis: LineAnalysis | None = None

    @classmethod
    def of(cls, workspace: Workspace, text: str) -> EditedLine:
        """Return a line whose stages have their numbers as keys."""
        made = cls(workspace, text, [], workspace.memory.scope.next_number)
        made.keys = list(range(made.first, made.first + len(made.stages)))
        made.errors = frozenset((error.code, error.message) for error in made.analysis.errors)
        return made

    @property
    def analysis(self) -> LineAnalysis:
        """The line as it is now, planned as far as possible. Raises: Inexpressible, if that would take too long."""
        if self._analysis is None:
            self.plans += 1
            if self.plans > MAX_PLANS:
                raise Inexpressible("too many words of the line would have to change", "make smaller changes")
            self._analysis = self.workspace.analyze(Source(None, self.text))
        return self._analysis

    def replace(self, start: int, end: int, words: str) -> None:
        """Replace a part of the text."""
        self.text = self.text[:start] + words + self.text[end:]
        self._analysis = None

    def index(self, key: Key) -> int:
        """Return the position of a stage in the line. Raises: Refused, if there is no such stage."""
        if key not in self.keys or self.keys.index(key) >= len(self.stages):
            raise no_stage(key)
        return self.keys.index(key)

    @property
    def stages(self) -> Sequence[Stage]:
        """The stages in order."""
        return self.analysis.pipeline.stages

    def stage(self, key: Key) -> Stage:
        """Return a stage. Raises: Refused."""
        return self.stages[self.index(key)]

    def draft(self, key: Key) -> Draft | None:
        """Return what fills the inputs of a stage; None if its command is not known."""
        span = self.stage(key).span
        return next((draft for draft in self.analysis.drafts if draft.stage.span == span), None)

    def outputs(self, key: Key) -> StageOutputs | None:
        """Return the outputs of a stage of the line, or of an earlier line of the session."""
        if key in self.keys:
            number = self.first + self.index(key)
            return next((each for each in self.analysis.outputs if each.number == number), None)
        return self.workspace.memory.scope.by_number.get(key) if 0 < key < self.first else None

    @property
    def links(self) -> Links:
        """The links to the inputs of all stages."""
        return {(key, name): ends for key, name, ends, _ in self._links()}

    @property
    def piped(self) -> set[tuple[Key, str]]:
        """The inputs that take the result of the stage before, because of the `|` between them."""
        return {(key, name) for key, name, _, origin in self._links() if origin == "piped"}

    def _links(self) -> Iterator[tuple[Key, str, tuple[End, ...], str]]:
        numbers = {self.first + index: key for index, key in enumerate(self.keys)}
        for index, key in enumerate(self.keys[: len(self.stages)]):
            draft = self.draft(key)
            for name, content in draft.contents.items() if draft is not None else ():
                found = [(numbers.get(offer.stage, offer.stage), offer.name) for offer in content.offers]
                if found and any(offer.stage != self.first + index for offer in content.offers):
                    yield key, name, tuple(found), content.origin

    def written(self, key: Key, name: str) -> list[Span]:
        """Return the places of the arguments that set an input of a stage, in order."""
        draft = self.draft(key)
        if draft is None:
            return []
        content = draft.contents.get(name)
        span = draft.refused.get(name) if content is None else content.span
        if span is None or span == draft.stage.command.span:
            return []
        return list(arguments_at(draft.stage, draft.spec, content.items if content and content.items else (span,)))

    def erase(self, *inputs: tuple[Key, str]) -> None:
        """Remove the arguments that set inputs of stages."""
        spans = {span for key, name in inputs for span in self.written(key, name)}
        for span in sorted(spans, key=lambda span: -span.start):
            start = span.start
            while start and self.text[start - 1] in " \t":
                start -= 1
            self.replace(start, span.end, "")

    def insert(self, key: Key, words: str) -> None:
        """Add an option at the end of a stage."""
        at = insertion(self.stage(key), self.draft(key))
        self.replace(at, at, f" {words}")

    def name_of(self, key: Key) -> str | None:
        """Return the name of a stage, or None."""
        outputs = self.outputs(key)
        if outputs is None or outputs.name is None or key in self.keys:
            return outputs.name if outputs else None
        owner = self.workspace.memory.scope.by_name.get(outputs.name)
        return outputs.name if owner is not None and owner.number == key else None

    def set_name(self, key: Key, name: str) -> None:
        """Name a stage, or remove its name with ""; references to it are not changed."""
        stage = self.stage(key)
        if self.name_of(key) is not None:
            start = stage.name_span.start
            if not name:
                head = self.text[:start].rstrip()
                head = head.removesuffix("=") if stage.as_option else head
                start = len(head.removesuffix("--as" if stage.as_option else "as").rstrip())
            self.replace(start, stage.name_span.end, name)
        elif name:
            draft = self.draft(key)
            is_text = draft is None or any(field.free_text for field in draft.spec.inputs)
            option = is_text or stage.end_of_options is not None
            at = stage.command.span.end if option else stage.span.end
            self.replace(at, at, f" --as {name}" if option else f" as {name}")

    def free_name(self, key: Key) -> str:
        """Return a name for a stage that no other stage has."""
        command = self.stage(key).command.text
        taken = {self.name_of(each) for each in self.keys} | set(self.workspace.memory.scope.by_name)
        base = command if is_name(command) else "stage"
        number, name = 1, base
        while name in taken:
            number += 1
            name = f"{base}{number}"
        return name

    def references(self, name: str) -> list[Span]:
        """Return the places of the references to a name, in order."""
        found = []
        for token in tokenize(Source(None, self.text)):
            parts = split_reference(token.text) if token.kind == "reference" else None
            if parts is not None and parts[0] == name:
                found.append(Span(token.span.start + 1, token.span.start + 1 + len(name)))
        return found


def option_words(field: FieldSpec, text: str) -> str:
    """Return the words that set an input to a value: `--steps 20`, `--tiled` or `--no-tiled`."""
    dashed = field.name.replace("_", "-")
    if is_flag(field) and text in ("yes", "no"):
        return f"--{dashed}" if text == "yes" else f"--no-{dashed}"
    return f"--{dashed} {print_value(as_word(text))}"


def reference_words(field: FieldSpec, reference: str) -> str:
    """Return the words that link a reference to an input: `--image @fox`."""
    dashed = field.name.replace("_", "-")
    return f"--{dashed}={reference}" if is_flag(field) else f"--{dashed} {reference}"
