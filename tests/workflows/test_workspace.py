"""The Python API: a workspace in a process that cannot import the terminal's package."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[[str], str]
HEAVY = ("torch", "pydantic", "typer", "rich", "PIL", "numpy", "sqlite3")


@pytest.fixture
def program(tmp_path: Path, isolated_home: Path) -> Program:
    """Return a function that runs Python code without `invokeai_cli` and returns its output."""

    def run(code: str) -> str:
        blocked = "import sys\nsys.modules['invokeai_cli'] = None\n"
        done = subprocess.run(
            [sys.executable, "-c", blocked + textwrap.dedent(code)],
            cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
            env={**os.environ, "INVOKEAI_HOME": str(isolated_home), "INVOKEAI_DEVICE": "cpu"},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    return run


def test_importing_and_opening_a_workspace_imports_nothing_heavy(program: Program) -> None:
    output = program(f"""
        from workflows import Workspace
        Workspace.open().plan("t2i a red fox | scale 2")
        print([name for name in {HEAVY} if name in sys.modules])
    """)
    assert output == "[]\n"


def test_a_line_runs_and_the_next_one_continues_it(program: Program) -> None:
    output = program("""
        from workflows import Workspace
        with Workspace.open() as workspace:
            print(workspace.run("add 1 2 as sum")[0].value, workspace.run("| mul 4")[0].value)
            print(workspace.run("add @sum 10")[0].text, len(workspace.session.lines))
    """)
    assert output == "3 12\n('13',) 3\n"


def test_an_invalid_line_is_refused_with_all_of_its_errors_and_changes_nothing(program: Program) -> None:
    output = program("""
        from invocations.language.errors import Refusal
        from workflows import Workspace
        with Workspace.open() as workspace:
            try:
                workspace.plan("add one 2 | bluur 3 | mul --bogus 1")
            except Refusal as refusal:
                print([error.code for error in refusal.errors])
            print(workspace.has_session, workspace.run("add 1 1")[0].node)
    """)
    assert output == "['bad_value', 'unknown_command', 'unknown_option']\nFalse 1\n"


def test_the_results_exist_after_iterating_over_the_events_of_a_run(program: Program) -> None:
    output = program("""
        from workflows import Workspace
        with Workspace.open() as workspace:
            plan = workspace.plan("add 1 2 | mul 5")
            print([type(event).__name__ for event in workspace.submit(plan)])
            print([result.value for result in workspace.results(plan)])
            print([workspace.is_cached(workspace.plan(line)) for line in ("add 1 2 | mul 5", "add 7 2")])
    """)
    events = ["NodeStarted", "NodeFinished", "NodeStarted", "NodeFinished", "SessionFinished"]
    assert output == f"{events}\n[15]\n[True, False]\n"


def test_a_failed_node_raises_an_exception_and_finished_results_are_kept(program: Program) -> None:
    output = program("""
        from workflows import Workspace
        from workflows.problems import LineFailed
        with Workspace.open() as workspace:
            try:
                workspace.run("add 1 2 as sum | div 0")
            except LineFailed as failed:
                print(failed.code, [problem.node for problem in failed.problems])
            print(workspace.unfinished(), workspace.run("mul @sum 2")[0].value)
    """)
    assert output == "bad_value ['2']\n[1] 6\n"


def test_a_cancelled_run_is_resumed(program: Program) -> None:
    output = program("""
        from workflows import Workspace
        from workflows.problems import LineFailed
        with Workspace.open() as workspace:
            run = workspace.submit(workspace.plan("range 1 50 | iterate | add 1 | collect"))
            try:
                run.finish(lambda event: run.cancel())
            except LineFailed as failed:
                print(failed.code, failed.run is run, workspace.unfinished())
            (result,) = workspace.resume(workspace.session, [1]).finish()
            print(sum(result.value), workspace.unfinished())
    """)
    assert output == f"cancelled True [1]\n{sum(range(2, 51))} []\n"


def test_another_process_attaches_to_the_session(program: Program) -> None:
    session_id = program("""
        from workflows import Workspace
        with Workspace.open() as workspace:
            workspace.run("add 1 2 as sum")
            print(workspace.session_id, end="")
    """)
    output = program(f"""
        from workflows import Workspace
        with Workspace.open(session="{session_id}") as workspace:
            print(workspace.run("| mul 2")[0].value, workspace.run("add @sum 1")[0].value, workspace.session_id)
    """)
    assert output == f"6 4 {session_id}\n"


def test_two_workspaces_share_a_session_line_by_line(program: Program) -> None:
    output = program("""
        from workflows import Workspace
        with Workspace.open() as one, Workspace.open() as two:
            one.run("add 1 2")
            two.attach(one.session_id)
            two.run("add 3 4")
            one.refresh()
            print(one.run("mul @1 @2")[0].value, two.run("sub @3 @2")[0].value)
    """)
    assert output == "21 14\n"


def test_a_graph_is_built_from_objects_without_a_line(program: Program) -> None:
    output = program("""
        from invocations.graph.graph import Edge, Node
        from workflows import Workspace
        with Workspace.open() as workspace:
            graph = workspace.graph()
            nodes = Node("a", "add", {"a": 1, "b": 2}), Node("m", "mul", {"b": 10})
            graph.extend(nodes, [Edge("a", "value", "m", "a")])
            print([(result.node, result.value) for result in workspace.submit_graph(graph).finish()])
    """)
    assert output == "[('m', 30)]\n"


def test_a_result_has_a_path_a_pil_image_and_notebook_output(program: Program, tmp_path: Path) -> None:
    output = program("""
        from workflows import Workspace
        with Workspace.open(settings={"output_dir": "out"}) as workspace:
            (one,) = workspace.run("t2i a fox --steps 1 --seed 1")
            print(one.path, one.image().size, one._repr_png_()[:4], one._repr_html_())
            results = workspace.run("list @1 @1")
            print(len(results), results._repr_html_().count("<img"), workspace.run("add 1 2")._repr_html_())
    """)
    lines = output.splitlines()
    assert lines[0] == "out/000001-1-a-fox.png (96, 96) b'\\x89PNG' None"
    assert (tmp_path / "out" / "000001-1-a-fox.png").is_file()
    assert lines[1] == "2 2 <pre>3</pre>"


def test_defaults_and_settings_are_validated(program: Program) -> None:
    output = program("""
        from workflows import Workspace
        from workflows.problems import ConfigError, UsageError
        with Workspace.open() as workspace:
            workspace.set("add.b", 5)
            print(workspace.run("add 1")[0].value)
            try:
                workspace.set("stpes", 5)
            except UsageError as error:
                print(error.message, error.hint)
        try:
            Workspace.open(settings={"devise": "cpu"})
        except ConfigError as error:
            print(error.message, error.hint)
    """)
    assert output.splitlines() == [
        "6",
        "no command has an input `stpes` did you mean `steps`?",
        "there is no setting `devise` did you mean `device`?",
    ]
