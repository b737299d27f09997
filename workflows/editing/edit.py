"""Change the stages of a line and return the new text; the words of stages that are not concerned stay as they are.

Every change is checked: the line is planned again, and each link must be the wanted one. A link that linking makes by
itself needs no words; any other becomes `as NAME` and `@NAME`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import takewhile
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError, Refusal
from invocations.language.printer import as_word, print_value
from invocations.language.script import split_script
from invocations.language.source import Source
from invocations.language.tokens import is_name
from workflows.completion.diagnose import UNFINISHED
from workflows.problems import Refused
from workflows.values.positions import positional

from .edited_line import EditedLine, End, Key, Links, option_words, reference_words
from .edits import AddStage, Edit, Inexpressible, LinkInput, MoveStage, NameStage, RemoveStage, UnlinkInput

if TYPE_CHECKING:
    from invocations.spec import FieldSpec, InvocationSpec
    from workflows.workspace import Workspace

NEW: Key = -1  # the key of a stage that is being added
MAX_STAGES = 100
UNREADABLE = {"unclosed_quote", "line_too_long"}  # errors because of which the stages are not known
ACCEPTED = UNFINISHED | {"empty_line"}  # errors that a change may cause
Inputs = set[tuple[Key, str]]


def edit_line(workspace: Workspace, text: str, edits: Iterable[Edit]) -> str:
    """Return the text after the changes, which are made one after the other.

    Raises: Inexpressible, if no line says what is wanted; Refused, if a change names something that does not exist or
    does not fit; Refusal, if the text cannot be parsed or has several lines.
    """
    for edit in edits:
        text = _edited(workspace, text, edit)
    return text


def _edited(workspace: Workspace, text: str, edit: Edit) -> str:
    line = EditedLine.of(workspace, text)
    _check_line(line)
    match edit:
        case LinkInput():
            _link(line, edit)
        case UnlinkInput():
            _unlink(line, edit)
        case NameStage():
            _name(line, edit)
        case AddStage():
            _add(line, edit)
        case RemoveStage():
            _remove(line, edit)
        case MoveStage():
            _move(line, edit)
    _name_results(line)
    _refuse_new_errors(line)
    return line.text


def _name_results(line: EditedLine) -> None:
    """Name the stages whose results nothing uses any longer, which a line with several results requires."""
    for key in list(line.keys):
        stage = line.stage(key) if line.stages else None
        spans = [error.span for error in line.analysis.errors if error.code == "unused_result"]
        if stage is not None and any(stage.span.start <= each.start < stage.span.end for each in spans):
            line.set_name(key, line.free_name(key))


def _refuse_new_errors(line: EditedLine) -> None:
    """Refuse a change that makes the line wrong, not just unfinished. Raises: Refused."""
    for error in line.analysis.errors:
        if error.code not in ACCEPTED and (error.code, error.message) not in line.errors:
            raise Refused(error.message, error.hint, error.code)


def _check_line(line: EditedLine) -> None:
    """Refuse a text that is not one line whose stages are known. Raises: Refusal."""
    source = Source(None, line.text)
    statements = list(split_script(source))
    if len(statements) > 1:
        span = statements[1].span
        raise Refusal([LanguageError("several_lines", "only one line can be changed at a time", span)], source)
    if len(line.stages) > MAX_STAGES:
        message = f"the line has {len(line.stages)} stages; at most {MAX_STAGES} can be changed here"
        raise Inexpressible(message, "change its text")
    if any(error.code in UNREADABLE for error in line.analysis.errors):
        raise Refusal(line.analysis.errors, source)


def _field(line: EditedLine, key: Key, name: str) -> FieldSpec:
    draft = line.draft(key)
    if draft is None:
        raise Refused(f"stage {key} has an unknown command", None, "unknown_command")
    field = draft.spec.input(name)
    if field is None:
        names = [each.name for each in draft.spec.inputs]
        raise Refused(f"`{draft.spec.type}` has no input `{name}`", did_you_mean(name, names), "unknown_option")
    return field


def _link(line: EditedLine, edit: LinkInput) -> None:
    field, source = _field(line, edit.stage, edit.input), line.outputs(edit.source)
    if source is None:
        line.index(edit.source)
        raise Refused(f"stage {edit.source} has an unknown command", None, "unknown_command")
    if edit.source in line.keys and line.index(edit.source) >= line.index(edit.stage):
        message = f"stage {edit.stage} cannot use a result of stage {edit.source}, which is not before it"
        raise Inexpressible(message, "move one of the stages")
    output = edit.output or (source.main.name if source.main is not None else "")
    if source.offer(output) is None:
        names = [offer.name for offer in source.offers]
        message = f"`{source.command}` has no output `{output}`" if output else f"`{source.command}` has no output"
        raise Refused(message, did_you_mean(output, names), "unknown_output" if output else "no_output")
    wanted: Links = {**line.links, (edit.stage, field.name): ((edit.source, output),)}
    line.erase((edit.stage, field.name))
    _settle(line, wanted)


def _unlink(line: EditedLine, edit: UnlinkInput) -> None:
    field = _field(line, edit.stage, edit.input)
    wanted = line.links
    if wanted.pop((edit.stage, field.name), None) is None:
        raise Refused(f"nothing is linked to `{field.name}` of stage {edit.stage}", None, "not_linked")
    line.erase((edit.stage, field.name))
    _settle(line, wanted)


def _name(line: EditedLine, edit: NameStage) -> None:
    if edit.name and not is_name(edit.name):
        message = f"`{edit.name}` is not a valid name"
        raise Refused(message, "a name begins with a letter and contains letters, digits, `-` and `_`", "bad_name")
    wanted, old = line.links, line.name_of(edit.stage)
    line.index(edit.stage)
    taken = [key for key in line.keys if key != edit.stage and line.name_of(key) == edit.name]
    if edit.name and taken:
        raise Refused(f"stage {taken[0]} is named `{edit.name}` already", "choose another name", "duplicate_name")
    uses = line.references(old) if old is not None else []
    if uses and not edit.name:
        raise Inexpressible(f"a later stage refers to `@{old}`", "remove the link first")
    for span in reversed(uses):
        line.replace(span.start, span.end, edit.name)
    line.set_name(edit.stage, edit.name)
    _settle(line, wanted)


def _add(line: EditedLine, edit: AddStage) -> None:
    spec = line.workspace.catalog.get(edit.command)
    if spec is None:
        hint = did_you_mean(edit.command, line.workspace.catalog)
        raise Refused(f"there is no command `{edit.command}`", hint, "unknown_command")
    place = line.index(edit.after) + 1 if edit.after else 0
    wanted, free = line.links, _piped_at(line, place)
    _insert_stage(line, place, NEW, _words(spec, edit))
    _settle(line, wanted, free | _new_links(line, wanted, NEW))


def _remove(line: EditedLine, edit: RemoveStage) -> None:
    place, key = line.index(edit.stage), edit.stage
    ends = line.links
    uses = {each for each, found in ends.items() if any(source == key for source, _ in found)}
    line.erase(*uses)
    _cut_stage(line, place)
    _settle(line, {each: found for each, found in ends.items() if each[0] != key}, uses)


def _move(line: EditedLine, edit: MoveStage) -> None:
    place, key = line.index(edit.stage), edit.stage
    if edit.after == key:
        raise Refused(f"stage {key} cannot be moved after itself", None, "bad_value")
    line.index(edit.after) if edit.after else None
    span = line.stage(key).span
    words, wanted = line.text[span.start : span.end], line.links
    free = _piped_at(line, place) | _piped_at(line, place + 1)
    _cut_stage(line, place)
    target = line.keys.index(edit.after) + 1 if edit.after else 0
    free |= _piped_at(line, target)
    _insert_stage(line, target, key, words)
    free |= {each for each in line.piped if each[0] == key}
    _settle(line, wanted, free | _new_links(line, wanted, key))


def _new_links(line: EditedLine, wanted: Links, key: Key) -> Inputs:
    """Return the inputs that were not linked before and that now take, or are those of, a stage."""
    found = line.links.items()
    return {each for each, ends in found if each not in wanted and (each[0] == key or key in dict(ends))}


def _piped_at(line: EditedLine, place: int) -> Inputs:
    """Return the inputs of a stage that the stage before it feeds through the `|`."""
    key = line.keys[place] if place < len(line.keys) else None
    return {each for each in line.piped if each[0] == key}


def _words(spec: InvocationSpec, edit: AddStage) -> str:
    """Return a stage with the given inputs, the first ones without their options. Raises: Refused."""
    names = [each.name for each in spec.inputs]
    for name in edit.inputs:
        if name not in names:
            raise Refused(f"`{edit.command}` has no input `{name}`", did_you_mean(name, names), "unknown_option")
    alone = list(takewhile(lambda field: field.name in edit.inputs, positional(spec)))
    words = [print_value(as_word(edit.inputs[field.name])) for field in alone]
    others = [each for each in spec.inputs if each.name in edit.inputs and each not in alone]
    words += [option_words(each, edit.inputs[each.name]) for each in others]
    return " ".join([edit.command, *words])


def _insert_stage(line: EditedLine, place: int, key: Key, words: str) -> None:
    if not line.stages:
        line.keys = [key]
        line.replace(0, len(line.text), words)
        return
    at = line.stages[place - 1].span.end if place else line.stages[0].span.start
    line.keys.insert(place, key)
    line.replace(at, at, f" | {words}" if place else f"{words} | ")


def _cut_stage(line: EditedLine, place: int) -> None:
    """Remove a stage and the `|` before it or, for the first one, after it."""
    stages = line.stages
    start = stages[place - 1].span.end if place else stages[0].span.start
    end = stages[place].span.end if place or len(stages) == 1 else stages[1].span.start
    del line.keys[place]
    line.replace(start, end, "")


def _settle(line: EditedLine, wanted: Links, free: Collection[tuple[Key, str]] = ()) -> None:
    """Write links until each is the wanted one; links to `free` inputs may be any. Raises: Inexpressible."""
    tried: set[tuple[Key, str]] = set()
    while True:
        found = line.links
        wrong = [each for each in {**wanted, **found} if each not in free and wanted.get(each) != found.get(each)]
        if not wrong:
            return
        key, name = wrong[0]
        if (key, name) in tried or key not in line.keys:
            _refuse_new_errors(line)
            raise Inexpressible(f"no words of the line link `{name}` of stage {key} in this way")
        tried.add((key, name))
        ends = wanted.get((key, name), ())
        if ends:
            _write_links(line, key, name, ends)
        else:
            line.insert(key, "--no-link")
            for (stage, other), others in wanted.items():
                if stage == key and not line.written(key, other):
                    _write_links(line, stage, other, others)


def _write_links(line: EditedLine, key: Key, name: str, ends: tuple[End, ...]) -> None:
    """Link outputs of earlier stages to an input with words; a stage without a name is named.

    Raises: Inexpressible.
    """
    field = _field(line, key, name)
    line.erase((key, name))
    for source, output in ends:
        if source in line.keys and line.index(source) >= line.index(key):
            raise Inexpressible(f"stage {key} would use a result of stage {source}, which comes after it")
        if source in line.keys and line.name_of(source) is None:
            line.set_name(source, line.free_name(source))
        outputs = line.outputs(source)
        is_main = outputs is not None and outputs.main is not None and outputs.main.name == output
        word = line.name_of(source) or source
        line.insert(key, reference_words(field, f"@{word}" if is_main else f"@{word}.{output}"))
