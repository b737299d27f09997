"""What the routes about lines receive and answer. Places are counted in characters (Unicode code points)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_LINE: Final = 100_000  # characters
MOST_LINES: Final = 200
LONGEST_RECORD: Final = 1_000_000  # characters
MAX_EDITS: Final = 100
Span = Annotated[list[int], Field(min_length=2, max_length=2, description="start and end, in characters")]


def _few_lines(text: str) -> str:
    lines = text.count("\n") + 1
    if lines > MOST_LINES:
        raise ValueError(f"it has {lines:,} lines; it can have at most {MOST_LINES}")
    return text


Text = Annotated[str, Field(max_length=LONGEST_LINE, description="the line"), AfterValidator(_few_lines)]
SessionId = Annotated[str, Field(default="", max_length=64, description="session whose results the line can use")]
Stage = Annotated[int, Field(ge=0, le=999_999_999, description="number of a stage, as in the plan")]


class LineText(BaseModel):
    """A line, and the session that it would be added to."""

    text: Text
    session: SessionId = ""


class TypedLine(LineText):
    """A line that is being typed."""

    cursor: int | None = Field(
        default=None, ge=0, description="where the user types; errors that more typing there may fix are `pending`"
    )


class TypedWord(LineText):
    """A line in which the word at the cursor is to be completed."""

    cursor: int = Field(ge=0, description="where the word ends, in characters")


class LinePiece(BaseModel):
    """A word or a mark of a line."""

    kind: str = Field(description="command, word, number, quoted, option, reference, bar, comment, ...")
    span: Span


class LineFault(BaseModel):
    """An error in a line, as the terminal reports it."""

    code: str
    message: str
    span: Span
    hint: str | None = Field(description="what to do next")
    notes: list[str]
    pending: bool = Field(description="whether more typing may fix the error")


class LineEnd(BaseModel):
    """An output of a stage."""

    stage: int
    output: str


class FormInput(BaseModel):
    """An input of a stage. To change it, replace `span`, remove `arguments`, or insert an option at `insert`."""

    name: str
    value: Any = Field(description="the value, or None if it is linked, drawn or not known yet")
    origin: str = Field(
        description="typed, linked, default, model, drawn, set (the user's default), derived (from an image) or missing"
    )
    span: Span | None = Field(description="where the value is written")
    text: str | None = Field(default=None, description="the value as it is written")
    arguments: list[Span] = Field(default=[], description="where the value is written together with its option")
    links: list[LineEnd] = Field(default=[], description="the results that are linked to the input")
    reason: str | None = Field(default=None, description="why they are linked: written, piped, named, typed, ...")
    refused: bool = Field(default=False, description="whether the input refuses the written value")
    model: str | None = Field(default=None, description="the model that the user's default is for")


class StageForm(BaseModel):
    """A stage of a line as a form."""

    stage: int = Field(description="number of the stage")
    command: str
    name: str | None
    span: Span
    insert: int = Field(description="where ` --option value` can be inserted")
    known: bool = Field(description="whether there is such a command")
    links: bool = Field(description="whether links are made that are not written")
    inputs: list[FormInput]


class CheckedText(BaseModel):
    """A line as far as it can be understood."""

    tokens: list[LinePiece] = Field(description="the words of the text, in order")
    errors: list[LineFault]
    unfinished: bool = Field(description="whether the text may continue on the next line")
    plan: dict[str, Any] | None = Field(description="`plan/1` with places; None if the line has errors")
    forms: list[StageForm]
    notes: list[str]


class ChoiceLink(LineEnd):
    """A link that a command would make."""

    input: str


class LineChoice(BaseModel):
    """What the word at the cursor may become; `text` replaces the text at `span`."""

    text: str
    span: Span
    label: str = Field(description="the choice as a menu shows it")
    about: str
    kind: str = Field(description="command, option, input, choice, model, scheduler, file, reference, ...")
    type: str | None = Field(description="type of the input that an option sets")
    limits: str | None = Field(description="range of the input that an option sets")
    default: str | None = Field(description="default of the input that an option sets")
    links: list[ChoiceLink] = Field(description="the links that a command would make")


class LineChoices(BaseModel):
    """The choices at the cursor, best first."""

    choices: list[LineChoice]


class NodeForecast(BaseModel):
    """Whether the result of a node is cached."""

    node: str
    type: str
    reused: bool
    why: str


class ExplainedLine(BaseModel):
    """Everything that is known about a line before it runs."""

    explanation: dict[str, Any] = Field(description="`plan/1`, as `explain --json` prints it")
    forecast: list[NodeForecast] = Field(description="which results are cached, and why others are not")
    warnings: list[str]


class _StageChange(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LinkChange(_StageChange):
    """Link an output of an earlier stage to an input."""

    do: Literal["link"]
    stage: Stage
    input: str
    source: Stage
    output: str = Field(default="", description="default: the main output of the stage")


class UnlinkChange(_StageChange):
    """Remove the link to an input."""

    do: Literal["unlink"]
    stage: Stage
    input: str


class NameChange(_StageChange):
    """Name a stage, or remove its name with an empty one."""

    do: Literal["name"]
    stage: Stage
    name: str = Field(max_length=200)


class AddChange(_StageChange):
    """Add a stage after another one, or as the first one if `after` is 0."""

    do: Literal["add"]
    command: str = Field(max_length=200)
    after: Stage = 0
    inputs: dict[str, str] = Field(default={}, max_length=100, description="values of inputs, as typed")


class RemoveChange(_StageChange):
    """Remove a stage."""

    do: Literal["remove"]
    stage: Stage


class MoveChange(_StageChange):
    """Move a stage after another one, or to the start if `after` is 0."""

    do: Literal["move"]
    stage: Stage
    after: Stage = 0


Change = Annotated[
    LinkChange | UnlinkChange | NameChange | AddChange | RemoveChange | MoveChange, Field(discriminator="do")
]


class LineChanges(LineText):
    """A line and changes of its stages, which are made one after the other."""

    edits: list[Change] = Field(max_length=MAX_EDITS)


class ChangedLine(BaseModel):
    """The text of a line."""

    text: str


class ForeignRecord(BaseModel):
    """What another tool has recorded about an image: its settings as text or JSON, or its graph."""

    text: str = Field(max_length=LONGEST_RECORD)


class ImportedRecord(BaseModel):
    """The line that stands for the record of another tool."""

    line: str
    tool: str = Field(description="the program that made the record")
    notes: list[str] = Field(description="what differs, and what was left out")
