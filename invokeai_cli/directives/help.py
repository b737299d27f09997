"""`help [WORD]`: a command, a directive, a topic, or the way around."""

from __future__ import annotations

from invokeai_cli.errors import UsageError, suggest
from invokeai_cli.options import GLOBAL_OPTIONS
from invokeai_cli.render.answer import Answer
from invokeai_cli.shell import Shell

from . import DIRECTIVES
from .call import Call
from .topics import TOPICS

EXAMPLES = (
    ("t2i a red fox in the snow", "draw a picture; prints its path"),
    ("'t2i a red fox | upscale 2 | save fox.png'", "a line with bars, in quotes"),
    ("load fox.png \\| blur 4 \\| save -", "or with the bars escaped"),
    ("run poster.inv --set seed=7", "run a script"),
    ("explain 't2i a red fox | blur 2'", "what a line would do"),
)
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
        text = TOPICS[word][1]()
    elif spec := shell.catalog.get(word):
        from invokeai_cli.commands.help import help_text

        text = help_text(spec, shell.catalog, width=shell.screen.out_width or 80, color=shell.screen.out_color)
    else:
        known = [*shell.catalog, *DIRECTIVES, *TOPICS]
        hint = suggest(word, known, "`nodes` lists the commands", prefix="help ")
        raise UsageError(f"there is no help on `{word}`", hint)
    return Answer("help/1", {"word": word, "text": text}, text=text)


def directive_help(word: str) -> str:
    """Return the help of a directive: its usage, what it does."""
    entry = DIRECTIVES[word]
    return f"usage: {entry.usage}\n\n{entry.summary[0].upper()}{entry.summary[1:]}."


def main_help(shell: Shell) -> str:
    """Return the way around: purpose, examples, commands, directives, options, topics."""
    commands = [(word, spec.summary) for word in COMMON if (spec := shell.catalog.get(word))]
    parts = [
        "Image generation in a terminal: each command is a node, `a | b | c` is a graph.",
        USAGE,
        _section("Examples", [(f"invokeai {line}", text) for line, text in EXAMPLES]),
        _section("Common commands (`invokeai nodes` lists all)", commands),
        _section("Words for the shell itself", [(word, entry.summary) for word, entry in DIRECTIVES.items()]),
        _section("Options", [(_option(option.names, option.value), option.help) for option in GLOBAL_OPTIONS]),
        _section("Topics (`invokeai help TOPIC`)", [(name, text) for name, (text, _) in TOPICS.items()]),
    ]
    return "\n\n".join(parts)


def _option(names: tuple[str, ...], value: str) -> str:
    return ", ".join(reversed(names)) + (f" {value}" if value else "")


def _section(title: str, rows: list[tuple[str, str]]) -> str:
    width = max((len(left) for left, _ in rows), default=0)
    return "\n".join([f"{title}:", *(f"  {left:<{width}}  {right}".rstrip() for left, right in rows)])
