"""The page for AI agents that use the program from a shell: one page with all they need, made from the metadata.

It states how lines, output and errors work, and lists every command and directive. A test runs all of its examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from invocations.frozen import frozen
from invocations.spec import FieldSpec, InvocationSpec, OutputSpec
from workflows.values.constraints import type_text
from workflows.values.positions import positional

from .command import describe, option_usage
from .page import Literal, Page, Paragraph, Rows
from .search import by_category

MAX_CHARS: Final = 12_000  # maximum length of the page
BUILT_IN: Final = "built in"  # the origin of our own commands
FIRST_SIGNAL: Final = 128  # exit statuses from here on stand for signals
INTRODUCTION: Final = """\
invokeai generates and edits images from the command line. A line is a pipeline of commands: each
command is a node of a graph, and each `|` links the result on its left to the command on its right.
Run one line per call, as one word in single quotes, followed by the options of the program:
  invokeai 't2i a red house --seed 7 | upscale 2 | save house.png' --json
Inside the line, write a single quote as '\\'' and quote values that contain `|` or `*` with ".."."""
RULES: Final = """\
- Words that are not options fill the inputs of a command in order; a prompt takes all words up to the
  next option. After a `|`, words skip the input that receives the piped result.
- `as NAME` names a result; `@NAME`, or `@2` (the number of the stage), uses it as an input.
- Several values make a loop: `--seed 1..4`, `--steps 10,20`, `load "in/*.png"`. `grid` or `collect`
  ends it.
- `load FILE` reads an image. `save FILE` never replaces a file unless --overwrite is given. An image
  that no `save` or other command uses is saved under a name of its own, which is printed.
- The program asks no questions if standard input is not a terminal, and downloads nothing.
- The same line with the same seed produces the same image, and results are cached: to change only
  the last stage, repeat the line with the same seed. Without --seed, the seed is random; `lines[].seeds`
  of the JSON output contains it.
- Leave out --steps, --guidance, --scheduler and the size to use what suits the model. `models --json`
  lists the models; `help default-model` says what the included model can draw.
- `explain 'LINE' --json` checks a line without running it: graph, values, estimated time, errors."""
OUTPUT: Final = """\
- Standard output contains only results: one path for each image, or one value per line. Progress,
  notes and errors go to standard error.
- With --json, standard output is one document: status, results[] (type, value, paths), lines[]
  (seeds), errors[], warnings[], notes[]. With --events, it is one JSON object per line as things happen.
- An error is {code, message, hint, span}: `span` is the place in the line, `hint` what to do instead.
  A line with errors does not run at all, and all of its errors are reported at once."""
MORE: Final = """\
`invokeai help COMMAND --all` explains a command. `invokeai nodes WORD --json` searches the commands:
every input with its type, range, default, and the defaults of each model family. `invokeai help topics`
lists topics such as language, linking, sweeps, scripts, failures, images and output."""
SHOWN_OPTIONS: Final = ("--json", "--events", "--set", "--output", "--overwrite", "--no-cache")
MAIN: Final = "t2i"  # the command whose options the page lists
DIRECTIVES: Final = (
    "help",
    "nodes",
    "explain",
    "run",
    "models",
    "recipe",
    "sessions",
    "history",
    "retry",
    "line",
    "replay",
)
USUAL: Final = "image -> image"
SHORT_TYPES: Final = {"list of anything": "list", "int or float": "number", "list of list of anything": "list of lists"}
MAX_SUMMARY: Final = 70  # length in characters from which a summary is cut after a clause
MAX_FOREIGN_CHARS: Final = 300  # room for the names of commands that are not built in


@frozen
class AgentExample:
    """A command as it is typed in a shell, and its purpose."""

    purpose: str
    command: str


