"""Calling a directive incorrectly: a subcommand, an option or an argument that does not exist or is missing."""

from __future__ import annotations

import pytest

from tests.invokeai_cli.conftest import TypeLine


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("config", "shwo"), "error: `config` has no subcommand `shwo`\n  did you mean `config show`?\n"),
        (
            ("config", "set", "preview", "x"),
            "error: `preview` must be one of auto, kitty, iterm, sixel, blocks, none, not `x`",
        ),
        (("config", "get", "devise"), "error: there is no setting `devise`\n  did you mean `device`?\n"),
        (("config", "set", "device"), "error: `config set` needs an argument: VALUE\n"),
        (("cache", "blank"), "error: `cache` has no subcommand `blank`\n  usage: cache [stats | clear | why LINE]\n"),
        (("models", "lst"), "error: `models` has no subcommand `lst`\n  did you mean `models list`?\n"),
        (("session", "hide"), "error: `session` has no subcommand `hide`\n"),
        (("sessions", "--all"), "error: `sessions` has no option `--all`\n  usage: sessions [WORD ...] ["),
        (("sessions", "--fail"), "error: `sessions` has no option `--fail`\n  did you mean `--failed`?\n"),
        (("sessions", "--since", "soon"), "error: `soon` is not a time\n  for example `--since 2d` (s, m, h, d, w) or"),
        (("sessions", "--limit", "0"), "error: `--limit` takes a number of at least 1, not `0`\n"),
        (
            ("history", "all"),
            "error: `history` takes a number of lines, not `all`\n  to search: history --search all\n",
        ),
        (("history", "0"), "error: `history` takes a number of at least 1, not `0`\n"),
        (("history", "--search"), "error: `--search` needs a value: --search WORD ...\n"),
        (("history", "--search", "--failed"), "error: `--search` needs a value: --search WORD ...\n"),
        (("history", "--session", "x"), "error: there are no sessions yet\n"),
        (("history", "--save", "x.inv"), "error: there are no sessions yet\n"),
        (("history", "3", "--save", "x.inv"), "error: there are no lines to save\n"),
        (("run",), "error: `run` needs an argument: FILE\n  usage: run [FILE] ["),
        (("nodes", "--all"), "error: `nodes` has no option `--all`\n"),
        (("history", "--all"), "error: `history` has no option `--all`\n"),
        (
            ("completion", "csh"),
            "error: there is no completion for `csh`\n  supported: bash, zsh, fish, powershell\n",
        ),
        (("session", "show", "nowhere"), "error: there are no sessions yet\n"),
        (("session", "resme"), "error: `session` has no subcommand `resme`\n  did you mean `session resume`?\n"),
        (("session", "resume"), "error: there are no sessions yet\n"),
        (("session", "rm"), "error: `session rm` needs an argument: SESSION\n"),
        (("session", "import"), "error: `session import` needs an argument: FILE\n"),
        (("session", "export", "x.json"), "error: `session export` needs a session before the file `x.json`\n"),
    ],
)
def test_an_incorrect_call_is_refused(type_: TypeLine, words: tuple[str, ...], message: str) -> None:
    result = type_(*words)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(message)
