"""`help [WORD]`: a command, a directive, a topic, or the main help page."""

from __future__ import annotations

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.help.wrap import columns, wrap
from invokeai_cli.options import GLOBAL_OPTIONS
from invokeai_cli.render.answer import Answer
from invokeai_cli.shell import Shell
from workflows.manual.topics import TOPICS
from workflows.problems import UsageError

from .call import Call
from .directive import Directive
from .table import DIRECTIVES, find_directive

EXAMPLES = (
    ("t2i a red house in the snow", "a picture; prints its path"),
    ("'t2i a red house | upscale 2 | save big.png'", "bars, in quotes"),
    ("load big.png \\| blur 4 \\| save -", "or escaped"),
    ("run poster.inv --set seed=7", "run a script"),
    ("explain 't2i a red house | blur 2'", "what a line would do"),
)
USUAL, NARROWEST = 80, 40  # columns
PURPOSE = "Image generation in a terminal: each command is a node, `a | b | c` is a graph."
USAGE = """\
usage: invokeai [OPTIONS] COMMAND [WORDS] [\\| COMMAND ...]
       invokeai 'LINE'
       invokeai -    (lines from standard input)"""
COMMON = ("t2i", "i2i", "inpaint", "upscale", "load", "save", "show", "resize", "blur", "grid")


def run(call: Call) -> Answer:
    """Explain one word, or show the main help page."""
    if not call.values:
        return Answer("help/1", {"text": main_help(call.shell)}, text=main_help(call.shell))
    word, shell = call.values[0], call.shell
    if directive := find_directive(word):
        text = directive_help(directive, width=shell.screen.out_width or USUAL, color=shell.screen.out_color)
    elif word in TOPICS:
        text = TOPICS[word][1](shell)
    elif spec := shell.catalog.get(word):
        from invokeai_cli.help.page import help_text

        text = help_text(spec, shell.catalog, width=shell.screen.out_width or 80, color=shell.screen.out_color)
    else:
        known = [*shell.catalog, *DIRECTIVES, *TOPICS]
        hint = did_you_mean(
            word, known, "`nodes` lists the commands, `help topics` what else there is help on", prefix="help "
        )
        raise UsageError(f"there is no help on `{word}`", hint)
    return Answer("help/1", {"word": word, "text": text}, text=text)


def directive_help(row: Directive, *, width: int = USUAL, color: bool = False) -> str:
    """Return the help page of a directive: usage, purpose, arguments, options, subcommands, examples."""
    width = max(width, NARROWEST)
    purpose = f"{row.summary[0].upper()}{row.summary[1:]}."
    sections = {
        "Subcommands": [(each.usage.partition(" ")[2], each.summary) for each in row.subcommands],
        "Arguments": [(each.name, each.help) for each in row.arguments],
        "Options": [(each.usage, each.help) for part in (row, *row.subcommands) for each in part.options],
    }
    parts = ["\n".join(wrap(f"usage: {row.usage}", width, later=" " * 7)), "\n".join(wrap(purpose, width))]
    parts += [_section(title, columns(rows, width), color) for title, rows in sections.items() if rows]
    if row.examples:
        parts.append(_section("Examples", [f"  {example}" for example in row.examples], color))
    return "\n\n".join(parts)


def main_help(shell: Shell) -> str:
    """Return the main help page: purpose, examples, commands, directives, options, topics."""
    width = max(shell.screen.out_width or USUAL, NARROWEST)
    commands = [(word, spec.summary) for word in COMMON if (spec := shell.catalog.get(word))]
    options = [(", ".join(reversed(o.names)) + (f" {o.value}" if o.value else ""), o.help) for o in GLOBAL_OPTIONS]
    sections = {
        "Common commands (`invokeai nodes` lists all)": commands,
        "Shell directives": [(word, entry.summary) for word, entry in DIRECTIVES.items()],
        "Options": options,
        "Topics (`invokeai help TOPIC`)": [(name, text) for name, (text, _) in TOPICS.items()],
    }
    shown = [_section(title, columns(rows, width), shell.screen.out_color) for title, rows in sections.items()]
    examples = _section(
        "Examples", [f"  invokeai {line:<41}  {text}" for line, text in EXAMPLES], shell.screen.out_color
    )
    return "\n\n".join(["\n".join(wrap(PURPOSE, width)), USAGE, examples, *shown])


def _section(title: str, lines: list[str], color: bool) -> str:
    return "\n".join([f"\x1b[1m{title}:\x1b[0m" if color else f"{title}:", *lines])
