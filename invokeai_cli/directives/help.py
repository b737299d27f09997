"""`help [WORD]`: the page of a command, a directive or a topic, or the overview."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.language.did_you_mean import did_you_mean
from invocations.language.tokens import SWEEP
from invocations.spec import InvocationSpec
from invokeai_cli import exit_status
from invokeai_cli.help.overview import overview
from invokeai_cli.help.page import MAX_WIDTH, page_text
from invokeai_cli.options import GLOBAL_OPTIONS
from invokeai_cli.render.answer import Answer
from invokeai_cli.shell import Shell
from workflows.manual.page import Block, Literal, Page, Paragraph, Rows, Usage
from workflows.manual.reference import Facts
from workflows.manual.topics import TOPICS
from workflows.problems import UsageError

from .call import Call
from .directive import Directive
from .table import DIRECTIVES, find_directive

Commands = Mapping[str, InvocationSpec]


def run(call: Call) -> Answer:
    """Explain one word, or show the overview."""
    asked, whole, model = " ".join(call.values), call.flag("all"), call.option("model")
    catalog = _commands(call.shell, model)
    if call.flag("agent"):
        return _for_agents(asked, catalog)
    page = find_page(call.shell, asked, catalog, whole=whole) if asked else overview(catalog, whole=whole)
    text = page_text(page, width=call.shell.screen.page_width)
    data = {"word": asked, "text": text} if asked else {"text": text}
    return Answer("help/1", data, text=text, page=lambda width, paint: page_text(page, width=width, paint=paint))


def _for_agents(asked: str, catalog: Commands) -> Answer:
    """Return the page for AI agents, which has the same text on every terminal. Raises: UsageError."""
    from workflows.manual.agent import agent_page  # imported on demand, like the global options

    if asked:
        raise UsageError(f"`help --agent` is about all commands, not only `{asked}`", f"`help {asked} --all`")
    directives = {name: row.summary for name, row in DIRECTIVES.items()}
    options = {option.names[0]: option.help for option in GLOBAL_OPTIONS}
    page = agent_page(catalog, directives, options, exit_status.MEANINGS)
    return Answer("help/1", {"word": "--agent", "text": (text := page_text(page, width=MAX_WIDTH))}, text=text)


def _commands(shell: Shell, model: str | None) -> Commands:
    """Return all commands, with the defaults of the user and of a model. Raises: UsageError."""
    workspace, config = shell.workspace, shell.config
    has_memory = "memory" in workspace.__dict__  # it is created when the first line is planned
    if model is None and not (workspace.memory.defaults if has_memory else config.defaults or config.forced):
        return workspace.catalog
    from workflows.own_help import commands_for  # imported on demand: few users set defaults

    return commands_for(workspace, model)


def find_page(shell: Shell, word: str, catalog: Commands, *, whole: bool) -> Page:
    """Return the page about a directive, a topic, a command or an input; names used by other tools are also found.

    catalog: all commands, maybe with only the inputs that a model uses
    whole: include everything, not only what fits on a small screen.
    Raises: UsageError.
    """
    page = _page(shell, word, catalog, whole=whole)
    if page:
        return page
    # imported on demand, because it is needed only for words that come from other tools
    from workflows.synonyms.table import Synonym, find_synonym

    synonym = find_synonym(word) or Synonym(())
    others = (*synonym.topics, *synonym.commands, *synonym.inputs)
    page = next((page for each in others if (page := _page(shell, each, catalog, whole=whole))), ())
    note = Paragraph(f"{synonym.note[:1].upper()}{synonym.note[1:]}")
    if page or synonym.note:
        return (note, *page) if synonym.note else page
    shell.workspace.check_plugins()  # the word may be a command whose file could not be loaded
    known = [*shell.workspace.catalog, *DIRECTIVES, *TOPICS]
    hint = "`nodes` lists the commands, `help topics` the topics"
    raise UsageError(f"there is no help for `{word}`", did_you_mean(word, known, hint, prefix="help "))


def _page(shell: Shell, word: str, catalog: Commands, *, whole: bool) -> Page:
    """Return the page about a directive (and the topic of that name), a topic, a command or an input; () if none."""
    topic, directive = TOPICS.get(word), _directive(word)
    pages = directive_page(directive) if directive else ()
    pages += topic.page(Facts(lambda: shell.workspace.lookup, exit_status.MEANINGS)) if topic else ()
    if pages:
        return pages
    if word == SWEEP:
        from workflows.manual.sweep_word import sweep_page
        from workflows.reserved import SWEEP_SUMMARY

        return sweep_page(SWEEP_SUMMARY)
    spec = catalog.get(word)
    if spec is not None:
        from workflows.manual.command import command_page, short_page

        return command_page(spec, catalog) if whole else short_page(spec)
    from workflows.manual.inputs import input_page

    return input_page(word, catalog)


def _directive(word: str) -> Directive | None:
    """Return the directive or the subcommand with this name, such as `models scan`."""
    name, _, subcommand = word.partition(" ")
    directive = find_directive(name)
    return directive.subcommand(subcommand) if directive is not None and subcommand else directive


def directive_page(row: Directive) -> Page:
    """Return the page of a directive: usage, purpose, subcommands, arguments, options, examples."""
    options = [(option.usage, option.help) for option in row.options]
    options += [(f"{each.word} {option.usage}", option.help) for each in row.subcommands for option in each.options]
    tables = {
        "Subcommands": [(each.usage.partition(" ")[2], each.summary) for each in row.subcommands],
        "Arguments": [(each.name, each.help) for each in row.arguments],
        "Options": options,
    }
    blocks: list[Block] = [Usage((row.usage,)), Paragraph(f"{row.summary[0].upper()}{row.summary[1:]}.")]
    blocks += [Rows(tuple(rows), title) for title, rows in tables.items() if rows]
    if row.examples:
        blocks.append(Literal("\n".join(f"  {example}" for example in row.examples), "Examples"))
    return tuple(blocks)