EXAMPLES: Final = (
    AgentExample("Generate an image and name its file", "invokeai 't2i a red house --seed 7 | save house.png' --json"),
    AgentExample(
        "See the graph, the values and the expected time first", "invokeai explain 't2i a red house | blur 2' --json"
    ),
    AgentExample(
        "Change an image", "invokeai 'load house.png | resize 64 64 | brightness 1.2 | save light.png' --json"
    ),
    AgentExample(
        "Redraw an image with a prompt", "invokeai 'i2i house.png a blue house --strength 0.6 | save blue.png' --json"
    ),
    AgentExample(
        "Use two results in one stage",
        "invokeai 'load house.png as a | blur 4 | blend @a | save soft.png' --json",
    ),
    AgentExample("Compare seeds on one sheet", "invokeai 't2i a blue boat --seed 1..3 | grid | save sheet.png' --json"),
    AgentExample("Process all files of a folder", 'invokeai \'load "*.png" | invert | save "out/{stem}.png"\' --json'),
    AgentExample("Find out how an image was made", "invokeai line house.png --json"),
    AgentExample("Make it again with a change", "invokeai replay house.png --set seed=8 --json"),
    AgentExample("Compute with numbers", "invokeai 'add 1 2 | mul 5'"),
    AgentExample("Search the commands", "invokeai nodes mask --json"),
    AgentExample("List what ran before, and what failed", "invokeai history --failed --json"),
)


def agent_page(
    catalog: Mapping[str, InvocationSpec],
    directives: Mapping[str, str],
    options: Mapping[str, str],
    exit_statuses: Mapping[int, str],
) -> Page:
    """Return the page for agents.

    directives: each directive with its summary. options: the global options, each with its help.
    """
    inputs = [(option_usage(field), describe(field)) for field in catalog[MAIN].inputs if field.common]
    statuses = [f"{number} {text}" for number, text in exit_statuses.items() if number < FIRST_SIGNAL]
    return (
        Literal(INTRODUCTION),
        Literal(RULES, "How a line is written"),
        Literal(OUTPUT, "Output and errors"),
        Paragraph("; ".join(statuses), "Exit status"),
        Literal("\n".join(f"  {each.command}\n    {each.purpose}" for each in EXAMPLES), "Examples"),
        Rows(tuple(inputs), f"Options of {MAIN}"),
        Rows(tuple((name, options[name]) for name in SHOWN_OPTIONS if name in options), "Options of the program"),
        Literal("\n".join(command_lines(catalog)), f"Commands (piped input -> result, if not {USUAL})"),
        Rows(tuple((name, directives[name]) for name in DIRECTIVES if name in directives), "Directives"),
        Literal(MORE),
    )


def command_lines(catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    """Yield the commands by category, a line for each: positional inputs, types that differ from the usual, summary."""
    built_in = [spec for spec in catalog.values() if spec.origin == BUILT_IN]
    for category, specs in by_category(built_in).items():
        yield f"{category}:"
        yield from (f"  {_signature(spec)}: {_summary(spec)}" for spec in specs)
    foreign = sorted(name for name, spec in catalog.items() if spec.origin != BUILT_IN)
    if foreign:
        names = ", ".join(foreign)
        more = f"{names[:MAX_FOREIGN_CHARS].rpartition(', ')[0]} ..." if len(names) > MAX_FOREIGN_CHARS else names
        yield f"your own and plug-ins (`help COMMAND` explains them):\n  {more}"


def _signature(spec: InvocationSpec) -> str:
    into, out = spec.primary_input, spec.primary_output
    places = [field for field in positional(spec) if not field.primary]
    words = [field.name.upper() if field.required else f"[{field.name.upper()}]" for field in places]
    flow = f"{_type(into)} -> {_type(out)}".lstrip()
    return " ".join([spec.type, *words, *([f"({flow})"] if flow != USUAL else [])])


def _type(field: FieldSpec | OutputSpec | None) -> str:
    text = type_text(field.type) if field is not None else ""
    return SHORT_TYPES.get(text, text)


def _summary(spec: InvocationSpec) -> str:
    """Return the summary without the title that may precede it; if it is long, without its last clauses."""
    text = spec.summary.removeprefix(f"{spec.title}: ").removesuffix(".").partition("; ")[0]
    while len(text) > MAX_SUMMARY and (end := max(text.rfind(", "), text.rfind(": "))) > 0:
        text = text[:end]
    return text[:1].upper() + text[1:]
