"""`help [WORD]`: a command, a directive, a topic, or the way around."""

from __future__ import annotations

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.help.wrap import columns, wrap
from invokeai_cli.options import GLOBAL_OPTIONS
from invokeai_cli.render.answer import Answer
from invokeai_cli.shell import Shell
from workflows.manual.topics import TOPICS
from workflows.problems import UsageError

from . import DIRECTIVES
from .call import Call

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
    """Explain one word, or how to begin."""
    asked = call.expect(0, 1)
    if not asked:
        return Answer("help/1", {"text": main_help(call.shell)}, text=main_help(call.shell))
    word, shell = asked[0], call.shell
    if word in DIRECTIVES:
        text = directive_help(word)
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


def directive_help(word: str) -> str:
    """Return the help of a directive: its usage, what it does."""
    entry = DIRECTIVES[word]
    return f"usage: {entry.usage}\n\n{entry.summary[0].upper()}{entry.summary[1:]}."


def main_help(shell: Shell) -> str:
    """Return the way around: purpose, examples, commands, directives, options, topics."""
    width = max(shell.screen.out_width or USUAL, NARROWEST)
    commands = [(word, spec.summary) for word in COMMON if (spec := shell.catalog.get(word))]
    options = [(", ".join(reversed(o.names)) + (f" {o.value}" if o.value else ""), o.help) for o in GLOBAL_OPTIONS]
    sections = {
        "Common commands (`invokeai nodes` lists all)": commands,
        "Words for the shell itself": [(word, entry.summary) for word, entry in DIRECTIVES.items()],
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
