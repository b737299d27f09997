"""`engine stop --all` stops every engine that can be stopped; what `engine` and `engine log` show."""

from __future__ import annotations

import pytest

from invocations.running.engine.control import EngineControl, EngineFailed
from invocations.running.engine.place import EnginePlace
from invokeai_cli.directives.engine import _log, _status, _stop


class FakeEngine(EngineControl):
    """An engine that is stopped, or fails to."""

    def __init__(self, why: str = "", *, runs: bool = True) -> None:
        super().__init__(EnginePlace("/nowhere", "engine-0"), {})
        self.why, self.runs = why, runs

    def stop(self) -> bool:
        if self.why:
            raise EngineFailed(self.why)
        was, self.runs = self.runs, False
        return was


def test_an_engine_that_cannot_be_stopped_does_not_keep_the_others_running() -> None:
    engines = [FakeEngine("first"), FakeEngine(), FakeEngine("second"), FakeEngine()]
    with pytest.raises(EngineFailed, match="first"):
        _stop([*engines])
    assert [engine.runs for engine in engines] == [True, False, True, False]


@pytest.mark.parametrize(("runs", "text"), [(True, "2 engines stopped"), (False, "no engine is running")])
def test_the_number_of_stopped_engines_is_shown(runs: bool, text: str) -> None:
    assert _stop([FakeEngine(runs=runs), FakeEngine(runs=runs)]).text == text


def test_control_characters_in_the_log_are_made_visible() -> None:
    class Noisy(FakeEngine):
        def log(self) -> str:
            return "loading \x1b[31mred\x1b[0m\nready\n"

    answer = _log(None, Noisy())  # type: ignore[arg-type] # the call is only used for the note about an empty log
    assert answer.text == "loading \\x1b[31mred\\x1b[0m\nready"
    assert answer.data["log"] == "loading \x1b[31mred\x1b[0m\nready\n"


@pytest.mark.parametrize(("size", "text"), [(2_500_000, "2.5 MB"), (0, "not known")])
def test_the_memory_of_the_process_is_shown_if_the_system_reports_it(size: int, text: str) -> None:
    status = {"models": [], "model_bytes": 0, "memory_bytes": size, "clients": 0, "waiting": 0}
    (table,) = _status({**status, "busy": True, "idle_seconds": 0.0, "pid": 7}).tables
    assert ("process memory", text) in table.rows
