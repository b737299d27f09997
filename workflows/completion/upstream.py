"""The stages before the unfinished one, and the links that a command at the cursor would make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from invocations.graph.linking import Offer, accepts, enters_pipe, named, reference_kinds, typed
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tokens import AS, is_name
from invocations.language.tree import Argument, Positional, Stage, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.plan_line import LineAnalysis
from workflows.planning.planner import Planner
from workflows.planning.scope import Chain, StageOutputs
from workflows.planning.stage_index import Fits

from .candidate import Link
from .context import CompletionContext
from .cursor import Cursor

MAX_LINKS = 3  # how many links the menu shows for a command


class Upstream:
    """The planned stages before the unfinished one, and that stage's arguments before the cursor."""

    def __init__(
        self,
        line: Sequence[StageOutputs],
        arguments: Sequence[Argument],
        context: CompletionContext,
        *,
        continues: bool = False,
    ) -> None:
        self.line = line
        self.arguments = arguments
        self.context = context
        last = context.scope.last if continues else None
        self.previous = line[-1] if line else last
        self.chain = Chain(last.chain if last else None)
        for stage in line:
            self.chain.add(stage.offers)

    @property
    def primary(self) -> Offer | None:
        """The output that is piped into the unfinished stage, or None."""
        return self.previous.primary if self.previous else None

    def latest(self, fits: Fits) -> Iterator[StageOutputs]:
        """Yield the stages whose main output has a type that fits, the latest first."""
        line = (stage for stage in self.named_line if stage.main is not None and fits(stage.main.type))
        return chain(line, self.context.scope.latest(fits))

    @property
    def named_line(self) -> list[StageOutputs]:
        """The stages of the line, the latest first; an `as NAME` after a prompt names the stage."""
        return [replace(each, name=each.name or each.unnamed) for each in reversed(self.line)]

    def is_piped_into(self, spec: InvocationSpec) -> bool:
        """Return True if the primary input is piped in, in which case positional arguments skip it."""
        return enters_pipe(spec.primary_input, self.primary)

    def accepted_by(self, spec: InvocationSpec) -> bool:
        """Return True if a command accepts the piped output."""
        primary = spec.primary_input
        return primary is not None and self.primary is not None and accepts(primary, self.primary)

    def links(self, spec: InvocationSpec) -> tuple[Link, ...]:
        """Return the links that a command would make here."""
        made = [(field.name, offer) for field in spec.inputs if (offer := self._link(field)) is not None]
        return tuple((name, offer.stage, offer.name) for name, offer in made)

    def _link(self, field: FieldSpec) -> Offer | None:
        if field.given == "written":
            return None
        if field.primary and self.primary is not None and accepts(field, self.primary):
            return self.primary
        offer = named(field, self.chain.named(field.name))
        if offer is None and field.required and field.type.is_reference:
            found = typed(field, self.chain.typed(reference_kinds(field.type)), (self.primary,) if self.primary else ())
            offer = found[0] if len(found) == 1 else None
        return offer


def links_text(links: Sequence[Link]) -> str:
    """Describe the first links that a command would make: `image <- @1.image`."""
    shown = [f"{name} <- @{stage}.{output}" for name, stage, output in links[:MAX_LINKS]]
    return ", ".join(shown) + (", ..." if len(links) > MAX_LINKS else "")


def find_upstream(
    text: str, cursor: Cursor, context: CompletionContext, planned: tuple[LineAnalysis, int] | None = None
) -> Upstream:
    """Return the stages and arguments before the word at the cursor.

    planned: the planned line and its start in the text; if None, the stages are planned here
    """
    if planned is not None:
        analysis, begin = planned
        stages, outputs, continues = analysis.pipeline.stages, analysis.outputs, analysis.pipeline.continues
    else:
        begin = cursor.begin
        pipeline = read(Source(None, text[begin : cursor.start]))[0]
        whole = tuple(stage for stage in pipeline.stages if begin + stage.span.end <= cursor.bar)
        planner = Planner(context.catalog, context.scope, context.defaults, context.reserved)
        if cursor.bar >= 0:
            planner.line(replace(pipeline, stages=whole))
        stages, outputs, continues = pipeline.stages, tuple(planner.references.line), pipeline.continues
    count = sum(begin + stage.span.end <= cursor.bar for stage in stages)
    arguments = _before(stages[count], cursor.start - begin) if count < len(stages) else []
    return Upstream(outputs[:count], arguments, context, continues=continues)


def _before(stage: Stage, end: int) -> list[Argument]:
    """Return the arguments of a stage before a position, without a final `as` or `as NAME`, which names the stage."""
    found = [each for each in stage.arguments if each.span.start < end]
    if stage.end_of_options is not None and stage.end_of_options < len(found):
        return found
    words = [_unquoted(each) for each in found[-2:]]
    if words[-1:] == [AS]:
        return found[:-1]
    is_named = len(words) == 2 and words[0] == AS and is_name(words[1]) and not stage.as_option
    return found[:-2] if is_named else found


def _unquoted(argument: Argument) -> str:
    """Return the word of a positional argument without quotes, or an empty string."""
    word = argument.value if isinstance(argument, Positional) else None
    return word.text if isinstance(word, Word) and not word.quote else ""
