"""SIGTERM and SIGHUP end the program, whatever it is doing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from invocations.catalog.registry import open_registry
from workflows.signals import Terminated, terminate

NUMBERS = (signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def restored_handlers() -> Iterator[None]:
    """Restore the handlers of this process after each test."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "status"), [*zip(NUMBERS, (143, 129), strict=True)])
def test_further_signals_are_ignored_while_the_program_ends(number: signal.Signals, status: int) -> None:
    with pytest.raises(Terminated) as ended:
        terminate(number)
    assert ended.value.status == status
    for other in NUMBERS:
        signal.raise_signal(other)


def test_sigterm_in_a_callback_of_an_event_loop_ends_the_loop() -> None:
    async def wait() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        loop.call_soon(terminate, signal.SIGTERM)
        loop.call_soon(done.set)
        await done.wait()

    with pytest.raises(Terminated):
        asyncio.run(wait())


def test_sigterm_while_a_plug_in_is_imported_is_not_an_error_of_the_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n")
    signal.signal(signal.SIGTERM, terminate)
    with pytest.raises(Terminated):
        len(open_registry([tmp_path], tmp_path / "cache"))
