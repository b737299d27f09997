"""Help on what is no command: one text for each topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from invokeai_cli import exit_status
from invokeai_cli.help.wrap import columns, wrap
from workflows.settings.folders import HOME
from workflows.settings.table import SETTINGS

from .topic import PAST
from .topic_keys import KEYS

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

USUAL = 80  # columns
SCHEDULERS = (
    "A scheduler settles how noise becomes a picture, step by step: `t2i a house --scheduler euler`; left out, the one"
    " that suits the model. Those that end in _k space the levels of noise as Karras and others do."
)
LANGUAGE = """\
A line is one or more commands with bars between them: each command is a node,
each bar a link.

  t2i a red house in the snow --steps 20 | upscale 2 | save house.png

Bare words fill a command's inputs in order; a prompt takes all of them up to
the next option. Where something is piped in, bare words skip the input it
enters: `add 1 2 | mul 5` is 15.

Quotes keep blanks and bars in a value: 'a | b', "say \\"hi\\"". Inside a word a
quote is a letter: in `a cat's tail` nothing needs one.

`as NAME` names a result; `@NAME`, `@3`, `@-1` and `@NAME.output` stand for one:

  t2i a red house as sharp | blur 4 | blend @sharp

A line that begins with `|` goes on from the last one. `#` begins a comment.
In a shell, put the line in quotes or write `\\|` for a bar."""

LINKING = """\
Every input of a node is filled by the first of these that has something for it:

  written   a value or a reference (`@house`) in the line
  piped     what the stage before gives, where the main input can take it
  named     an output of the same name earlier in the line, the nearest first
  typed     the nearest stage with exactly one output of that type; only for
            pictures, latents, models and the like, only where it is required
  set       a default of your own (`set steps 20`)
  default   the input's own default

An input that is required and still open is an error, and so are two stages
that are equally near: then write `--input @stage.output`. `explain LINE` shows
each link and its reason. Nothing is linked across lines unless a line begins
with `|` or names a result with `@`."""

PROMPTS = """\
A prompt is free text: all bare words up to the next option. Put it in quotes
if it holds a bar or a word of it begins with two dashes.

  t2i a red house in the snow --negative tree
  t2i 'a cat | a fish' --seed 7

Words can be weighted: `(word)1.3`, `(two words)0.8`, `word++` (1.1 x 1.1),
`word-` (0.9). In a shell, parentheses need quotes. A prompt may be longer than
the 77 tokens that a text encoder reads at once."""

DEFAULT_MODEL = """\
A small model comes with the program, so that every line works at once, without
a download and without a graphics card. It draws simple pictures of what the
prompt names, at its own small size.

  t2i a red circle left of a blue square | save shapes.png
  t2i a yellow duck on the sea at sunset

It knows these words; others do no harm and mean nothing to it.
"""

OTHER_MODELS = """
Bring your own: any folder in the layout of diffusers, of the Stable Diffusion
1 or 2 kind, with its weights in safetensors.

  t2i a house by a lake --model /path/to/model

`--model-dir DIR` (or the setting models_dirs) names folders to look in;
`models` lists what is found there. `set model NAME` in a script holds for the
lines after it; with --save, from now on."""

SCRIPTS = """\
A script is a file of lines, `poster.inv`:

  let what = red boat
  set steps 20
  t2i a ${what} as boat        # a comment
  | upscale 2 | save boat.png

`let NAME = VALUE` gives a variable a value, and `${NAME}` stands for it in bare
words and in "..."; in '...' it is text. A bar or a quote in the value stays
text.

`invokeai run poster.inv` plans the whole script before anything runs, and tells
all its errors at once. It ends with a summary: lines done, failed, reused.

  --dry-run           only plan: errors, number of pictures, models needed
  --set NAME=VALUE    a variable of the script, stronger than its `let`; or else
                      the default of an input, stronger than its own `set`
  --from LINE         begin there; what earlier lines give is made where needed
  --keep-going        go on after a line that failed; the exit status is then 3
  --resume            go on with the script's last session, after Ctrl-C, a
                      crash or a full disk. What was done is given again, not
                      made again; in a changed script that holds line by line.
                      What failed is tried again; what has ended the program
                      twice is set aside
  --resume --only failed    run again only what failed, and what was set aside

