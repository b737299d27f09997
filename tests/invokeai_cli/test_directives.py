"""Directives: what each prints, for people and as JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from core.denoising.schedulers import SCHEDULERS
from invokeai_cli.directives.table import DIRECTIVES
from invokeai_cli.exit_status import MEANINGS
from tests.invokeai_cli.conftest import TypeLine
from workflows.manual.topics import TOPICS
from workflows.reserved import NameClash, check_clash


@pytest.mark.parametrize("word", DIRECTIVES)
def test_every_directive_has_help(type_: TypeLine, word: str) -> None:
    result = type_("help", word)
    assert result.status == 0
    assert " ".join(result.out.split()).startswith(f"usage: {DIRECTIVES[word].usage} ")
    assert type_(word, "--help").out == result.out


def test_a_node_named_like_a_directive_is_an_error_at_start() -> None:
    with pytest.raises(NameClash) as caught:
        check_clash({"add", "history"}, DIRECTIVES)
    assert caught.value.message.startswith("`history` is a shell directive")


def test_a_recipe_of_the_user_named_like_a_directive_is_an_error(type_: TypeLine, isolated_home: Path) -> None:
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "stats.toml").write_text(
        'type = "stats"\ntitle = "S"\nsummary = "Do nothing."\ncategory = "numbers"\nversion = "1.0.0"\n'
        'examples = ["stats 1"]\npipeline = "add"\n[inputs]\na = { to = ["add.a"], position = 1 }\n'
        'b = { to = ["add.b"], position = 2 }\n'
    )
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (2, "")
    assert "`stats` is a shell directive" in result.err


def test_the_main_help_begins_with_the_purpose_and_examples(type_: TypeLine) -> None:
    for words in (("--help",), ("-h",), ("help",)):
        result = type_(*words, terminal=True)
        assert result.status == 0
        lines = result.out.splitlines()
        assert lines[0].startswith("Image generation in a terminal")
        assert result.out.index("Examples:") < result.out.index("Common commands") < result.out.index("Options:")


@pytest.mark.parametrize(
    "words", [("blur", "--help"), ("help", "blur"), ("blur", "-h"), ("load", "x", "|", "blur", "-h")]
)
def test_help_for_a_command_is_the_same_everywhere(type_: TypeLine, words: tuple[str, ...]) -> None:
    result = type_(*words)
    assert (result.status, result.err) == (0, "")
    assert result.out == type_("help", "blur").out
    assert "Can follow" in result.out


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_text(type_: TypeLine, topic: str) -> None:
    result = type_("help", topic)
    assert (result.status, result.err) == (0, "")
    assert len(result.out.splitlines()) > 4


@pytest.mark.parametrize("topic", ["language", "prompts", "default-model"])
def test_the_lines_in_a_topic_can_be_planned(type_: TypeLine, topic: str) -> None:
    told = type_("help", topic).out.splitlines()
    lines = [line.strip() for line in told if line.startswith("  t2i" if topic == "default-model" else "  ")]
    assert lines
    for line in lines:
        result = type_("explain", line.replace("/path/to/model", "default"))
        assert (result.status, result.err) == (0, ""), line


def test_help_topics_lists_every_topic(type_: TypeLine) -> None:
    rows = [line.split(maxsplit=1) for line in type_("help", "topics").out.splitlines()]
    assert rows == [[name, topic.summary] for name, topic in TOPICS.items()]


def test_help_schedulers_describes_each_and_t2i_refers_to_it(type_: TypeLine) -> None:
    told = type_("help", "schedulers").out
    for name in SCHEDULERS:
        assert f"\n  {name} " in told
    assert "  euler_a         Euler ancestral; adds noise at each step" in told
    assert "`help schedulers` lists them" in " ".join(type_("help", "t2i").out.split())


def test_help_fits_a_terminal_of_80_columns(type_: TypeLine) -> None:
    for words in (("--help",), *(("help", topic) for topic in TOPICS)):
        assert [line for line in type_(*words).out.splitlines() if len(line) > 80] == [], words


def test_125_the_exit_codes_are_listed(type_: TypeLine) -> None:
    told = type_("help", "exit-codes").out
    assert [int(line.split()[0]) for line in told.splitlines()] == sorted(MEANINGS)


def test_help_for_an_unknown_word_is_refused_with_a_suggestion(type_: TypeLine) -> None:
    result = type_("help", "blurr")
    assert (result.status, result.out) == (2, "")
    assert result.err == "error: there is no help for `blurr`\n  did you mean `help blur`?\n"


def test_nodes_are_listed_by_category_and_searched(type_: TypeLine) -> None:
    listing = type_("nodes").out
    assert listing.index("generate\n") < listing.index("numbers\n")
    found = type_("nodes", "sum", "--json").document
    assert found["schema"] == "nodes/1"
    assert [node["type"] for node in found["nodes"]] == ["add"]
    assert type_("nodes", "nothing-like-it").status == 2
    assert "to search, write only words: nodes mask" in type_("nodes --search mask").err


def test_a_broken_plug_in_is_a_warning(type_: TypeLine, isolated_home: Path) -> None:
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "bad.py").write_text('raise RuntimeError("no \\x1b[31m luck")\n')
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (0, "3\n")
    assert result.err.startswith("warning: not loaded: ")
    assert result.err.endswith("bad.py:1: RuntimeError: no \\x1b[31m luck\n")
    assert type_("add", "1", "2", "--json").document["warnings"]
    assert type_("-q", "add", "1", "2").err == ""


def test_explain_shows_values_links_and_reasons_and_runs_nothing(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("explain", "load fox.png | blur 4")
    assert (result.status, result.err) == (0, "")
    assert '"fox.png"  written' in result.out
    assert "<- 1.image  piped" in result.out
    assert "added to save the image" in result.out
    assert list(tmp_path.iterdir()) == []
    for words in (("explain", "load", "fox.png", "|", "blur", "4"), ("explain load fox.png | blur 4",)):
        assert type_(*words).out == result.out
    assert type_("-", stdin="explain load fox.png | blur 4\n").out == result.out


def test_explain_as_json_is_the_plan(type_: TypeLine) -> None:
    plan = type_("explain", "range 1 4 | iterate | mul 2", "--json").document
    assert plan["schema"] == "plan/1"
    assert [node["type"] for node in plan["nodes"]] == ["range", "iterate", "mul"]
    assert {edge["reason"] for edge in plan["edges"]} == {"piped"}
    assert plan["results"] == [{"node": "3", "output": "value"}]


def test_explain_refuses_what_running_refuses(type_: TypeLine) -> None:
    assert type_("explain", "ad 1 2").err == type_("ad 1 2").err
    assert type_("explain").status == 2


def test_config_shows_each_value_with_its_origin(type_: TypeLine) -> None:
    rows = {
        row.split()[0]: row.split()
        for row in type_("config", "--device", "cpu", INVOKEAI_DTYPE="float32").out.splitlines()
    }
    assert rows["device"][1:] == ["cpu", "--device"]
    assert rows["dtype"][1:] == ["float32", "INVOKEAI_DTYPE"]
    assert rows["preview"][1:] == ["auto", "default"]
    document = type_("config", "show", "--json").document
    assert document["settings"]["cache"] == {"value": True, "origin": "default"}


def test_config_sets_gets_and_unsets(type_: TypeLine, isolated_home: Path) -> None:
    assert type_("config", "set", "preview", "none").status == 0
    assert type_("config", "get", "preview").out == "none\n"
    assert str(isolated_home / "config" / "config.toml") in type_("config").out
    assert type_("config", "unset", "preview").status == 0
    assert type_("config", "get", "preview").out == "auto\n"


def test_color_is_a_setting_like_others(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('color = "always"\n')
    assert "\x1b[1m" in type_("nodes").out
    assert "\x1b" not in type_("nodes", "--color", "never").out
    assert "\x1b" not in type_("nodes", INVOKEAI_COLOR="auto").out


def test_an_invalid_setting_is_always_reported(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('colour = "always"\n')
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(
        f"error: {tmp_path}/invokeai.toml: there is no setting `colour`\n  did you mean `color`?"
    )
    assert type_("add", "1", "2", "--json").document["errors"][0]["code"] == "config_error"


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
        (("cache", "empty"), "error: `cache` has no subcommand `empty`\n  usage: cache [stats | clear | why LINE]\n"),
        (("models", "lst"), "error: `models` has no subcommand `lst`\n  did you mean `models list`?\n"),
        (("session", "hide"), "error: `session` has no subcommand `hide`\n"),
        (("sessions", "--all"), "error: `sessions` has no option `--all`\n  usage: sessions [WORD ...] ["),
        (("sessions", "--fail"), "error: `sessions` has no option `--fail`\n  did you mean `--failed`?\n"),
        (("sessions", "--since", "soon"), "error: `soon` is not a time\n  for example `--since 2d` (s, m, h, d, w) or"),
        (("sessions", "--limit", "0"), "error: `--limit` takes a number from 1, not `0`\n"),
        (
            ("history", "all"),
            "error: `history` takes a number of lines, not `all`\n  to search: history --search all\n",
        ),
        (("history", "0"), "error: `history` takes a number from 1, not `0`\n"),
        (("history", "--search"), "error: `--search` needs a value: --search WORD ...\n"),
        (("history", "--search", "--failed"), "error: `--search` needs a value: --search WORD ...\n"),
        (("history", "--session", "x"), "error: there are no sessions yet\n"),
        (("history", "--save", "x.inv"), "error: there are no sessions yet\n"),
        (("history", "3", "--save", "x.inv"), "error: there are no lines to save\n"),
        (("run",), "error: `run` needs an argument: FILE\n  usage: run FILE ["),
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
        (("session", "export", "x.json"), "error: missing session to export to `x.json`\n"),
    ],
)
def test_a_directive_used_wrongly_is_refused(type_: TypeLine, words: tuple[str, ...], message: str) -> None:
    result = type_(*words)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(message)


def test_sessions_history_and_stats_show_what_ran(type_: TypeLine) -> None:
    assert type_("history").out == "nothing has been run yet\n"
    type_("-", stdin="add 1 2\ndiv 1 0\n")
    type_("range", "1", "3")
    lines = type_("history", "--json").document["lines"]
    assert [(line["line"], line["outcome"]) for line in lines] == [
        ("add 1 2", "done"), ("div 1 0", "failed"), ("range 1 3", "done"),
    ]  # fmt: skip
    assert len(type_("history", "1").out.splitlines()) == 1
    newest, oldest = type_("sessions", "--json").document["sessions"]
    assert (newest["first_line"], oldest["first_line"], oldest["lines"]) == ("range 1 3", "add 1 2", 2)
    shown = type_("session", "show", oldest["id"], "--json").document
    assert shown["results"] == [{"node": "1", "path": [], "outputs": {"value": 3}}]
    assert shown["errors"][0]["node"] == "2"
    stats = type_("stats", oldest["id"], "--json").document
    assert stats["commands"]["add"]["run"] == 1
    assert "add" in type_("stats", oldest["id"]).out
    assert "failed: division by zero" in type_("session", "show", oldest["id"]).out


def test_stats_show_time_and_memory_of_each_node_and_command(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (600, 400), "teal").save(tmp_path / "teal.png")
    lines = "load teal.png | blur 3\nrange 1 4 | iterate | mul 2\ndiv 1 0\n"
    type_("-", "--keep-going", "--no-cache", stdin=lines)
    stats = type_("stats", "--json").document
    nodes = {node["node"]: node for node in stats["nodes"]}
    assert nodes["2"]["peak_bytes"] > 600 * 400 * 3
    assert 0 <= nodes["2"]["grown_bytes"] <= nodes["2"]["peak_bytes"]
    assert (nodes["5"]["run"], nodes["5"]["peak_bytes"]) == (3, None)  # sums are too fast to be measured
    assert (nodes["6"]["run"], nodes["6"]["failed"]) == (1, 1)
    assert set(stats["commands"]) == {node["type"] for node in stats["nodes"]}
    result = type_("stats").out
    assert re.search(r"\n2 +blur +run +\S+ \w+ +[\d.]+ .B \+[\d.]+ k?M?B\n", result)
    assert re.search(r"\n5 +mul +run 3 x ", result)
    assert re.search(r"\n6 +div +failed ", result)
    assert "\nmemory: peak of the program" in result


def test_stats_show_what_was_cached(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "teal.png")
    for _ in range(2):
        type_("load teal.png | blur 3")
    assert re.search(r"\n2 +blur +cached ", type_("stats").out)
    assert type_("stats", "--json").document["commands"]["blur"] == {
        "run": 0, "reused": 1, "failed": 0, "seconds": pytest.approx(0, abs=5),
        "peak_bytes": None, "grown_bytes": None, "device_bytes": None,
    }  # fmt: skip


def test_the_included_model_is_listed(type_: TypeLine) -> None:
    models = type_("models", "--json").document["models"]
    assert models[0]["name"] == "default"
    assert type_("models").out.splitlines()[1].startswith("default")


def test_the_cache_can_be_shown_and_cleared(type_: TypeLine, isolated_home: Path) -> None:
    cache = isolated_home / "cache"
    (cache / "things").mkdir(parents=True)
    (cache / "things" / "a").write_bytes(b"x" * 1500)
    assert type_("cache", "--json").document["parts"]["things"] == {"files": 1, "bytes": 1500}
    assert type_("cache", "clear").out.endswith(f"kB removed from {cache}\n")
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_is_printed_and_installed(type_: TypeLine, isolated_home: Path, shell: str) -> None:
    script = type_("completion", shell)
    assert "__complete" in script.out
    installed = type_("completion", shell, "--install")
    assert installed.status == 0
    assert Path(installed.out.strip()).read_text() == script.out
    assert isolated_home in Path(installed.out.strip()).parents


def test_the_version_is_the_first_line(type_: TypeLine) -> None:
    result = type_("--version")
    assert result.out.startswith("invokeai-cli ")
    assert "torch " in result.out
    assert type_("--version", "--json").document["schema"] == "versions/1"


def test_a_session_that_cannot_be_read_does_not_hide_the_others(type_: TypeLine, isolated_home: Path) -> None:
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "mine.py").write_text(
        "from invocations.fields import input_field, output_field\n"
        "from invocations.invocation import Invocation, InvocationContext, Output, invocation\n\n\n"
        'class MineOutput(Output):\n    """A number."""\n\n'
        '    value: int = output_field(primary=True, description="the number")\n\n\n'
        '@invocation("mine", title="Mine", category="numbers", examples=("mine 1",))\n'
        'class Mine(Invocation):\n    """Give a number back."""\n\n'
        '    value: int = input_field(primary=True, position=1, description="the number")\n\n'
        "    def invoke(self, context: InvocationContext) -> MineOutput:\n"
        "        return MineOutput(value=self.value)\n"
    )
    type_("add", "1", "2")
    assert type_("mine", "5").out == "5\n"
    (nodes / "mine.py").unlink()
    result = type_("history")
    assert result.status == 0
    assert [line.split()[-2:] for line in result.out.splitlines()] == [["1", "2"], ["mine", "5"]]
    assert len(type_("sessions", "--json").document["sessions"]) == 2
    lost = type_("history", "--save", "mine.inv")
    assert (lost.status, "cannot be read: there is no invocation `mine`" in lost.err) == (2, True)


def test_explain_shows_yes_and_no_as_they_are_typed(type_: TypeLine) -> None:
    rows = [line.split() for line in type_("explain", "load fox.png --allow-url | save --no-metadata").out.splitlines()]
    assert ["allow_url", "yes", "written"] in rows
    assert ["metadata", "no", "written"] in rows
    assert ["overwrite", "no", "default"] in rows
