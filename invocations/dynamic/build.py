"""Turn a parsed template into choices: look up variables and wildcards, and limit depth, size and work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Final, TypeVar

from invocations.frozen import frozen

from .choices import Choice, Combined, Fixed, PerValue, Sampled, Slot, Turn, Unchosen
from .errors import DynamicError
from .groups import Picks, Union
from .parser import is_plain, parse_phrase
from .parts import Access, Assignment, Literally, Part, Phrase, Sampler, Variants, Wildcard, Wrap
from .stream import Stream
from .wildcard_files import WildcardLine
from .wildcards import Wildcards

MAX_DEPTH: Final = 100  # how deep groups, variables and wildcards may be nested in all
MAX_PARTS: Final = 300_000  # how many parts a template may have, including the lines of its wildcards
MAX_WORK: Final = 20_000  # how many parts one result may consist of
MAX_RESULT: Final = 20_000  # how many characters one result may have
MAX_NAMES: Final = 1_000  # how many names of wildcards a variable may stand for

Value = Phrase | Slot
ChoiceT = TypeVar("ChoiceT", bound=Choice)


@frozen
class TemplateScope:
    """The variables and wildcards around a part of a template.

    variables: the values of variables, by name
    wildcards: the names of the wildcards that contain the part, outermost first
    accessed: the variables whose value contains the part
    """

    variables: Mapping[str, Value] = field(default_factory=dict)
    wildcards: tuple[str, ...] = ()
    accessed: tuple[str, ...] = ()
    depth: int = 0

    def deeper(self) -> TemplateScope:
        """Return the scope of a nested part. Raises: DynamicError, if it is nested too deep."""
        if self.depth == MAX_DEPTH:
            raise DynamicError(f"groups, variables and wildcards can be nested at most {MAX_DEPTH} deep")
        return replace(self, depth=self.depth + 1)

    def setting(self, name: str, value: Value) -> TemplateScope:
        """Return this scope with one more variable."""
        return replace(self, variables={**self.variables, name: value})


class Builder:
    """Turns the parts of a template into choices.

    is_random: whether any part built so far is marked as random (`~`)
    """

    def __init__(self, wildcards: Wildcards) -> None:
        self.is_random = False
        self._wildcards = wildcards
        self._left = MAX_PARTS
        self._known: dict[tuple[str, int], tuple[TemplateScope, Union]] = {}
        self._parsed: dict[str, Phrase] = {}

    def phrase(self, phrase: Phrase, scope: TemplateScope) -> Choice:
        """Return the choices of a phrase. Raises: DynamicError."""
        scope = scope.deeper()
        self._spend(len(phrase.parts) + 1)
        slots: list[tuple[Assignment, Slot]] = []
        inner = scope
        for part in phrase.parts:
            if isinstance(part, Assignment):
                inner = self._assign(part, inner, slots)
        try:
            choices = [self._part(part, inner) for part in phrase.parts if not isinstance(part, Assignment)]
        except Unchosen as unchosen:
            own = [pair for pair in slots if pair[1] is unchosen.slot]
            if not own:
                raise
            return self._branches(phrase, scope, *own[0])
        if len(choices) < 2 and not slots:
            return choices[0] if choices else Fixed("")
        return _limited(Combined(choices, [slot for _, slot in slots]))

    def _part(self, part: Part, scope: TemplateScope) -> Choice:
        if isinstance(part, Literally):
            return Fixed(part.text)
        if isinstance(part, Variants):
            return self._sampled(self._group(part, scope), part.sampler)
        if isinstance(part, Wildcard):
            return self._sampled(self._wildcard(part, scope), part.sampler)
        if isinstance(part, Wrap):
            return _limited(Combined([self.phrase(part.wrapper, scope), self.phrase(part.inner, scope)], gap=True))
        assert isinstance(part, Access)
        return self._access(part, scope)

    def _group(self, group: Variants, scope: TemplateScope) -> Choice:
        is_single = group.low == group.high == 1
        choices = [self.phrase(each.value, scope) for each in group.alternatives]
        weights = [each.weight for each in group.alternatives]
        if len(choices) == 1:
            if is_single:
                return choices[0]
            if isinstance(only := choices[0], Union):  # `{2$$__colors__}` chooses from the lines of the wildcard
                choices, weights = list(only.choices), list(only.weights)
        if is_single:
            return _limited(Union(choices, weights))
        return _limited(Picks(choices, weights, group.low, group.high, group.separator))

    def _access(self, access: Access, scope: TemplateScope) -> Choice:
        name = access.name
        value = scope.variables.get(name, access.default)
        if value is None:
            hint = f"set it with ${{{name}=value}}, or write ${{{name}:default}}"
            raise DynamicError(f"the variable `{name}` is not set", hint, start=access.start, end=access.end)
        if isinstance(value, Slot):
            return value
        if name in scope.accessed:
            message = f"the value of the variable `{name}` contains the variable"
            raise DynamicError(message, start=access.start, end=access.end)
        return self.phrase(value, replace(scope, accessed=(*scope.accessed, name)))

    def _assign(self, part: Assignment, scope: TemplateScope, slots: list[tuple[Assignment, Slot]]) -> TemplateScope:
        if part.keeps and part.name in scope.variables:
            return scope
        if not part.immediate or part.value.literal is not None:
            return scope.setting(part.name, part.value)
        slot = Slot(self.phrase(part.value, scope))
        slots.append((part, slot))
        return scope.setting(part.name, slot)

    def _branches(self, phrase: Phrase, scope: TemplateScope, assignment: Assignment, slot: Slot) -> Choice:
        """Return the choices of a phrase in which a variable that is chosen once names a wildcard."""
        at = phrase.parts.index(assignment)

        def chosen(text: str) -> Choice:
            set_ = replace(assignment, value=Phrase((Literally(text),)), immediate=False)
            return self.phrase(Phrase((*phrase.parts[:at], set_, *phrase.parts[at + 1 :])), scope)

        return _limited(PerValue(slot.value, {text: chosen(text) for text in dict.fromkeys(_names(slot.value))}))

    def _wildcard(self, part: Wildcard, scope: TemplateScope) -> Choice:
        for name, value in part.variables:
            scope = scope.setting(name, value)
        literal = part.path.literal
        names = [literal] if literal is not None else list(dict.fromkeys(_names(self.phrase(part.path, scope))))
        lines = [self._lines(" ".join(name.split()), part, scope) for name in names]
        if len(lines) == 1:
            return lines[0]
        return _limited(Union(lines, [1.0] * len(lines)))

    def _lines(self, name: str, part: Wildcard, scope: TemplateScope) -> Union:
        """Return the choice of one line of a wildcard."""
        if name in scope.wildcards:
            loop = " -> ".join(f"`{each}`" for each in (*scope.wildcards[scope.wildcards.index(name) :], name))
            raise DynamicError(f"a wildcard contains itself: {loop}", start=part.start, end=part.end, place="")
        key = (name, id(scope.variables))
        if key not in self._known:
            inside = replace(scope, wildcards=(*scope.wildcards, name))
            lines = self._found(name, part)
            try:
                self._spend(len(lines))
                choices = [self._line(line.text, inside) for line in lines]
            except DynamicError as error:
                raise error.within(name, part.start, part.end) from error
            self._known[key] = inside, _limited(Union(choices, [line.weight for line in lines]))
        return self._known[key][1]

    def _found(self, name: str, part: Wildcard) -> list[WildcardLine]:
        """Return the lines of a wildcard; an error names the part of the template that refers to it."""
        try:
            return self._wildcards.lines(name)
        except DynamicError as error:
            error.start, error.end = part.start, part.end
            raise

    def _line(self, text: str, scope: TemplateScope) -> Choice:
        if is_plain(text):  # a fast path: most lines of a wildcard file are plain, and a file may have many lines
            return Fixed(text)
        if text not in self._parsed:
            self._parsed[text] = parse_phrase(text)
        phrase = self._parsed[text]
        return Fixed(phrase.literal) if phrase.literal is not None else self.phrase(phrase, scope)

    def _sampled(self, choice: Choice, sampler: Sampler) -> Choice:
        self.is_random = self.is_random or sampler == "~"
        return Sampled(choice, sampler) if sampler in ("~", "@") else choice

    def _spend(self, parts: int) -> None:
        self._left -= parts
        if self._left < 0:
            raise DynamicError(f"the template and its wildcards have more than {MAX_PARTS:,} parts in all")


def _names(choice: Choice) -> Iterator[str]:
    """Yield all names of wildcards that a choice can become.

    Raises: DynamicError; Unchosen, if the names depend on a variable.
    """
    if choice.count > MAX_NAMES:
        raise DynamicError(f"a group or variable in the name of a wildcard can have at most {MAX_NAMES:,} values")
    for index in range(choice.count):
        yield choice.at(index, Turn(index, Stream(0, index)))


def _limited(choice: ChoiceT) -> ChoiceT:
    if choice.longest > MAX_RESULT:
        raise DynamicError(f"a result could be longer than {MAX_RESULT:,} characters")
    if choice.work > MAX_WORK:
        raise DynamicError(f"a result could consist of more than {MAX_WORK:,} parts")
    return choice
