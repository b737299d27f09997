"""A pipe of several uses of the program in worlds of their own, one after the other, over one store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.invokeai_cli.conftest import Said, Stream

Filter = Callable[[str], str]


@dataclass(frozen=True)
class Piped:
    """What came of a pipe: what each stage said, and what went from each to the next."""

    stages: tuple[Said, ...]
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


Pipe = Callable[..., Piped]


@pytest.fixture
def pipe(own_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Return what runs a pipe: a text is a line in one word, a list the shell's words, a function a filter between.

    feeds: whether it can be known who reads. homes: the INVOKEAI_HOME of each stage, where it is another.
    """
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")
    Image.new("RGB", (24, 24), "red").save(tmp_path / "q.png")

    def run_pipe(
        *stages: str | list[str] | Filter,
        feeds: bool | None = True,
        homes: tuple[str, ...] = (),
        stdin: str | bytes = "",
    ) -> Piped:
        monkeypatch.chdir(tmp_path)
        data = stdin.encode() if isinstance(stdin, str) else stdin
        said: list[Said] = []
        between: list[str] = []
        fed = bool(data)
        uses = [stage for stage in stages if not callable(stage)]
        for stage in stages:
            if callable(stage):
                data = stage(data.decode()).encode()
                continue
            last = len(said) == len(uses) - 1
            out, err = Stream(), Stream()
            home = homes[len(said)] if homes else str(own_world)
            environment = Environment(
                stdin=Stream(data, errors="surrogateescape"), stdout=out, stderr=err,
                variables={"INVOKEAI_HOME": home}, folder=str(tmp_path), home=home,
                output_is_piped=lambda last=last: False if last else feeds, stdin_has_data=lambda asked, fed=fed: fed,  # type: ignore[misc]
            )  # fmt: skip
            words = [stage] if isinstance(stage, str) else stage
            status = run(words, environment)
            said.append(Said(status, out.text, err.text))
            between.append(out.text)
            data, fed = out.text.encode("utf-8", "surrogateescape"), True
        return Piped(tuple(said), tuple(between[:-1]))

    return run_pipe
