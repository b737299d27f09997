"""SIGTERM ends the program, whatever it is doing."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from invocations.catalog.registry import open_registry
from invokeai_cli.signals import Terminated, terminate


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
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        with pytest.raises(Terminated):
            len(open_registry([tmp_path], tmp_path / "cache"))
    finally:
        signal.signal(signal.SIGTERM, before)