`invokeai - < poster.inv` does the same. `generate.py | invokeai -` cannot be
planned as a whole: each line is planned and run as soon as it has come. `run
other.inv` in a script runs another one in the same session.

All lines of a script are one session: `@boat` and `@-1` reach earlier lines. A
line ends at the newline unless a quote is open or it ends in `\\` or `|`."""

FAILURES = """\
What fails takes nothing else with it: all that other nodes gave is kept, other
items of a loop go on, and only what needs the failed node is not run. Mend what
was wrong, then:

  retry            run again what failed in this session, and what waited for
                   it: nothing else, and with the seeds that were drawn
  retry SESSION    in another one; `sessions --failed` lists them

`invokeai retry` does so in a shell, with the latest session.

Where memory runs out, models that are loaded are let go and the node works once
more in smaller pieces: pictures in tiles, attention in slices. It takes longer
and gives nearly the same picture; a note tells it, the event is `node_retried`.
Only where that is too much as well the node fails, with exit status 5."""

REUSE = """\
What a node gave is kept by the content of its inputs, and given again wherever
the same is asked for: in another line, session or process.

  t2i a red boat --seed 7 --no-cache | scale 2    that stage is done again
  invokeai --no-cache 't2i a red boat | scale 2'  the whole line is
  cache why LINE    what would run again, and which input makes the difference
  cache             how much is kept; `cache clear` removes it

What was made in smaller pieces, because memory ran out, is not kept for reuse."""

PIPES = """\
In a shell, results go from process to process:

  invokeai t2i a red house | invokeai scale 2 | invokeai save house.png

Pictures, latents and the like are handed over by reference: a JSON line for
each result, as soon as it is there. No file is written until a `save` does, or
the end of the pipe. `jq -c`, `head` and other filters of lines fit in between.

  {"schema": "piped/1", "session": ..., "node": ..., "type": ..., "values": ...}

Plain values stay as they are: `invokeai add 1 2 | invokeai mul 4` is 12, and
each line that comes is one value: `ls *.png | invokeai blur 2`.

A line that misses an input goes on from what comes, once for each result; one
that begins with a list (`grid`, `collect`, `length`) takes all that comes. A
line that is whole leaves standard input alone; one that begins with a bar waits
for what comes in any case: `tee >(invokeai '| flip | save a.png')`.

Where a process fails, those after it end with its status and say nothing. In
$(invokeai ...), in programs that capture what is printed, and with `-q`, a
picture's path is printed instead."""

OUTPUT = """\
Standard output carries results only: a number, a text, a list (an item on each
line), the path of a picture. A picture that no `save` wrote is saved under a
name made from the template. All else goes to standard error.

  --json     one document: {"schema": "result/1", "results": [...], ...}
  --events   an object on each line as things happen, the result last
  -q         results only
  -v, -vv    more

Errors in JSON are {code, message, hint, span}. Pictures are shown on a terminal
that can show them (--preview)."""


PICTURES = """\
Every PNG of ours carries the line and the graph that made it, JPEG and WebP
the settings alone.

  line boat.png                   the line, its seeds and its model written out
  replay boat.png --set steps=40  show the plan, make it again otherwise
  replay boat.png --check         make it again and compare the pixels: exit
                                  status 1 where they differ

Read are also pictures of AUTOMATIC1111 (and of what writes its `parameters`),
InvokeAI 2 and later, and ComfyUI; what has no counterpart here is told line
by line.

A picture's line was written by whoever made the picture. `replay` shows it
first, leaves every `save` out and writes under a new name in the output
folder; it reads files only with --allow-files, and never uses the network."""


