"""The directive `history` lists and searches the lines of all sessions, and saves them as a script."""

from __future__ import annotations

from pathlib import Path

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.session_ids import session_ids


def test_the_history_lists_the_lines_that_ran(type_: TypeLine, session: str) -> None:
    type_("add", "5", "6")
    type_("t2l a fox")  # this line is invalid, so nothing ran
    lines = type_("history", "--json").document["lines"]
    assert [(line["line"], line["outcome"], line["session"] == session) for line in lines] == [
        ("add 1 2 as sum", "done", True),
        ("div 1 0", "failed", True),
        ("range 1 3 | iterate | mul 2 | collect", "done", True),
        ("add 5 6", "done", False),
    ]
    assert all(line["seconds"] >= 0 and line["started"] > 1e9 for line in lines)
    assert [line["number"] for line in lines] == [1, 2, 3, 1]
    for words, count in (
        (("2",), 2), (("--failed",), 1), (("--search", "add"), 2), (("--search", "Range", "MUL"), 1),
        (("--search=add 5",), 1), (("--search", "mul", "add"), 0), (("1", "--search", "add"), 1),
        (("--session", session), 3), (("--session", session, "--search", "add"), 1), (("--since", "1d"), 4),
    ):  # fmt: skip
        assert len(type_("history", *words, "--json").document["lines"]) == count
    assert type_("history", "--search", "fox").out == "no line matches\n"


def test_132_a_saved_script_builds_an_identical_graph(type_: TypeLine, tmp_path: Path) -> None:
    typed = (
        "set steps 1\nset width 64\nset height 64\nt2i --as fox a fox\n| blur 2\nadd 1 2\n"
        "range 0 2 | iterate | mul @-1\nrandom 1 100\nblend --image @fox --other @2\nreplace '${x}' x y\n"
    )
    assert type_("-", stdin=typed).status == 0
    result = type_("history", "--save", "again.inv")
    assert (result.status, result.out, result.err) == (
        0,
        "again.inv\n",
        "saved 7 lines to again.inv; run it with `invokeai run again.inv`\n",
    )
    script = (tmp_path / "again.inv").read_text()
    assert " --steps 1" in script
    assert "--seed" in script
    ran = type_("run", "again.inv")
    assert ran.status == 0
    again, before = (type_("session", "show", each, "--json").document["graph"] for each in session_ids(type_))
    assert again == before
    assert {"1.save", "2.save"} < again["nodes"].keys()  # images that later lines use are saved too
    assert script.startswith("# invokeai-script 1 save-all\n")
    refused = type_("history", "--save", "again.inv")
    assert (refused.status, (tmp_path / "again.inv").read_text()) == (2, script)
    assert type_("history", "1", "--save", "again.inv", "--overwrite").status == 0
    assert (tmp_path / "again.inv").read_text().splitlines()[2:] == ["replace '${x}' x y"]


def test_selected_lines_are_saved_with_the_lines_that_they_depend_on(
    type_: TypeLine, session: str, tmp_path: Path
) -> None:
    type_("-", stdin="add 1 1\nadd 2 2 as four\nadd 3 3\n| mul 2\nsub @-1 @four\n")
    result = type_("history", "--search", "sub", "--save", "x.inv")
    assert result.err == (
        "saved 4 lines, including 3 that the others depend on, to x.inv; run it with `invokeai run x.inv`\n"
    )
    written = [line for line in (tmp_path / "x.inv").read_text().splitlines() if not line.startswith("#")]
    assert written == ["add 2 2 as four", "add 3 3", "| mul 2", "sub @-1 @four"]
    assert type_("run", "x.inv").out.splitlines()[-1] == "8"
    type_("history", "--failed", "--save", "y.inv")
    assert (
        tmp_path / "y.inv"
    ).read_text() == f"# invokeai-script 1\n# session {session}\n# failed when it was run:\ndiv 1 0\n"
    everything = type_("history", "9", "--save", "z.inv", "--json").document
    assert (everything["lines"], everything["needed"]) == (9, 0)
    assert len(type_("run", "z.inv", "--keep-going").out.splitlines()) == 9


def test_an_unreadable_session_does_not_hide_the_others(type_: TypeLine, nodes_folder: Path) -> None:
    (nodes_folder / "mine.py").write_text(
        "from invocations.fields import input_field, output_field\n"
        "from invocations.invocation import Invocation, InvocationContext, Output, invocation\n\n\n"
        'class MineOutput(Output):\n    """A number."""\n\n'
        '    value: int = output_field(primary=True, description="the number")\n\n\n'
        '@invocation("mine", title="Mine", category="numbers", examples=("mine 1",))\n'
        'class Mine(Invocation):\n    """Return a number."""\n\n'
        '    value: int = input_field(primary=True, position=1, description="the number")\n\n'
        "    def invoke(self, context: InvocationContext) -> MineOutput:\n"
        "        return MineOutput(value=self.value)\n"
    )
    type_("add", "1", "2")
    assert type_("mine", "5").out == "5\n"
    (nodes_folder / "mine.py").unlink()
    result = type_("history")
    assert result.status == 0
    assert [line.split()[-2:] for line in result.out.splitlines()] == [["1", "2"], ["mine", "5"]]
    assert len(type_("sessions", "--json").document["sessions"]) == 2
    refused = type_("history", "--save", "mine.inv")
    assert (refused.status, "cannot be read: there is no invocation `mine`" in refused.err) == (2, True)


def test_the_number_of_lines_can_be_given_as_an_option_or_an_argument(type_: TypeLine) -> None:
    for number in "123":
        type_("add", number, "1")
    assert type_("history", "--limit", "2").out == type_("history", "2").out
    assert len(type_("history", "--limit", "2").out.splitlines()) == 2
    both = type_("history", "2", "--limit", "2")
    assert (both.status, both.err) == (2, "error: COUNT and `--limit` mean the same\n  use only one of them\n")
