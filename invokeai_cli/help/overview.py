"""What `invokeai --help` shows: purpose, examples, common commands, directives, options, topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from invocations.spec import InvocationSpec
from invokeai_cli.directives.table import DIRECTIVES
from invokeai_cli.options import GLOBAL_OPTIONS
from workflows.manual.categories import FEATURED
from workflows.manual.page import Literal, Page, Paragraph, Rows, Usage
from workflows.manual.topics import TOPICS

EXAMPLES: Final = (
    ("t2i a red house in the snow", "generate an image"),
    ("'t2i a red house | upscale 2 | save a.png'", "quote the line ..."),
    ("load big.png \\| blur 4 \\| save -", "... or escape |"),
    ("run poster.inv --set seed=7", "run a script"),
    ("explain 't2i a red house | blur 2'", "show what a line would do"),
)
PURPOSE: Final = "Image generation in a terminal: each command is a node, `a | b | c` is a graph."
SHORT_COMMANDS: Final = 5  # number of featured commands on the short page, so that it fits 80 x 24 characters
MORE: Final = """\
`invokeai help COMMAND` explains a command, `invokeai help topics` lists topics,
`invokeai --help --all` also lists all directives, options and topics."""
FORMS: Final = (
    "invokeai [OPTIONS] COMMAND [WORDS] [\\| COMMAND ...]",
    "invokeai 'LINE'",
    "invokeai - (lines from standard input)",
)


def overview(catalog: Mapping[str, InvocationSpec], *, whole: bool = True) -> Page:
    """Return the main help page; `whole` adds all directives, options and topics, too many for a small screen."""
    featured = FEATURED if whole else FEATURED[:SHORT_COMMANDS]
    commands = tuple((word, spec.summary) for word in featured if (spec := catalog.get(word)))
    options = tuple((", ".join(reversed(o.names)) + (f" {o.value}" if o.value else ""), o.help) for o in GLOBAL_OPTIONS)
    start = (
        Paragraph(PURPOSE),
        Usage(FORMS),
        Literal("\n".join(f"  invokeai {line:<42}  {text}" for line, text in EXAMPLES), "Examples"),
        Rows(commands, "Common commands (`invokeai nodes` lists all)", brief=not whole),
    )
    if not whole:
        return (*start, Literal(MORE))
    return (
        *start,
        Rows(tuple((word, each.summary) for word, each in DIRECTIVES.items()), "Directives"),
        Rows(options, "Options"),
        Rows(tuple((topic.name, topic.summary) for topic in TOPICS.values()), "Topics (`invokeai help TOPIC`)"),
    )
