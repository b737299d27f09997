"""The interactive prompt opens quickly: it imports nothing heavy before the first key press."""

from __future__ import annotations

import json
import subprocess
import sys

CODE = """
import json, sys
from invokeai_cli.environment import Environment
from invokeai_cli.options import CommandLine
from invokeai_cli.shell import Shell
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
import os
shell = Shell(Environment(None, None, None, os.environ, os.getcwd()), CommandLine())
from invokeai_cli.repl.prompt import PromptState
from invokeai_cli.repl.reader import ToolkitReader
shell.workspace.invoker
with create_pipe_input() as keys:
    keys.send_text("t2i a red fox --steps 20 | blur 2\\r")
    line = ToolkitReader(PromptState(shell), source=keys, output=DummyOutput()).read()
print(json.dumps([line, sorted(sys.modules)]))
"""
HEAVY = {"torch", "diffusers", "transformers", "typer", "pydantic", "rich", "PIL", "numpy", "scipy", "pygments"}


def test_typing_and_checking_a_line_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=240, check=True)
    line, modules = json.loads(done.stdout)
    assert line == "t2i a red fox --steps 20 | blur 2"
    assert HEAVY.isdisjoint(modules)


def test_prompt_toolkit_is_imported_only_by_the_prompt() -> None:
    code = "import sys, invokeai_cli.main, invokeai_cli.line; print('prompt_toolkit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240, check=True)
    assert done.stdout == "False\n"
