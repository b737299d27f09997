"""Where an engine is: another version, home or device has another socket, and nobody else can use it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from invocations.local import LocalSettings
from invocations.running.engine import place as module
from invocations.running.engine.link import NoEngine, connect
from invocations.running.engine.listening import PlaceTaken, listen, lock, release
from invocations.running.engine.place import EnginePlace, engine_place, why_unsafe


@pytest.fixture
def short() -> Iterator[Path]:
    """Return a new folder whose path is short enough for sockets."""
    with TemporaryDirectory(prefix="engine-") as folder:
        yield Path(folder)


def settings(folder: Path) -> LocalSettings:
    return LocalSettings(folder / "data", folder / "cache", folder / "out", device="cpu")


def test_the_socket_is_in_the_runtime_folder_of_the_user(short: Path) -> None:
    place = engine_place(settings(short), {"XDG_RUNTIME_DIR": str(short)})
    assert place.folder == str(short / "invokeai")
    assert place.socket == f"{short}/invokeai/{place.name}.sock"


def test_a_runtime_folder_of_another_user_is_not_used(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.getuid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: own + 1)
        assert engine_place(settings(short), {"XDG_RUNTIME_DIR": str(short)}).folder == str(short / "data" / "run")


@pytest.mark.parametrize("runtime", ["", "relative", "/does/not/exist"])
def test_without_a_runtime_folder_the_socket_is_in_the_data_folder(short: Path, runtime: str) -> None:
    assert engine_place(settings(short), {"XDG_RUNTIME_DIR": runtime}).folder == str(short / "data" / "run")


CHANGES: dict[str, Callable[[LocalSettings, pytest.MonkeyPatch], LocalSettings]] = {
    "the data folder": lambda found, patch: replace(found, data_dir=Path("/elsewhere")),
    "the cache folder": lambda found, patch: replace(found, cache_dir=Path("/elsewhere")),
    "the device": lambda found, patch: replace(found, device="cuda"),
    "the precision": lambda found, patch: replace(found, dtype="float16"),
    "the program's version": lambda found, patch: (
        patch.setattr(module, "versions", lambda: {"invokeai-cli": "99"}) or found
    ),
    "the program's code": lambda found, patch: patch.setattr(module, "source_state", lambda: "changed") or found,
    "the machine, as several may share a folder": lambda found, patch: (
        patch.setattr("socket.gethostname", lambda: "elsewhere") or found
    ),
    "Python": lambda found, patch: patch.setattr("sys.version", "9.9") or found,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_an_engine_must_share_with_its_clients_is_in_its_name(
    short: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[..., LocalSettings]
) -> None:
    before = engine_place(settings(short), {})
    assert engine_place(settings(short), {}).name == before.name
    assert engine_place(change(settings(short), monkeypatch), {}).name != before.name


def test_other_settings_do_not_change_the_name(short: Path) -> None:
    found = settings(short)
    assert engine_place(replace(found, template="x", jobs=2, base=Path("/x")), {}) == engine_place(found, {})


def test_a_changed_source_file_changes_the_state_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "core" / "inner" / "loop.py"
    file.parent.mkdir(parents=True)
    (tmp_path / "invocations").mkdir()
    file.write_text("one")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "c" / "d.py"))
    before = module.source_state()
    assert module.source_state() == before
    file.write_text("other")
    assert module.source_state() != before


def test_a_path_that_is_too_long_for_a_socket_is_not_used(short: Path) -> None:
    place = EnginePlace(str(short / ("x" * 100)), "engine-0")
    assert not place.is_short
    with pytest.raises(NoEngine, match=f"its socket is longer than 103 bytes: {place.socket}$") as caught:
        connect(place, {})
    assert not caught.value.is_absent
    assert EnginePlace("/" + "x" * 88, "engine-0").is_short  # 103 bytes, which macOS accepts
    assert not EnginePlace("/" + "x" * 89, "engine-0").is_short


def test_the_socket_and_its_folder_can_only_be_used_by_this_user(short: Path) -> None:
    place = EnginePlace(str(short / "run"), "engine-0")
    with lock(place):
        listener = listen(place)
        assert os.stat(place.folder).st_mode & 0o777 == 0o700
        assert os.stat(place.socket).st_mode & 0o777 == 0o600
        assert (why_unsafe(place.folder), why_unsafe(place.socket)) == ("", "")
        listener.close()


def bound(path: Path, mode: int) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    path.chmod(mode)
    return listener


@pytest.mark.parametrize(
    ("folder_mode", "socket_mode", "about"), [(0o755, 0o600, "run"), (0o700, 0o666, "run/engine-0.sock")]
)
def test_a_socket_that_other_users_may_use_is_refused(
    short: Path, folder_mode: int, socket_mode: int, about: str
) -> None:
    (short / "run").mkdir()
    with bound(short / "run" / "engine-0.sock", socket_mode):
        (short / "run").chmod(folder_mode)
        with pytest.raises(NoEngine, match=f"other users may use {short / about}"):
            connect(EnginePlace(str(short / "run"), "engine-0"), {})


@pytest.mark.parametrize("about", ["run", "run/engine-0.sock"])
def test_a_socket_of_another_user_is_refused(short: Path, about: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (short / "run").mkdir(mode=0o700)
    with bound(short / "run" / "engine-0.sock", 0o600):
        own, lstat = os.getuid(), os.lstat

        def of_another_user(path: str) -> os.stat_result:
            found = list(lstat(path))
            found[4] = own + 1 if path == str(short / about) else own
            return os.stat_result(found)

        with monkeypatch.context() as patch:
            patch.setattr(os, "lstat", of_another_user)
            with pytest.raises(NoEngine, match=f"{short / about} belongs to another user"):
                connect(EnginePlace(str(short / "run"), "engine-0"), {})


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_a_symbolic_link_in_place_of_the_socket_is_refused(short: Path, kind: str) -> None:
    (short / "run").mkdir(mode=0o700)
    path = short / "run" / "engine-0.sock"
    with bound(short / "run" / "other.sock", 0o600):
        path.write_text("") if kind == "file" else path.symlink_to(short / "run" / "other.sock")
        with pytest.raises(NoEngine, match="is neither a folder nor a socket"):
            connect(EnginePlace(str(short / "run"), "engine-0"), {})


def test_only_one_engine_takes_a_place(short: Path) -> None:
    place = EnginePlace(str(short / "run"), "engine-0")
    with lock(place), pytest.raises(PlaceTaken, match="another process is starting, running or stopping it"):
        lock(place)
    lock(place).close()


def test_releasing_a_place_removes_its_lock_and_an_empty_log(short: Path) -> None:
    place = EnginePlace(str(short / "run"), "engine-0")
    held = lock(place)
    Path(place.log).write_text("")
    release(place, held)
    assert os.listdir(place.folder) == []


def test_a_log_that_is_not_empty_is_kept(short: Path) -> None:
    place = EnginePlace(str(short / "run"), "engine-0")
    held = lock(place)
    Path(place.log).write_text("Traceback")
    release(place, held)
    assert os.listdir(place.folder) == ["engine-0.log"]


def test_a_lock_whose_file_was_removed_meanwhile_is_taken_again(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = EnginePlace(str(short / "run"), "engine-0")
    stat, times = os.stat, iter([True])

    def removed_once(path: str) -> os.stat_result:
        if path == place.lock and next(times, False):
            os.unlink(path)
        return stat(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", removed_once)
        held = lock(place)
    assert os.path.samestat(os.fstat(held.fileno()), os.stat(place.lock))
    release(place, held)


def test_a_folder_that_other_users_may_use_is_not_taken(short: Path) -> None:
    (short / "run").mkdir()
    (short / "run").chmod(0o777)
    with pytest.raises(PlaceTaken, match="other users may use"):
        lock(EnginePlace(str(short / "run"), "engine-0"))


def test_the_socket_of_an_engine_that_was_killed_is_removed(short: Path) -> None:
    (short / "run").mkdir(mode=0o700)
    place = EnginePlace(str(short / "run"), "engine-0")
    bound(Path(place.socket), 0o600).close()
    with pytest.raises(NoEngine) as caught:
        connect(place, {})
    assert (caught.value.is_absent, os.listdir(place.folder)) == (True, [])


def test_the_socket_of_an_engine_that_is_just_starting_is_not_removed(short: Path) -> None:
    place = EnginePlace(str(short / "run"), "engine-0")
    with lock(place):
        bound(Path(place.socket), 0o600).close()
        with pytest.raises(NoEngine):
            connect(place, {})
        assert os.path.exists(place.socket)
