"""The table of directives: the only place that describes their names, arguments and options, and the reserved words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from workflows.reserved import ReservedWords

from .directive import ArgumentSpec, Directive, OptionSpec, chosen_row, rows
from .stored_rows import ENGINE_ROW, MODELS_ROW, SERVER_ROWS, SESSION, SESSION_ROWS

SHELLS: Final = ("bash", "zsh", "fish", "powershell")
SAVE: Final = OptionSpec("save", "save the default in your settings file")
INPUT: Final = ArgumentSpec("INPUT", "name of an input: `steps`, or `t2i.steps` for one command", "input")
OF_MODEL: Final = OptionSpec("model", "only for this model", "NAME", "model")
RECIPE: Final = ArgumentSpec("NAME", "name of a recipe", "recipe")
OWN: Final = ArgumentSpec("NAME", "name of one of your recipes", "own recipe")
RECORD: Final = ("FILE", "image, or another tool's text or graph file; `-` for standard input", "image or graph")

_SET: Final = Directive(
    "set",
    "set your own default for an input; without arguments, list your defaults",
    (
        ArgumentSpec(INPUT.name, INPUT.help, "input", required=False),
        ArgumentSpec("VALUE", "new default", "input value", free_text=True),
    ),
    (SAVE, OF_MODEL),
    examples=("set", "set steps 30", "set t2i.model default --save", "set steps 12 --model default"),
)
_ROWS: Final = (
    Directive(
        "help",
        "explain a command, a directive or a topic",
        (ArgumentSpec("WORD", "command, directive, topic or input", "word", required=False, repeat=True),),
        (
            OptionSpec("all", "show all options, inputs, outputs, links and related commands"),
            OptionSpec("model", "leave out inputs that this model ignores, and show its defaults", "NAME", "model"),
            OptionSpec("agent", "print one page with all that an AI agent needs to use the program from a shell"),
        ),
        examples=("help blur", "help models scan", "help t2i --model default", "help topics"),
    ),
    Directive(
        "nodes",
        "list all commands, or search them",
        (ArgumentSpec("WORD", "words to find in names, summaries, categories and tags", required=False, repeat=True),),
        examples=("nodes", "nodes mask"),
        hint="to search, type only the words to find: nodes mask",
    ),
    Directive(
        "explain",
        "show what a line would do (nodes, values, links and reasons) without running it",
        (ArgumentSpec("LINE", "line of commands", "line"),),
        takes_line=True,
        examples=("explain t2i a red house | blur 2",),
    ),
    Directive(
        "graph",
        "draw a session, a stage and what it depends on, or a line without running it",
        (
            ArgumentSpec(
                "LINE | @STAGE | SESSION", "what to draw (default: the current session)", "line", required=False
            ),
        ),
        (
            OptionSpec("all", "draw a box for each node of a recipe"),
            OptionSpec("mermaid", "print a Mermaid flowchart", excludes="dot"),
            OptionSpec("dot", "print a DOT graph for Graphviz", excludes="mermaid"),
        ),
        takes_line=True,
        examples=("graph", "graph @house", "graph --mermaid t2i a red house | scale 2"),
    ),
    Directive(
        "run",
        "run a script; `run -` reads it from standard input",
        (ArgumentSpec("FILE", "script to run, `-` for standard input", "script", required=False),),
        (
            OptionSpec("dry-run", "plan only; show errors, the number of images and the models needed"),
            OptionSpec("keep-going", "continue after a line that failed; the exit status is then 3"),
            OptionSpec("from", "start at this line; run earlier lines only if it needs them", "LINE"),
            OptionSpec("resume", "continue the last run of the script"),
            OptionSpec("only", "with --resume: rerun only what failed", "failed", choices=("failed",)),
            OptionSpec("with", "set these options in all stages that have them, for a quick trial", "'--steps 4 ...'"),
            OptionSpec("skip-existing", "skip lines whose files already exist"),
            OptionSpec("retries", "run a failed line again, up to this many times", "COUNT"),
            OptionSpec("max-time", "stop after this time (30m, 2h), at the end of an item; --resume continues", "TIME"),
            OptionSpec("max-images", "stop after this many images; --resume continues", "COUNT"),
            OptionSpec("log", "append a log of what happens, with times, to this file", "FILE", "file"),
            OptionSpec("next", "run only the next ready node (without FILE: in the current or latest session)"),
        ),
        runs_nodes=True,
        examples=("run poster.inv", "run poster.inv --dry-run", "run poster.inv --resume --only failed"),
    ),
    Directive(
        "let",
        "set a variable, which `${NAME}` inserts in later lines",
        (ArgumentSpec("NAME = VALUE", "name of the variable and its value", free_text=True),),
        examples=("let what = red boat",),
    ),
    MODELS_ROW,
    ENGINE_ROW,
    *SERVER_ROWS,
    _SET,
    Directive(
        "unset",
        "remove a default that you set",
        (ArgumentSpec(INPUT.name, INPUT.help, "default"),),
        (OptionSpec("save", "remove the default from your settings file too"), OF_MODEL),
        examples=("unset steps",),
        module="set",
    ),
    replace(_SET, name="default", summary="the same as `set`", examples=(), module="set"),
    Directive(
        "recipe",
        "save lines as commands of your own; list, show, change and remove recipes",
        subcommands=(
            Directive("recipe list", "list all recipes and where each comes from", module="recipe"),
            Directive(
                "recipe save",
                "save a line as a command; `${NAME}` and `${NAME=DEFAULT}` in it become inputs",
                (
                    ArgumentSpec("NAME", "name of the new command"),
                    ArgumentSpec("'LINE'", "line of commands, in quotes", required=False),
                ),
                (
                    OptionSpec("from", "line of the session: its number, or one of its stages (@-1, @fox)", "LINE"),
                    OptionSpec("summary", "description of the command in help and lists (default: the line)", "TEXT"),
                    OptionSpec("overwrite", "replace an existing recipe"),
                ),
                hint="put the line in quotes: recipe save NAME 'LINE'",
                module="recipe",
            ),
            Directive("recipe show", "show a recipe's line and its inputs", (RECIPE,), module="recipe"),
            Directive("recipe edit", "change a recipe in your editor ($VISUAL or $EDITOR)", (OWN,), module="recipe"),
            Directive(
                "recipe rm",
                "remove recipes and print their lines",
                (ArgumentSpec(OWN.name, OWN.help, OWN.completes, repeat=True),),
                module="recipe",
            ),
        ),
        examples=(
            "recipe",
            "recipe save poster 't2i a poster of ${what} --seed ${seed=7} | upscale 2'",
            "recipe save fox --from @-1",
        ),
    ),
    Directive(
        "config",
        "show and change settings",
        subcommands=(
            Directive("config show", "list all settings with their values and origins", module="config"),
            Directive(
                "config get", "print one setting", (ArgumentSpec("NAME", "setting", "setting"),), module="config"
            ),
            Directive(
                "config set",
                "change a setting in your settings file",
                (ArgumentSpec("NAME", "setting", "setting"), ArgumentSpec("VALUE", "new value", "setting value")),
                module="config",
            ),
            Directive(
                "config unset",
                "remove a setting from your settings file",
                (ArgumentSpec("NAME", "setting", "setting"),),
                module="config",
            ),
            Directive(
                "config where",
                "print where a setting or a default comes from: a file, a variable, an option or `default`",
                (ArgumentSpec("KEY", "setting, or a default as `config show` lists it", "setting"),),
                (OptionSpec("model", "the default for this model", "NAME", "model"),),
                module="config",
            ),
            Directive("config path", "list the files and folders that are used", module="config"),
        ),
        examples=("config", "config set preview blocks", "config where device", "config path"),
    ),
    *SESSION_ROWS,
    Directive(
        "retry",
        "rerun the failed nodes of a session and the nodes that depend on them",
        (SESSION,),
        runs_nodes=True,
        examples=("retry",),
    ),
    Directive(
        "line",
        "print the line recorded in an image, or in another tool's text or graph file",
        (ArgumentSpec(*RECORD, repeat=True),),
        options=(OptionSpec("sweep", "print the line as it was run, with all values of a sweep"),),
        examples=("line boat.png", "line workflow.json", "line a.png b.png", "line boat.png --sweep"),
    ),
    Directive(
        "replay",
        "recreate an image from the line that made it",
        (ArgumentSpec(*RECORD),),
        (
            OptionSpec("set", "change an input", "INPUT=VALUE", "assignment", repeat=True),
            OptionSpec("check", "compare the new image with the file; exit status 1 if any pixel differs"),
            OptionSpec("allow-files", "allow the line to read files and use plug-ins"),
        ),
        runs_nodes=True,
        examples=("replay boat.png --set steps=40", "replay boat.png --check"),
    ),
    Directive(
        "cache",
        "show or clear the cache, or explain why a line would run again",
        subcommands=(
            Directive("cache stats", "show how much is cached", module="cache"),
            Directive(
                "cache clear",
                "remove everything that is cached; on a terminal, after confirmation",
                options=(OptionSpec("yes", "do not ask for confirmation"),),
                module="cache",
            ),
            Directive(
                "cache why",
                "show which nodes of a line would run, and why",
                (ArgumentSpec("LINE", "line of commands", "line"),),
                takes_line=True,
                module="cache",
            ),
        ),
        examples=("cache", "cache clear", "cache why t2i a red house --seed 7 | blur 2"),
    ),
    Directive(
        "stats",
        "show where a session's time and memory went, by node and by command",
        (SESSION,),
        examples=("stats",),
    ),
    Directive(
        "doctor",
        "check the installation: versions, device, folders, models, plug-ins, and a test image",
        examples=("doctor", "doctor --json"),
    ),
    Directive(
        "completion",
        "print or install shell completion: bash, zsh, fish, powershell",
        (ArgumentSpec("SHELL", "bash, zsh, fish or powershell (default: your shell)", choices=SHELLS, required=False),),
        (OptionSpec("install", "install the script where the shell looks for it"),),
        examples=("completion zsh --install",),
    ),
    Directive("exit", "end a script, or leave the interactive prompt"),
)

_ALSO_GLOBAL: Final = ("yes", "events")
DIRECTIVES: Final[dict[str, Directive]] = {row.name: row for row in _ROWS}
ALIASES: Final[dict[str, str]] = {alias: row.name for row in _ROWS for alias in row.aliases}
OWN_OPTIONS: Final = {  # by directive: its own options among those that are also options of the program
    word: [option.flag for each in (row, *row.subcommands) for option in each.options if option.name in _ALSO_GLOBAL]
    for row in _ROWS
    for word in (row.name, *row.aliases)
}
RESERVED: Final = ReservedWords(
    summaries={row.name: row.summary for row in _ROWS},
    lines=tuple(tuple(row.name.split()) for row in rows(DIRECTIVES) if row.takes_line),
    switches={row.name: {o.flag: o.help for o in row.options} for row in _ROWS if row.takes_line and row.options},
    subcommands={row.name: tuple(each.word for each in row.subcommands) for row in _ROWS if row.subcommands},
    aliases=frozenset(ALIASES),
)

LEAVING: Final = frozenset({"quit", "q", ":q", "bye"})  # words that mean `exit` at the interactive prompt
CLEAR: Final = "clear"  # the word that clears the screen at the interactive prompt


def find_directive(word: str) -> Directive | None:
    """Return the directive of that name or former name."""
    return DIRECTIVES.get(ALIASES.get(word, word))


def find_row(words: Sequence[str]) -> Directive | None:
    """Return the directive or subcommand that the words of a line select."""
    directive = find_directive(words[0]) if words else None
    return chosen_row(directive, words[1:])[0] if directive else None


def runs_nodes(words: Sequence[str]) -> bool:
    """Return True if these words begin with a directive that may run nodes."""
    row = find_row(words)
    return row is not None and row.runs_nodes


def takes_line(words: Sequence[str]) -> int:
    """Return the number of words before the line that a directive takes; 0 if it takes no line."""
    row = find_row(words)
    return len(row.name.split()) if row is not None and row.takes_line else 0
