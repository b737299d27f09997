"""Torch and the model are loaded in the background once; lines that need them wait and show a message."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from invocations.language.source import Source
from invocations.running.engine.control import EngineControl
from invocations.services.generation.local import LocalGeneration
from invokeai_cli.repl import prompt
from invokeai_cli.repl.state import PromptState
from invokeai_cli.repl.warm_up import WarmUp

WAITING = "waiting for torch and the model to load"


class SlowWarmUp(WarmUp):
    """A warm-up that is loading until the test sets the event `loaded`."""

    def __init__(self, state: PromptState) -> None:
        super().__init__(state.shell)
        self.loaded = threading.Event()

    def _load(self, services: object, done: Callable[[], None]) -> None:
        self.loaded.wait(240)
        self.size = "96x96"
        self._thread = None
        done()


@pytest.fixture
def warm_up(state: PromptState) -> SlowWarmUp:
    """Return a warm-up whose model is still loading."""
    made = SlowWarmUp(state)
    made.start()
    return made


def err(state: PromptState) -> str:
    return state.shell.environment.stderr.text  # type: ignore[union-attr, no-any-return]


@pytest.mark.parametrize("line", ["add 1 2", "help t2i", "explain t2i a fox", "nosuch", "t2i a fox --steps 0"])
def test_a_line_that_needs_no_model_does_not_wait(warm_up: SlowWarmUp, state: PromptState, line: str) -> None:
    warm_up.wait_for(Source(None, line))
    assert warm_up.is_loading
    assert WAITING not in err(state)
    warm_up.loaded.set()


@pytest.mark.parametrize(
    "line", ["t2i a fox", "model default | prompt a | noise | denoise", "load fox.png | i2i a dog"]
)
def test_a_line_that_needs_a_model_waits_and_shows_a_message(
    warm_up: SlowWarmUp, state: PromptState, line: str, monkeypatch: pytest.MonkeyPatch, fox: Path
) -> None:
    monkeypatch.chdir(fox.parent)
    join = threading.Thread.join

    def loaded_meanwhile(thread: threading.Thread, timeout: float | None = None) -> None:
        warm_up.loaded.set()
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", loaded_meanwhile)
    warm_up.wait_for(Source(None, line))
    assert not warm_up.is_loading
    assert WAITING in err(state)


def test_control_c_ends_the_wait_but_not_the_loading(
    warm_up: SlowWarmUp, state: PromptState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            warm_up.wait_for(Source(None, "t2i a fox"))
    assert warm_up.is_loading
    warm_up.loaded.set()
    warm_up.wait()


def test_loading_starts_once_and_calls_the_callback_when_done(state: PromptState) -> None:
    calls: list[str] = []
    warm_up = SlowWarmUp(state)
    warm_up.loaded.set()
    for name in ("first", "second"):
        warm_up.start(lambda name=name: calls.append(name))  # type: ignore[misc]
        warm_up.wait()
    assert calls == ["first"]


def test_a_missing_model_is_reported_only_by_a_line_that_needs_it(state: PromptState) -> None:
    state.shell.workspace.memory.set("model", "gone")
    warm_up = WarmUp(state.shell)
    warm_up.start()
    warm_up.wait()
    assert (warm_up.size, err(state)) == ("", "")


@pytest.mark.parametrize("engine", ["on", "auto"])
def test_if_lines_run_in_the_engine_no_model_is_loaded_here(
    state: PromptState, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(EngineControl, "start", lambda control, *, is_asked: calls.append("start"))
    monkeypatch.setattr(EngineControl, "status", lambda control: calls.append("status") or {})
    monkeypatch.setattr(LocalGeneration, "prepare", lambda *_: pytest.fail("a model was loaded"))
    state.shell.__dict__["config"] = replace(state.shell.config, engine=engine)
    warm_up = WarmUp(state.shell)
    warm_up.start()
    warm_up.wait()
    assert warm_up.size == "96x96"
    assert calls == (["start", "status"] if engine == "on" else ["status"])


@pytest.mark.parametrize(("jobs", "warm"), [("1", True), ("2", False), ("auto", True)])
def test_the_model_is_loaded_in_the_background_unless_worker_processes_load_it(
    state: PromptState, monkeypatch: pytest.MonkeyPatch, jobs: str, warm: bool
) -> None:
    seen: list[PromptState] = []
    monkeypatch.setattr(prompt, "loop", lambda state, reader: seen.append(state))
    monkeypatch.setattr(prompt, "plain", lambda shell: True)
    state.shell.__dict__["config"] = replace(state.shell.config, warm_up=True, jobs=jobs, device="cpu")
    prompt.run(state.shell)
    assert (seen[0].warm_up is not None) is warm