GRAPHS = """\
`graph` draws what a session is made of, or what a line would be; nothing runs.

  graph t2i a red house as house | scale 2 | blend --other @house

A box is a stage: its number, command and name, how it ended and how long that
took, and its links, `1.image -> image`: output 1.image enters the input image.
Stages that feed the same one share a line; a line that another goes down
through is broken there.

  graph                the session, or the latest one
  graph @house         what led to one stage
  graph 2026           another session, by the beginning of its name
  graph --all          a box for each node of a recipe
  graph --mermaid      text for Mermaid; --dot for Graphviz

The state is a colour, a sign and a word: done, reused (from an earlier run),
running (in another window), failed, skipped (not chosen by an `if`), not run.
In a loop it is told how often. Where a terminal has no such letters the
drawing is in ASCII."""


def topics(shell: Shell) -> str:
    """Return the topics there are."""
    return "\n".join(columns([(name, text) for name, (text, _) in TOPICS.items()], USUAL))


def schedulers(shell: Shell) -> str:
    """Return the schedulers by name, what each is, and how one is chosen."""
    rows = list(shell.workspace.lookup.generation.about_schedulers().items())
    return "\n".join([*wrap(SCHEDULERS, USUAL), "", *columns(rows, USUAL)])


def default_model(shell: Shell) -> str:
    """Return what the model that comes with the program draws, in its own words, and with which settings."""
    models = shell.workspace.lookup.models
    ref = models.find("default")
    suits = models.settings(ref)
    used = f"{suits.width}x{suits.height}, {suits.steps} steps, guidance {suits.guidance:g}, {suits.scheduler}"
    rows = [*models.world(ref).items(), ("if not said", used)]
    return "\n".join([DEFAULT_MODEL, *columns(rows, USUAL), OTHER_MODELS])


def exit_codes(_: Shell) -> str:
    """Return the numbers a run may end with."""
    return "\n".join(f"{number:>5}  {meaning}" for number, meaning in exit_status.MEANINGS.items())


def environment(_: Shell) -> str:
    """Return the variables that are read."""
    rows = [(HOME, "one folder for all of the program's own things")]
    rows += [(setting.variable, setting.description) for setting in SETTINGS]
    rows += [("NO_COLOR, FORCE_COLOR", "whether there is colour"), ("COLUMNS", "how wide tables and bars are")]
    return (
        "\n".join(columns(rows, USUAL))
        + "\n\nA flag is stronger than a variable, a variable than the `invokeai.toml` of the"
        + "\nproject, that than your own file (`config path`). `config show` tells where each"
        + "\nvalue is from."
    )


TOPICS: dict[str, tuple[str, Callable[[Shell], str]]] = {
    "language": ("how a line is written", lambda _: LANGUAGE),
    "linking": ("what fills an input that is not written", lambda _: LINKING),
    "prompts": ("how a prompt is written", lambda _: PROMPTS),
    "scripts": ("many lines in a file", lambda _: SCRIPTS),
    "past": ("what was run: listed, gone on with, saved as a script", lambda _: PAST),
    "failures": ("what is kept when something fails, and trying it again", lambda _: FAILURES),
    "reuse": ("results that are given again, not made again", lambda _: REUSE),
    "pipes": ("results from process to process", lambda _: PIPES),
    "pictures": ("a picture's own line: printed, run again, checked", lambda _: PICTURES),
    "graphs": ("how `graph` draws sessions and lines", lambda _: GRAPHS),
    "keys": ("what keys do at the prompt", lambda _: KEYS),
    "output": ("what is printed where, and as JSON", lambda _: OUTPUT),
    "schedulers": ("the schedulers by name, and what each is", schedulers),
    "exit-codes": ("the numbers a run may end with", exit_codes),
    "environment": ("the variables that are read", environment),
    "default-model": ("the model that comes with the program", default_model),
    "topics": ("these topics", topics),
}
