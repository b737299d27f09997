"""`engine [status | start | stop | log]`: the process that keeps models loaded between commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.running.engine.control import EngineFailed
from invocations.shown_numbers import counted, readable_size
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.engine import engine_of
from workflows.lookup import check_device
from workflows.problems import FileError
from workflows.shown_text import duration, plain

from .call import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invocations.running.engine.control import EngineControl

NONE = "no engine is running"
LOGGED = "`engine log`, with the same options, shows what it reported"
FOLDER = "set XDG_RUNTIME_DIR to a folder with a short path that only you can use"
EMPTY = "the log is empty: the engine has reported no errors since it was started last"


def run(call: Call) -> Answer:
    """Show the engine, start it, stop it, or print its log. Raises: FileError, ConfigError."""
    engine = engine_of(call.shell.config)
    try:
        if call.row.word == "start":
            check_device(call.shell.config)
            return _start(engine)
        if call.row.word == "stop":
            return _stop([engine, *(engine.others() if call.flag("all") else ())])
        if call.row.word == "log":
            return _log(call, engine)
        return _status(engine.status())
    except EngineFailed as error:
        raise FileError(f"the engine cannot be used: {error}", LOGGED if engine.log() else FOLDER) from error


def _start(engine: EngineControl) -> Answer:
    is_new = engine.start()
    status = engine.status() or {}
    text = "the engine is running" if is_new else "the engine was already running"
    return Answer("engine_started/1", {"started": is_new, "pid": status.get("pid")}, text=text)


def _log(call: Call, engine: EngineControl) -> Answer:
    """Show the log, to which libraries write: control characters in it would change the terminal."""
    text = engine.log()
    if not text:
        call.shell.renderer.note(EMPTY)
    shown = "\n".join(map(plain, text.rstrip().splitlines()))
    return Answer("engine_log/1", {"path": engine.place.log, "log": text}, text=shown)


def _stop(engines: list[EngineControl]) -> Answer:
    """Stop engines; one that cannot be stopped does not keep the others running. Raises: EngineFailed."""
    stopped, failed = 0, []
    for engine in engines:
        try:
            stopped += engine.stop()
        except EngineFailed as error:
            failed.append(error)
    if failed:
        raise failed[0]
    text = f"{counted(stopped, 'engine')} stopped" if stopped else NONE
    return Answer("engine_stopped/1", {"stopped": stopped}, text=text)


def _status(status: Mapping[str, Any] | None) -> Answer:
    if status is None:
        return Answer("engine/1", {"running": False}, text=NONE)
    rows = (
        ("models", ", ".join(status["models"]) or "none"),
        ("model size", readable_size(status["model_bytes"])),
        ("process memory", readable_size(status["memory_bytes"]) if status["memory_bytes"] else "not known"),
        ("clients", str(status["clients"])),
        ("waiting", str(status["waiting"])),
        ("idle", "busy" if status["busy"] else duration(status["idle_seconds"])),
        ("process id", str(status["pid"])),
    )
    return Answer("engine/1", {"running": True, **status}, (Table(("engine", ""), rows),))
