"""The commands as help shows them to one user: with the user's own defaults and, for a model, with the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.errors import BadValue
from invocations.precheck.needs import refuse_without_image, refuse_without_mask
from invocations.spec import FieldSpec, InvocationSpec

from .lookup import model_name
from .manual.command import OWN_DEFAULT
from .own_defaults import own_of_model
from .planning.defaults import split_model
from .planning.honored import honored_by
from .values.positions import image_input

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

    from .workspace import Workspace

ORIGIN = "set by you"
MASKING = "of_inpainting"  # the precheck of inputs that take the mask for an inpainting model
Commands = Mapping[str, InvocationSpec]


def commands_for(workspace: Workspace, model: str | None) -> Commands:
    """Return the commands with the defaults that a line would use, and without inputs that a model ignores.

    model: name or path of a model; None for help that is not about one model
    Raises: UsageError, if there is no such model.
    """
    catalog: Commands = workspace.catalog
    own = {name: text for name, text in workspace.memory.defaults.items() if not split_model(name)[1]}
    if model is not None:
        settings = workspace.check_value.settings(model_name(workspace.check_value, model))
        if settings is not None:
            catalog = {name: _warned(spec, catalog, settings) for name, spec in honored_by(catalog, settings).items()}
            own |= own_of_model(workspace, settings.name, settings.path)
        own.pop("model", None)
    return {name: with_defaults(spec, own) for name, spec in catalog.items()} if own else catalog


def with_defaults(spec: InvocationSpec, own: Mapping[str, str]) -> InvocationSpec:
    """Return a command with the user's defaults, given by `input` or `command.input`; the latter come first."""
    found = {field.name: own.get(f"{spec.type}.{field.name}", own.get(field.name)) for field in spec.inputs}
    if not any(text is not None for text in found.values()):
        return spec
    return replace(spec, inputs=tuple(_with_default(field, found[field.name]) for field in spec.inputs))


def _with_default(field: FieldSpec, text: str | None) -> FieldSpec:
    """Return an input whose description says what its default is and where it comes from."""
    if text is None:
        return field
    description = field.description.partition(OWN_DEFAULT)[0]
    return replace(field, description=f"{description}{OWN_DEFAULT}{text}, {ORIGIN})", required=False)


def _warned(spec: InvocationSpec, catalog: Commands, settings: ModelSettings) -> InvocationSpec:
    """Return a command whose summary says if it cannot run with a model."""
    problem = without_mask(spec, catalog, settings) or without_image(spec, settings)
    if not problem:
        return spec
    return replace(spec, summary=f"{spec.summary} `{spec.type}` cannot run with this model: {problem}.")


def without_mask(spec: InvocationSpec, catalog: Commands, settings: ModelSettings) -> str:
    """Return why a command that has a stage for a mask, but passes none to it, cannot run with a model, or ""."""
    from .planning.inner_options import inner_inputs

    stages = [field.name.split(".")[-2:] for field in inner_inputs(spec, catalog)] if spec.is_recipe else []
    inputs = [catalog[command].input(name) for command, name in stages if command in catalog]
    takes_none = any(field is not None and field.precheck == MASKING for field in inputs)
    return _refusal(refuse_without_mask, settings) if takes_none else ""


def without_image(spec: InvocationSpec, settings: ModelSettings) -> str:
    """Return why a command that takes no image cannot run with a model, or ""."""
    takes_model = any(field.name == "model" and field.given != "linked" for field in spec.inputs)
    return _refusal(refuse_without_image, settings) if takes_model and image_input(spec) is None else ""


def _refusal(check: Callable[[Iterable[ModelSettings]], None], settings: ModelSettings) -> str:
    try:
        check([settings])
    except BadValue as error:
        return f"{error.message.removeprefix('the model ')}; {error.hint}"
    return ""
