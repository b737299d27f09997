"""Run a pipe of several program processes in isolation, one after the other, with a shared store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image

from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.invokeai_cli.conftest import CliResult, Stream

Filter = Callable[[str], str]


@dataclass(frozen=True)
class Piped:
    """The outcome of a pipe: the result of each process, and the output that each process passed to the next."""

    stages: tuple[CliResult, ...]
    between: tuple[str, ...]

    @property
    def status(self) -> list[int]:
        return [stage.status for stage in self.stages]

    @property
    def out(self) -> str:
        return self.stages[-1].out

    @property
    def err(self) -> str:
        return "".join(stage.err for stage in self.stages)


class Pipe(Protocol):
    """Runs a pipe. Each argument is a process with a quoted line (string) or words (list), or a filter (function).

    feeds: whether each process knows that this program reads its output. homes: INVOKEAI_HOME for each process, if they
    differ.
    """

    def __call__(
        self,
        *stages: str | list[str] | Filter,
        feeds: bool = True,
        homes: tuple[str, ...] = (),
        stdin: str | bytes = "",
    ) -> Piped: ...


@pytest.fixture
def pipe(isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Return a function that runs a pipe in a folder with two images."""
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")
    Image.new("RGB", (24, 24), "red").save(tmp_path / "q.png")

    def run_pipe(
        *stages: str | list[str] | Filter,
        feeds: bool = True,
        homes: tuple[str, ...] = (),
        stdin: str | bytes = "",
    ) -> Piped:
        monkeypatch.chdir(tmp_path)
        data = stdin.encode() if isinstance(stdin, str) else stdin
        results: list[CliResult] = []
        between: list[str] = []
        fed = bool(data)
        processes = [stage for stage in stages if not callable(stage)]
        for stage in stages:
            if callable(stage):
                data = stage(data.decode()).encode()
                continue
            last = len(results) == len(processes) - 1
            out, err = Stream(), Stream()
            home = homes[len(results)] if homes else str(isolated_home)
            environment = Environment(
                stdin=Stream(data, errors="surrogateescape"), stdout=out, stderr=err,
                variables={"INVOKEAI_HOME": home}, folder=str(tmp_path), home=home,
                read_by_this_program=lambda last=last: None if last else feeds,  # type: ignore[misc]
                stdin_has_data=lambda asked, fed=fed: fed,  # type: ignore[misc]
            )  # fmt: skip
            words = [stage] if isinstance(stage, str) else stage
            status = run(words, environment)
            results.append(CliResult(status, out.text, err.text))
            between.append(out.text)
            data, fed = out.text.encode("utf-8", "surrogateescape"), True
        return Piped(tuple(results), tuple(between[:-1]))

    return run_pipe
