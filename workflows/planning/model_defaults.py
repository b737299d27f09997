"""Apply the user's defaults for single models, such as `set steps 30 --model sd15`, to nodes that use these models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from invocations.catalog.roles import first_argument
from invocations.graph.linking import Offer, reference_kinds
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.codecs import ExternalValue, ParseError

from .build import SIDES, GraphBuilder
from .defaults import split_model, typed_default
from .draft import Content, Draft, Several, option
from .errors import PlanningError
from .known_inputs import SIZED
from .read_values import check_value, parse_value
from .scope import OF_MODEL

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

    from .scope import Defaults


MODEL = "model"  # the kind of a reference to a model


class KnownModels(Protocol):
    """What is known about the models of a line before it runs."""

    def models(self, node: str, output: str) -> Sequence[str] | None:
        """Return the names of the models that an output stands for, several in a loop, or None if unknown."""

    def settings(self, model: str) -> ModelSettings | None:
        """Return the settings of a model, or None if the model cannot be used."""


class ModelDefaults:
    """The defaults for single models among all defaults; each applies where a node uses its model.

    A default for one command (`t2i.steps`) comes before one for a model, which comes before one for all (`steps`).

    notes: which defaults cannot be used, known after the nodes have been added
    """

    def __init__(self, defaults: Defaults, known: Callable[[], KnownModels | None]) -> None:
        self._all, self._known = defaults, known
        self._by_input: dict[str, dict[str, str]] = {}
        for name, text in defaults.items():
            input_name, model = split_model(name)
            if model:
                self._by_input.setdefault(input_name, {})[model] = text
        self._refused: dict[str, str] = {}  # the hint for each message
        self.notes: dict[str, None] = {}

    def content(
        self, field: FieldSpec, contents: Mapping[str, Content], spec: InvocationSpec, builder: GraphBuilder
    ) -> Content | None:
        """Return what fills an input: its own content or, if nothing is written, the default for the node's model."""
        own = contents.get(field.name)
        texts = self._by_input.get(field.name)
        if not texts or (own is not None and own.origin != "set") or self._is_for_command(field, spec, builder):
            return own
        if field.name in SIDES and any(_has_size(content) for content in contents.values()):
            return own
        found = {model: self._of_model(model, texts) for model in self._models(contents, spec, builder)}
        if len({text for _, text in found.values()}) > 1:
            named = " and ".join(f"`{model}`" for model, text in found.values() if text is not None)
            reason = f"because the models in the loop have different defaults: write `{option(field)}`"
            self.notes[f"the default of `{field.name}` for {named} is not used in this loop, {reason}"] = None
            return own
        model, text = next(iter(found.values()), ("", None))
        return own if text is None else self._read(field, model, text) or own

    def of_axis(self, draft: Draft, models: Sequence[Any]) -> dict[str, Content]:
        """Return the inputs of a stage that have another default for each model of an axis, with these defaults.

        models: the values of the axis
        """
        names = [model.text for model in models if isinstance(model, ExternalValue)]
        fields = [field for field in draft.spec.inputs if field.by_model and self._is_open(field, draft)]
        found = {field.name: self._values(field, names) for field in fields if len(names) == len(models)}
        return {name: Content(Several((), values), "set") for name, values in found.items() if values}

    def _is_open(self, field: FieldSpec, draft: Draft) -> bool:
        own = draft.contents.get(field.name)
        if f"{draft.spec.type}.{field.name}" in self._all or (own is not None and own.origin != "set"):
            return False
        return field.name not in SIDES or not any(_has_size(content) for content in draft.contents.values())

    def _values(self, field: FieldSpec, models: Sequence[str]) -> list[Any]:
        """Return the default of an input for each model, or [] if they are all the same or not all known."""
        found = [self._of_model(model, self._by_input.get(field.name, {})) for model in models]
        if len({text for _, text in found}) < 2:
            return []
        values = [
            self._setting(field, model) if text is None else getattr(self._read(field, model, text), "value", None)
            for model, text in found
        ]
        return [] if None in values else values

    def _setting(self, field: FieldSpec, model: str) -> Any:
        """Return the default for all models or, if there is none, the model's own."""
        if field.name in self._all:
            return getattr(self._read(field, model, self._all[field.name]), "value", None)
        known = self._known()
        return getattr(known.settings(model) if known is not None else None, field.name, None)

    def errors(self, place: Span) -> list[LanguageError]:
        """Return an error at this place for each default that does not fit its input."""
        return [LanguageError("bad_default", message, place, hint) for message, hint in self._refused.items()]

    def _is_for_command(self, field: FieldSpec, spec: InvocationSpec, builder: GraphBuilder) -> bool:
        return any(f"{command}.{field.name}" in self._all for command in (spec.type, builder.command))

    def _models(self, contents: Mapping[str, Content], spec: InvocationSpec, builder: GraphBuilder) -> Sequence[str]:
        """Return the names of the models that a node will use, as far as they are known."""
        source = next((each.name for each in spec.inputs if MODEL in reference_kinds(each.type)), "")
        value: Any = contents[source].value if source in contents else None
        if isinstance(value, ExternalValue):
            return [value.text]
        if not isinstance(value, Offer):
            return []
        loader = next((node for node in reversed(builder.nodes) if node.id == value.node), None)
        loaded = builder.catalog[loader.type] if loader is not None else None
        if loader is not None and loaded is not None and "loads" in loaded.roles:
            written = loader.inputs.get(first_argument(loaded))
            if isinstance(written, str):
                return [written]
        known = self._known()
        return (known.models(value.node, value.output) if known is not None else None) or []

    def _of_model(self, model: str, texts: Mapping[str, str]) -> tuple[str, str | None]:
        """Return a model as it is named in the default of an input, and the default. All its names are equal."""
        if model in texts:
            return model, texts[model]
        name, place = self._name_and_place(model)
        places = {each: self._name_and_place(each)[1] for each in texts}
        stored = next((each for each, other in places.items() if place and other == place), "")
        for each in [each for each, other in places.items() if not other and not stored]:
            if name.partition(OF_MODEL)[0] == each:
                better = f"set it for `{model}`"
                self.notes[f"a default for `{each}` is not used, because the name is not unique: {better}"] = None
        return stored or model, texts.get(stored)

    def _name_and_place(self, model: str) -> tuple[str, str]:
        """Return the name of a model, and its path, which is the same for all its names; "" if it cannot be used."""
        known = self._known()
        settings = known.settings(model) if known is not None else None
        return (settings.name, settings.path) if settings is not None else ("", "")

    def _read(self, field: FieldSpec, model: str, text: str) -> Content | None:
        try:
            value = parse_value(field, text)
            check_value(field, value, Span(0, 0))
        except ParseError as reason:
            message = f"it takes {reason.wants}"
        except PlanningError as refused:
            message = refused.error.message
        else:
            return Content(value, "set", model=model)
        shown = f"the default set for `{field.name}` with the model `{model}` is `{text}`, but {message}"
        self._refused[shown] = f"write `{option(field)}` in the line, or `unset {typed_default(field.name, model)}`"
        return None


def _has_size(content: Content) -> bool:
    """Whether an image, a mask or latents fill an input; they determine the size of the result."""
    if isinstance(content.value, ExternalValue):
        return content.value.kind in SIZED
    return any(not SIZED.isdisjoint(reference_kinds(offer.type)) for offer in content.offers)
