"""What a line may refer to: earlier stages, by number, name and output. Each lookup takes constant time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from invocations.frozen import frozen, mutable
from invocations.graph.linking import Loop, Offer, reference_kinds

if TYPE_CHECKING:
    from invocations.sessions.session import Session

    from .stage_index import Fits, StageIndex


class Chain:
    """The outputs of a line and of the lines that it continues (with a leading `|`), the nearest first."""

    def __init__(self, before: Chain | None = None) -> None:
        self.before = before
        self._by_name: dict[str, list[Offer]] = {}
        self._by_kind: dict[str, list[tuple[Offer, ...]]] = {}
        self.names: set[str] = set() if before is None else {*before.names}  # of all outputs
        self.has_dotted: bool = (
            before is not None and before.has_dotted
        )  # whether a name is for one command: `i2i.strength`

    def add(self, offers: Sequence[Offer]) -> None:
        """Add the outputs of one more stage."""
        kinds: dict[str, list[Offer]] = {}
        for offer in offers:
            self._by_name.setdefault(offer.name, []).append(offer)
            self.names.add(offer.name)
            self.has_dotted = self.has_dotted or "." in offer.name
            for kind in reference_kinds(offer.type):
                kinds.setdefault(kind, []).append(offer)
        for kind, found in kinds.items():
            self._by_kind.setdefault(kind, []).append(tuple(found))

    def named(self, name: str) -> Iterator[Offer]:
        """Yield the outputs with this name, the nearest first."""
        yield from reversed(self._by_name.get(name, ()))
        if self.before is not None:
            yield from self.before.named(name)

    def typed(self, kinds: Iterable[str]) -> Iterator[tuple[Offer, ...]]:
        """Yield for each stage its outputs that are references of these kinds, the nearest stage first."""
        for kind in kinds:
            yield from reversed(self._by_kind.get(kind, ()))
        if self.before is not None:
            yield from self.before.typed(kinds)

    def copy(self) -> Chain:
        """Return a copy, which can be extended independently."""
        other = Chain(self.before)
        other.names, other.has_dotted = {*self.names}, self.has_dotted
        other._by_name = {name: list(offers) for name, offers in self._by_name.items()}
        other._by_kind = {kind: list(stages) for kind, stages in self._by_kind.items()}
        return other

    def join(self) -> Chain:
        """Merge this chain into the one that it continues, if any, and return the result.

        The time is linear in the length of this line.
        """
        if self.before is None:
            return self
        self.before.names |= self.names
        self.before.has_dotted |= self.has_dotted
        for name, offers in self._by_name.items():
            self.before._by_name.setdefault(name, []).extend(offers)
        for kind, stages in self._by_kind.items():
            self.before._by_kind.setdefault(kind, []).extend(stages)
        return self.before


class KnownResults(Protocol):
    """What is known about the results of a line, whether it has run or not."""

    def size(self, node: str, output: str) -> tuple[int, int] | None:
        """Return width and height in pixels of an image or of latents, or None if they are not known."""

    def values(self, node: str, output: str) -> Sequence[Any] | None:
        """Return the values of an output in a loop, or its value outside one; None if they are not all known."""

    def count(self, node: str, output: str) -> int | None:
        """Return the length of a list, or None if it is not known."""

    def largest(self, node: str, output: str) -> tuple[int, int] | None:
        """Return the largest width and height among the images of a list, or None if not all are known."""

    def models(self, node: str, output: str) -> Sequence[str] | None:
        """Return the names of the models that an output stands for, several in a loop, or None if unknown."""

    def runs(self, node: str) -> int | None:
        """Return how often a node runs, or None if that is not known."""

    def is_from_file(self, node: str) -> bool:
        """Return True if a node depends on a loaded file."""

    def items(self, iterate: str) -> int | None:
        """Return how many items an `iterate` node has in each run, or None if that is unknown or varies."""

    def axes(self, node: str, output: str) -> tuple[str, ...]:
        """Return the ids of the `iterate` nodes around an output, the outermost first."""

    def axis(self, iterate: str) -> tuple[str, tuple[str, ...]]:
        """Return the name of the axis of an `iterate` node ("" if it has none), and its axes with this one last."""


def nothing() -> None:
    """Return None: nothing is known about the results."""


@frozen
class StageOutputs:
    """The outputs of a stage, its chain of stages, and what is known about the results of its line."""

    number: int
    command: str
    name: str | None
    offers: tuple[Offer, ...]
    primary: Offer | None
    chain: Chain = field(compare=False, repr=False)
    unnamed: str | None = None  # the NAME in an `as NAME` that was read as part of the stage's free text
    known: Callable[[], KnownResults | None] = field(default=nothing, compare=False, repr=False)

    @property
    def main(self) -> Offer | None:
        """The primary output, otherwise the first one; None if there is no output."""
        return self.primary or next(iter(self.offers), None)

    def offer(self, output: str) -> Offer | None:
        """Return the output with this name, or None."""
        return next((offer for offer in self.offers if offer.name == output), None)


IsUsed = Callable[[str], bool]  # whether a later line refers to a name


def unused(name: str) -> bool:
    """Return False: no later line is known."""
    return False


IsFile = Callable[[str], bool]  # whether a path names an existing file


def no_file(path: str) -> bool:
    """Return False: no file is known."""
    return False


@mutable
class Scope:
    """The stages of a session so far; grows with every accepted plan."""

    by_number: dict[int, StageOutputs] = field(default_factory=dict)
    by_name: dict[str, StageOutputs] = field(default_factory=dict)
    last: StageOutputs | None = None
    lines: int = 0
    unnamed: dict[str, StageOutputs] = field(default_factory=dict)
    session: Session | None = None  # the earlier session that the first stages come from
    _index: StageIndex | None = None

    @classmethod
    def of(cls, session: Session) -> Scope:
        """Return the scope of an existing session, in time linear in its length."""
        from .session_results import SessionResults  # imported on demand: few lines need it

        results = SessionResults(session)

        def known() -> KnownResults:
            return results

        scope = cls(lines=len(session.lines), session=session)
        chain = Chain()
        line = None
        for stage in session.stages:
            if stage.line != line:
                line = stage.line
                text = session.lines[line - 1].text if 0 < line <= len(session.lines) else ""
                chain = chain if text.lstrip().startswith("|") else Chain()
            offers = tuple(
                Offer(stage.number, name, session.graph.type_of(*end), *end, _loops(session, end[0]))
                for name, end in stage.outputs.items()
            )
            primary = next((offer for offer in offers if (offer.node, offer.output) == stage.primary), None)
            chain.add(offers)
            scope.keep(StageOutputs(stage.number, stage.command, stage.name, offers, primary, chain, known=known))
        return scope

    def fork(self) -> Scope:
        """Return a copy to plan with; only its last stage can be continued with a leading `|`."""
        last = replace(self.last, chain=self.last.chain.copy()) if self.last else None
        return Scope(dict(self.by_number), dict(self.by_name), last, self.lines, dict(self.unnamed), self.session)

    def eaten(self, name: str) -> StageOutputs | None:
        """Return the stage whose text ends in `as NAME`, where the user may have meant `--as NAME`."""
        if name not in self.unnamed and self.session is not None:
            from .eaten_names import eaten_by  # imported on demand: few names are unknown

            number = eaten_by(self.session, name)
            return self.by_number.get(number) if number is not None else None
        return self.unnamed.get(name)

    @property
    def next_number(self) -> int:
        """The number of the next stage; stages are numbered from 1 across all lines."""
        return self.last.number + 1 if self.last else 1

    def add(self, stages: Sequence[StageOutputs]) -> None:
        """Add the stages of an accepted line."""
        if not stages:
            return
        self.lines += 1
        chain = stages[0].chain.join()
        for stage in stages:
            self.keep(replace(stage, chain=chain))

    def keep(self, placed: StageOutputs) -> None:
        """Add a stage as the latest one."""
        self.by_number[placed.number] = self.last = placed
        if placed.name:
            self.by_name[placed.name] = placed
        if placed.unnamed:
            self.unnamed[placed.unnamed] = placed
        if self._index is not None:
            self._index.add(placed.number, placed.name, placed.main)

    @property
    def index(self) -> StageIndex:
        """The stages by type and by name, for completion; made on first use, then kept up to date."""
        if self._index is None:
            from .stage_index import StageIndex  # imported on demand: only completion needs it

            self._index = StageIndex()
            for placed in (*self.by_number.values(), *self.by_name.values()):
                self._index.add(placed.number, placed.name, placed.main)
        return self._index

    def latest(self, fits: Fits) -> Iterator[StageOutputs]:
        """Yield the stages whose main output has a type that fits, the latest first."""
        before = None
        for number in self.index.latest(fits):
            placed = self.by_number[number]
            if number != before and placed.main is not None and fits(placed.main.type):
                yield placed
            before = number


def _loops(session: Session, node: str) -> tuple[Loop, ...]:
    """Return the loops around a node of a session, the outermost first."""
    if not session.expansion.loops.axes(node):
        return ()
    from .sweeps.axes import loops_in  # imported on demand: few sessions have loops

    return loops_in(session, node)


Defaults = Mapping[str, str]  # defaults by name (`steps`, `t2i.steps` or `steps@sd15`), as written after `set`
SET_BY_OPTION: Final = "--set"  # the origins of defaults that no settings file contains
SET_IN_SESSION: Final = "set"
OF_MODEL: Final = "@"  # separates the input from the model in the name of a default; no input contains it
