"""Link a draft: fill each input that the line does not set, by pipe, by name, by type or else with its default."""

from __future__ import annotations

from invocations.graph.linking import Offer, accepts, enters_pipe, mismatch, named, reference_kinds, typed
from invocations.language.errors import LanguageError
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.codecs import EXTERNAL_KINDS, ExternalValue, ParseError
from workflows.values.positions import list_of

from .draft import Content, Draft, Origin, option
from .errors import PlanningError, planning_error
from .read_values import check_value, parse_value, refuse_pattern
from .references import is_gathered, misfit
from .scope import Chain, Defaults

FOLLOWS_FROM_OTHERS = {
    "missing_input",
    "list_into_scalar",
    "scalar_into_list",
}  # not reported if a part of the stage could not be parsed


def link(draft: Draft, previous: Offer | None, chain: Chain, *, defaults: Defaults, giver: str) -> list[LanguageError]:
    """Fill the inputs that the line does not set, following the linking rules; return an error for each empty input.

    previous: the output that is piped in, or None
    giver: the command that produces that output
    """
    errors: list[LanguageError] = []
    if previous is not None and (previous.loops or previous.axes):
        from .sweeps.full_names import shorten  # imported on demand: few lines have a sweep

        shorten(draft, previous)
    if draft.links:
        primary = draft.spec.primary_input
        open_to_pipe = primary is not None and primary.name not in draft.contents
        if primary is not None and previous is not None and open_to_pipe and accepts(primary, previous):
            _fill(draft, primary, previous, "piped")
        elif primary is not None and previous is not None and open_to_pipe and _is_each(primary, previous):
            _fill(draft, primary, previous, "each")
        elif primary is not None and previous is not None and open_to_pipe and is_gathered(previous, primary):
            _fill(draft, primary, previous, "gathered")
        for field in _open(draft):
            dotted = _named_for_command(draft, field, chain) if chain.has_dotted else None
            offer = dotted or (named(field, chain.named(field.name)) if field.name in chain.names else None)
            if offer is not None:
                _fill(draft, field, offer, "named")
    for field in _open(draft):
        try:
            if not (field.required and _link_by_type(draft, field, chain)):
                if field.primary:
                    _refuse_number(draft, field, previous, giver)
                _fill_last(draft, field, defaults)
        except PlanningError as refused:
            errors.append(refused.error)
    return errors if draft.whole else [error for error in errors if error.code not in FOLLOWS_FROM_OTHERS]


def piped(spec: InvocationSpec, previous: Offer | None) -> bool:
    """Return True if the output is piped into the primary input, in which case positional arguments skip that input."""
    return enters_pipe(spec.primary_input, previous)


def default_of(spec: InvocationSpec, field: FieldSpec, defaults: Defaults) -> str | None:
    """Return the default that the user has set for an input, or None."""
    return defaults.get(f"{spec.type}.{field.name}", defaults.get(field.name))


def is_filled(spec: InvocationSpec, field: FieldSpec, defaults: Defaults, chain: Chain) -> bool:
    """Return True if an input at the beginning of a line gets a value although none is written or piped."""
    by_name = (*chain.named(field.name), *chain.named(f"{spec.type}.{field.name}"))
    return default_of(spec, field, defaults) is not None or any(accepts(field, offer) for offer in by_name)


def _is_each(primary: FieldSpec, previous: Offer) -> bool:
    """Whether a list is piped into an input that takes one item, in which case the stage runs once for each item."""
    if list_of(primary.type) is not None:  # the input takes a list, but not of this type
        return False
    return enters_pipe(primary, previous) and mismatch(previous.type, primary.type) == "list_into_scalar"


def _open(draft: Draft) -> list[FieldSpec]:
    return [field for field in draft.spec.inputs if field.name not in draft.contents]


def _fill(draft: Draft, field: FieldSpec, value: object, origin: Origin) -> None:
    """Fill an input; errors in its value point at the command."""
    draft.contents[field.name] = Content(value, origin, draft.stage.command.span)


