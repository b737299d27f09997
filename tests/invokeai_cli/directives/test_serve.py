"""`serve` and `mcp` become `python -m invokeai_web`, with their options, settings and exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from invokeai_cli.directives.table import DIRECTIVES
from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.invokeai_cli.conftest import Stream, TypeLine
from workflows.problems import UsageError
from workflows.server_program import SERVED, program

START = (sys.executable, "-P", "-m", "invokeai_web")


class Served:
    """A program that notes how another one is started instead of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.words: Sequence[str] = ()
        self.variables: Mapping[str, str] = {}

    def __call__(self, *typed: str) -> int:
        out, err = Stream(), Stream()
        variables = {"INVOKEAI_HOME": str(self.home)}
        environment = Environment(Stream(), out, err, variables, str(self.home), become=self.become)
        status = run(typed, environment)
        assert err.text == ""
        return status

    def become(self, words: Sequence[str], variables: Mapping[str, str]) -> int:
        self.words, self.variables = words, variables
        return 7


@pytest.fixture
def served(isolated_home: Path) -> Served:
    """Return the program with a server that is not started."""
    return Served(isolated_home)


def test_the_exit_status_is_that_of_the_server(served: Served) -> None:
    assert served("serve") == 7
    assert served.words == START


def test_options_and_settings_reach_the_server(served: Served) -> None:
    served("--device", "cpu", "serve", "--port", "0", "--events", "redis://host", "--in-process", "--jobs", "2")
    assert served.words == (*START, "--port=0", "--events=redis://host", "--in-process")
    assert (served.variables["INVOKEAI_DEVICE"], served.variables["INVOKEAI_JOBS"]) == ("cpu", "2")


def test_verbose_reaches_the_server(served: Served) -> None:
    served("serve", "-v")
    assert served.words == (*START, "--verbose")


def test_an_option_may_be_repeated(served: Served) -> None:
    served("serve", "--host-name", "a.example", "--host-name", "b.example")
    assert served.words == (*START, "--host-name=a.example", "--host-name=b.example")


def test_mcp_is_served_by_the_same_package(served: Served) -> None:
    assert served("mcp", "--folder", "images") == 7
    assert served.words == (*START, "mcp", "--folder=images")


@pytest.mark.parametrize(("name", "extra"), [("serve", "web"), ("mcp", "mcp")])
def test_without_the_libraries_one_line_says_how_to_install_them(name: str, extra: str) -> None:
    with pytest.raises(UsageError) as caught:
        program(sys.executable, name, {}, lambda library: library != SERVED[name].libraries[-1])
    assert str(caught.value) == f"`{name}` needs more libraries: pip install 'invokeai-cli[{extra}]'"
    assert caught.value.hint is None


def test_the_libraries_of_the_extras_are_found_here() -> None:
    assert program("python", "serve", {}) == ("python", "-P", "-m", "invokeai_web")


@pytest.mark.parametrize("name", ["serve", "mcp"])
def test_a_script_cannot_start_a_server(type_: TypeLine, name: str) -> None:
    refused = type_("-", stdin=f"{name}\n")
    assert refused.status == 2
    assert f"error: `{name}` cannot be used in a script or at the prompt\n  invokeai {name}\n" in refused.err


def test_options_that_have_no_effect_are_refused(type_: TypeLine) -> None:
    refused = type_("serve", "--set", "steps=3")
    assert refused.status == 2
    assert refused.err == "error: `--set`, `--overwrite`, `--json` and `--events` have no effect on `serve`\n"


def test_the_options_of_serve_are_those_of_the_server() -> None:
    parser = pytest.importorskip("invokeai_web.command_line")._parser()
    of_server = {word for action in parser._actions for word in action.option_strings}
    general = {"--help", "-h", "--verbose", "-v"}
    assert {option.flag for option in DIRECTIVES["serve"].options} == of_server - general


def test_a_file_in_the_current_folder_is_not_imported_instead(tmp_path: Path) -> None:
    (tmp_path / "invokeai_web.py").write_text("print('stranger')\n")
    words = [*program(sys.executable, "mcp", {}), "--help"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert "stranger" not in done.stdout
    assert done.stdout.startswith("usage: invokeai mcp")


def test_the_process_becomes_the_server(isolated_home: Path) -> None:
    words = [sys.executable, "-m", "invokeai_cli", "mcp"]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "INVOKEAI_HOME": str(isolated_home)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
