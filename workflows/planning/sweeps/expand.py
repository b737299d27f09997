"""Create the values of a stage's axes after checking that there are not too many of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from invocations.graph.linking import Loop, Offer
from invocations.language.draws import Draws
from invocations.language.each import EachDrawn, EachItem, EachRange, EachText
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.spec import FieldSpec
from workflows.planning.draft import Content, Draft, Origin, Several
from workflows.planning.errors import PlanningError
from workflows.planning.foresight import FactSource
from workflows.planning.read_values import check_value, read_text

from .axes import label
from .kinds import is_seed, is_whole, kind_of
from .limits import refused_size
from .names import varied_words
from .seeds import first_seed, has_known_seed
from .zip import groups_of

if TYPE_CHECKING:
    from .templates import TemplatePart

BITS = 32  # the size of a random seed
EACH = (EachText, EachRange, EachDrawn)
Part: TypeAlias = "EachItem | TemplatePart"


def axes_of(draft: Draft) -> list[str]:
    """Return the inputs of a stage that are axes, in the order in which they were written."""
    found = [(content.span or Span(0, 0), name) for name, content in draft.contents.items() if is_axis(content)]
    return [name for span, name in sorted(found, key=lambda each: each[0].start)]


def is_axis(content: Content) -> bool:
    """Whether an input has several values although it takes one."""
    return isinstance(content.value, Several)


def random_number(draft: Draft, place: str, bits: int) -> int:
    """Return a random number. A script gets the same number each time it is planned, so that it can be resumed.

    place: distinguishes the random numbers of a stage from each other
    """
    if draft.salt:
        return Draws(0, f"{draft.salt}\n{place}").below(2**bits)
    return int.from_bytes(os.urandom(bits // 8), "big")


def expand(draft: Draft, most: int, salt: str = "", facts: FactSource | None = None) -> list[LanguageError]:
    """Create the values of a draft's axes; return the errors.

    After an error, the axes keep their valid values, so that later stages can be planned.

    most: the largest number of items that the nodes of the stage may have
    salt: determines the random numbers; "" if they are different each time
    facts: provides the folders of wildcard files named in the settings
    """
    draft.salt = salt
    found = _templates(draft, most, facts)
    axes = {name: Parts(draft, name) for name in axes_of(draft)}
    found += [error for axis in axes.values() for error in axis.errors()]
    if not found:
        counts, spans = _counts(draft, axes)
        groups, wrong = groups_of(draft, counts)
        found += wrong or refused_size(draft, groups, counts, spans, most)
    for name, axis in sorted(axes.items(), key=_seeds_first) if not found else ():
        try:
            draft.contents[name] = axis.expanded()
        except PlanningError as refused:
            found.append(refused.error)
    found += _varied(draft) if not found else []
    if found:
        draft.contents |= {name: axis.known() for name, axis in axes.items()}
        _keep_options(draft)
    return found


def _keep_options(draft: Draft) -> None:
    """Keep the axes that options add to a draft with errors: templates, words that vary, and zipped axes."""
    texts = [field.name for field in draft.spec.inputs if field.free_text and field.name in draft.contents]
    if draft.sweep is None:
        return
    draft.sweep.varied = draft.sweep.varied if texts else []
    draft.sweep.zips = draft.sweep.zips if not draft.offers else []
    for name in texts if draft.sweep.dynamic is not None else ():
        text = draft.contents[name]
        if isinstance(text.value, str):
            draft.contents[name] = Content(Several((), [text.value]), "sweep", text.span)


def _counts(draft: Draft, axes: Mapping[str, Parts]) -> tuple[dict[str, int], list[Span]]:
    """Return the number of values of each axis of a stage, and the places of the axes, both in written order."""
    found = [(axis.content.span or Span(0, 0), name, axis.count) for name, axis in axes.items()]
    found += [(varied.span, name, 1 + len(varied.news)) for name, varied in varied_words(draft).items()]
    found.sort(key=lambda each: each[0].start)
    return {name: count for _, name, count in found}, [span for span, _, _ in found if span != Span(0, 0)]


def _seeds_first(named: tuple[str, Parts]) -> bool:
    """Sort the axes of seeds first, because random values of other axes are drawn from the first seed."""
    return not is_seed(named[1].field)


def _templates(draft: Draft, most: int, facts: FactSource | None) -> list[LanguageError]:
    if draft.sweep is None or (draft.sweep.dynamic is None and draft.sweep.wildcards is None):
        return []
    if draft.sweep.dynamic is None:
        message, span = "`--wildcards` has no effect without `--dynamic`", draft.sweep.wildcards or Span(0, 0)
        return [LanguageError("bad_template", message, span, "add --dynamic, or --dynamic=20 for 20 random prompts")]
    from .templates import expand_templates, is_random  # imported on demand, here and below: few sweeps need it

    found = expand_templates(draft, most, facts)
    if not found and is_random(draft):
        _pick_seed(draft)
    return found


def _pick_seed(draft: Draft) -> None:
    """Pick the seed of a stage that draws prompts, and record it, so that the recorded line draws the same prompts."""
    field = next((field for field in draft.spec.inputs if field.seed), None)
    if field is not None and field.name not in draft.contents:
        seed = random_number(draft, field.name, BITS)
        draft.contents[field.name] = Content(seed, "drawn")
        draft.drawn[draft.stage.command.span] = f"{field.name} {seed}"


def _varied(draft: Draft) -> list[LanguageError]:
    if draft.sweep is None or not draft.sweep.varied:
        return []
    from .vary import refused_words

    return list(refused_words(draft))


class Parts:
    """The parts written for one axis, such as single values and ranges."""

    def __init__(self, draft: Draft, name: str) -> None:
        self.draft, self.content = draft, draft.contents[name]
        field = draft.spec.input(name)
        assert field is not None
        self.field: FieldSpec = field
        self.parts: Sequence[Part] = self.content.value.parts
        if kind_of(field) != "numbers":  # only numbers have ranges and draws; elsewhere, `4x` may be a name
            self.parts = [_as_text(part) if isinstance(part, EACH) else part for part in self.parts]
        self.texts: dict[int, object] = {}  # the values of those parts that are single values, by index

    def errors(self) -> list[LanguageError]:
        """Return an error for each invalid part, or a single error if the errors have the same cause."""
        found = list(self._errors())
        parts = [part for part in self.parts if isinstance(part, EACH)] if found else []
        if not parts:
            return found
        from .joint_errors import joint_error  # imported on demand: few values are wrong

        joint = joint_error(self.field, parts, found)
        return [joint] if joint is not None else found

    def _errors(self) -> Iterator[LanguageError]:
        """Yield an error for each invalid part; values that have already been read are valid."""
        for place, part in enumerate(self.parts if not self.content.value.values else ()):
            try:
                if isinstance(part, EachText) and part.span.start == part.span.end:
                    yield LanguageError("bad_value", f"a value of `{self.field.name}` is missing", part.span)
                elif isinstance(part, EachText):
                    self.texts[place] = read_text(self.field, part.text, part.span, in_line=True)
                elif (error := self._error(part)) is not None:
                    yield error
            except PlanningError as refused:
                yield refused.error

    def _error(self, part: Part) -> LanguageError | None:
        if isinstance(part, EachDrawn):
            return part.error(self.field.name, is_seed=is_seed(self.field))
        if isinstance(part, EachRange):
            found = part.numbers(whole=self._is_whole(part))
            return found if isinstance(found, LanguageError) else None
        return None

    def _is_whole(self, part: EachRange) -> bool:
        """Whether the numbers of a range are integers; if the input also takes floats, the notation decides."""
        if is_whole(self.field):
            return True
        bases = {member.base for member in self.field.type.args}
        return (
            "int" in bases
            and set(part.text.partition("?")[0]) <= set("0123456789+-:/.")
            and "." not in (part.text.replace("..", ""))
        )

    @property
    def count(self) -> int:
        """The number of values."""
        return len(self.content.value.values) or sum(self._count(part) for part in self.parts)

    def _count(self, part: Part) -> int:
        if isinstance(part, EachRange):
            numbers = part.numbers(whole=self._is_whole(part))
            return 0 if isinstance(numbers, LanguageError) else numbers.count
        return 1 if isinstance(part, EachText) else part.count

    def known(self) -> Content:
        """Return the content of the input with its valid single values only; without any, an item without a node."""
        values = list(self.texts.values())
        if values:
            items = [self.parts[place].span for place in self.texts]
            return Content(Several((*self.parts,), values, items), "written", self.content.span)
        name, command = self.field.name, self.draft.spec.type
        loop = Loop(f"{command}.{name}", name, (0, 0), [None], full_name=f"{command}.{name}")
        return Content(Offer(0, name, self.field.type, loop.iterate, name, (loop,)), "sweep", self.content.span)

    def expanded(self) -> Content:
        """Return the content of the input with all values. Raises: PlanningError."""
        if self.content.value.values:
            return self.content
        values: list[object] = []
        items: list[Span] = []
        for place, part in enumerate(self.parts):
            made = [self.texts[place]] if place in self.texts else list(self._values(part))
            values += made
            items += [part.span] * len(made)
        if any(map(self._is_drawn, self.parts)) and self.content.span is not None:
            self.draft.drawn[self.content.span] = ",".join(map(label, values))
        origin: Origin = "drawn" if any(map(self._is_random, self.parts)) else "written"
        return Content(Several((*self.parts,), values, items), origin, self.content.span)

    def _values(self, part: Part) -> Iterator[object]:
        if isinstance(part, EachDrawn):
            place = f"{self.field.name} {part.span.start}"
            yield from (random_number(self.draft, f"{place} {at}", BITS) for at in range(part.count))
        elif isinstance(part, EachRange):
            yield from self._numbers(part)
        elif not isinstance(part, EachText):
            yield from part.prompts(self._seed(part))

    def _numbers(self, part: EachRange) -> list[int | float]:
        """Return the numbers of a range. Raises: PlanningError, if one is out of the input's range."""
        numbers = part.numbers(whole=self._is_whole(part))
        assert not isinstance(numbers, LanguageError)
        found = list(numbers.values(self._seed(part), self.field.name))
        try:
            for number in found if self.field.multiple_of else (min(found), max(found)):
                check_value(self.field, number, part.span)
        except PlanningError as refused:
            from .hints import in_range  # imported on demand: few ranges are wrong

            hint = in_range(self.field, part, found) or refused.error.hint
            raise PlanningError(replace(refused.error, hint=hint)) from None
        return found

    def _is_drawn(self, part: Part) -> bool:
        """Whether values are random numbers that no seed in the line determines."""
        is_range = isinstance(part, EachRange) and part.kind == "?"
        return isinstance(part, EachDrawn) or (is_range and first_seed(self.draft, self.field.name) is None)

    def _is_random(self, part: Part) -> bool:
        """Whether values differ each time the line is planned, because no seed that is written determines them."""
        if isinstance(part, (EachText, EachRange, EachDrawn)):
            needs_seed = isinstance(part, EachRange) and part.kind == "?"
        else:
            needs_seed = part.is_random
        return isinstance(part, EachDrawn) or (needs_seed and not has_known_seed(self.draft, self.field.name))

    def _seed(self, part: Part) -> int:
        """Return the seed of the stage, or a random one if the stage has none."""
        seed = first_seed(self.draft, self.field.name)
        return seed if seed is not None else random_number(self.draft, f"{self.field.name} {part.span.start}", 64)


def _as_text(part: EachItem) -> EachText:
    return EachText(part.text, part.span)
