"""Run the program in isolation: type a line, look at standard output, standard error and the exit status."""

from __future__ import annotations

import codecs
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from PIL import Image

from invocations.catalog.registry import open_registry
from invocations.local import LocalServices
from invocations.spec import InvocationSpec
from invokeai_cli.app import run_command
from invokeai_cli.environment import Environment, shown
from invokeai_cli.main import run
from tests.invokeai_cli.scripted import ScriptedGeneration

codecs.register_error("shown", shown)


class Stream(io.TextIOWrapper):
    """A text stream in memory that can claim to be a terminal."""

    def __init__(
        self, data: bytes = b"", *, terminal: bool = False, encoding: str = "utf-8", errors: str = "shown"
    ) -> None:
        self.memory = io.BytesIO(data)
        self.terminal = terminal
        super().__init__(self.memory, encoding=encoding, errors=errors, newline="\n", write_through=True)

    def isatty(self) -> bool:
        return self.terminal

    @property
    def text(self) -> str:
        return self.memory.getvalue().decode(self.encoding, "surrogateescape")


@dataclass(frozen=True)
class CliResult:
    """The result of one run of the program."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output, one per line."""
        return [json.loads(line) for line in self.out.splitlines()]


class TypeLine(Protocol):
    """Runs the program with the given command-line arguments: `type_("add", "1", "2", terminal=True, NO_COLOR="1")`."""

    def __call__(
        self,
        *words: str,
        stdin: str | bytes | None = "",
        terminal: bool = False,
        encoding: str = "utf-8",
        folder: Path = ...,
        leave: Callable[[int], None] = ...,
        clock: Callable[[], float] = ...,
        **variables: str,
    ) -> CliResult: ...


@pytest.fixture(scope="session")
def commands() -> Mapping[str, InvocationSpec]:
    """Return the specs of the built-in commands by name."""
    return open_registry().specs()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the generation service with one that needs no model."""
    monkeypatch.setattr(LocalServices, "generation", property(lambda services: ScriptedGeneration(services.images)))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return a list that collects the words of each line that runs as a Typer command."""
    found: list[list[str]] = []

    def noted(catalog: Mapping[str, InvocationSpec], words: Sequence[str], work: Callable[[], int]) -> int:
        found.append(list(words))
        return run_command(catalog, words, work)

    monkeypatch.setattr("invokeai_cli.app.run_command", noted)
    return found


@pytest.fixture
def nodes_folder(isolated_home: Path) -> Path:
    """Return an empty folder for the user's own nodes and recipes."""
    folder = isolated_home / "config" / "nodes"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    """Return a small image file in the test's own folder."""
    path = tmp_path / "fox.png"
    Image.effect_mandelbrot((64, 48), (-3, -2.5, 2, 2.5), 20).save(path)
    return path


@pytest.fixture
def type_(isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TypeLine:
    """Return a function that runs the program in a temporary home and working folder."""

    def type_line(
        *words: str,
        stdin: str | bytes | None = "",
        terminal: bool = False,
        encoding: str = "utf-8",
        folder: Path = tmp_path,
        leave: Callable[[int], None] = pytest.fail,
        clock: Callable[[], float] = time.monotonic,
        **variables: str,
    ) -> CliResult:
        monkeypatch.chdir(folder)
        data = stdin.encode("utf-8", "surrogateescape") if isinstance(stdin, str) else stdin
        stdin_stream = None if data is None else Stream(data, terminal=terminal, errors="surrogateescape")
        out, err = Stream(terminal=terminal, encoding=encoding), Stream(terminal=terminal, encoding=encoding)
        environment = Environment(
            stdin=stdin_stream,
            stdout=out,
            stderr=err,
            variables={"INVOKEAI_HOME": str(isolated_home), "TERM": "xterm-256color", **variables},
            folder=str(folder),
            clock=clock,
            leave=leave,
            home=str(isolated_home),
        )
        status = run(list(words), environment)
        return CliResult(status, out.text, err.text)

    return type_line


@pytest.fixture
def night(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes `night.inv`, next to an image `p.png`."""
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")

    def write(text: str) -> str:
        (tmp_path / "night.inv").write_text(text)
        return "night.inv"

    return write