def _named_for_command(draft: Draft, field: FieldSpec, chain: Chain) -> Offer | None:
    """Return the value of a sweep that is only for an input of this command, such as `i2i.strength`, or None."""
    return next((offer for offer in chain.named(f"{draft.spec.type}.{field.name}") if accepts(field, offer)), None)


def _link_by_type(draft: Draft, field: FieldSpec, chain: Chain) -> bool:
    """Link a required input to the nearest output of its type, and return True if there is one.

    Raises: PlanningError, if two outputs are equally near.
    """
    if not (draft.links and field.type.is_reference):
        return False
    taken = [offer for content in draft.contents.values() for offer in content.offers]
    found = typed(field, chain.typed(reference_kinds(field.type)), taken)
    if len(found) > 1:
        raise _ambiguous(draft, field, found)
    if found:
        _fill(draft, field, found[0], "typed")
    return bool(found)


def _refuse_number(draft: Draft, field: FieldSpec, previous: Offer | None, giver: str) -> None:
    """Refuse a list piped into an input that takes one value, or one value piped into a list. Raises: PlanningError."""
    if draft.links and previous is not None and enters_pipe(field, previous):
        span = draft.stage.command.span
        raise misfit(previous.type, field, span, giver=f"`{giver}`", command=draft.spec.type)


def _fill_last(draft: Draft, field: FieldSpec, defaults: Defaults) -> None:
    """Fill an input with its default. Raises: PlanningError, if it is required and has none."""
    text = default_of(draft.spec, field, defaults) if defaults else None
    if text is not None and field.given != "linked":
        _fill(draft, field, _read_default(draft, field, text), "set")
    elif isinstance(field.default, str) and field.type.base == "ref" and field.type.kind in EXTERNAL_KINDS:
        _fill(draft, field, ExternalValue(field.type.kind, field.default), "default")
    elif field.required:
        raise _missing(draft, field)


def _read_default(draft: Draft, field: FieldSpec, text: str) -> object:
    span = draft.stage.command.span
    try:
        value = parse_value(field, text)
        check_value(field, value, span)
        refuse_pattern(field, value, span, draft.is_file)
    except ParseError as reason:
        message = f"the default set for `{field.name}` is `{text}`, but it takes {reason.wants}"
    except PlanningError as refused:
        message = f"the default set for `{field.name}` is invalid: {refused.error.message}"
    else:
        return value
    hint = f"write `{option(field)}` in the line, or `unset {field.name}`"
    raise planning_error("bad_default", message, span, hint)


def _ambiguous(draft: Draft, field: FieldSpec, found: tuple[Offer, ...]) -> PlanningError:
    ways = " or ".join(f"`{option(field)} @{offer.stage}.{offer.name}`" for offer in found)
    message = f"`{field.name}` of `{draft.spec.type}` has {len(found)} equally near candidates"
    return planning_error("ambiguous_link", message, draft.stage.command.span, f"write {ways}")


def _missing(draft: Draft, field: FieldSpec) -> PlanningError:
    """Return the error for a required input that nothing fills, with ways to fill it."""
    ways = []
    if field.given != "linked" and not (field.type.is_reference and not _loadable(field)):
        ways.append(f"write {option(field)} {field.name.upper()}")
    if field.given != "written" and field.type.is_reference:
        ways.append(f"write {option(field)} @N" if not ways else "pass a reference such as @1")
    if field.given != "written" and field.primary:
        ways.append(f"pipe {_article(field)} into it")
    message = f"`{draft.spec.type}` needs `{field.name}` ({field.description})"
    return planning_error("missing_input", message, draft.stage.command.span, ", or ".join(ways))


def _loadable(field: FieldSpec) -> bool:
    return any(kind in EXTERNAL_KINDS for kind in reference_kinds(field.type))


def _article(field: FieldSpec) -> str:
    text = str(field.type)
    if field.type.base == "ref" and text in ("latents", "conditioning"):
        return text
    return f"{'an' if text[:1] in 'aeiou' else 'a'} {text}"
