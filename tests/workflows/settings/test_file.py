"""The settings file is edited in place; everything around the changed value is preserved."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.at_once import forked_at_once
from workflows.problems import ConfigError, FileError
from workflows.settings import file
from workflows.settings.file import write_default, write_setting

BEFORE = """# mine
device = "cpu"  # slow

[defaults]
# few
steps    = 20
t2i.width = 64
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


def user_file(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return str(path)


def test_a_file_keeps_its_comments_order_and_spacing(path: Path) -> None:
    name = user_file(path, BEFORE)
    write_setting(name, "device", "cuda")
    write_setting(name, "cache", False)
    write_default(name, "steps", "30")
    write_default(name, "t2i.seed", "7")
    after = """# mine
device = "cuda"  # slow
cache = false

[defaults]
# few
steps    = "30"
t2i.width = 64
t2i.seed = "7"
"""
    assert path.read_text() == after
    write_setting(name, "cache", None)
    write_default(name, "t2i.seed", None)
    assert path.read_text() == after.replace("cache = false\n", "").replace('t2i.seed = "7"\n', "")


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "steps", "5", '[defaults]\nsteps = "5"\n'),
        ("", "t2i.steps", "5", '[defaults]\nt2i.steps = "5"\n'),
        ("", "steps@sd15", "5", '[model_defaults]\nsd15.steps = "5"\n'),
        ("", "steps@org/v5.1 x", "5", '[model_defaults]\n"org/v5.1 x".steps = "5"\n'),
        ("[model_defaults.a]\nwidth = 1\n", "steps@a", "5", '[model_defaults.a]\nwidth = 1\nsteps = "5"\n'),
        ("[model_defaults]\na.width = 1\na.steps = 2\n", "steps@a", None, "[model_defaults]\na.width = 1\n"),
        (
            "[model_defaults]\na.steps = 2\n\n[defaults]\nx = 1\n",
            "steps@a",
            None,
            "[model_defaults]\n\n[defaults]\nx = 1\n",
        ),
        ('device = "cpu"\n', "steps", "5", 'device = "cpu"\n\n[defaults]\nsteps = "5"\n'),
        ("[defaults.t2i]\nseed = 1\n", "t2i.steps", "5", '[defaults.t2i]\nseed = 1\nsteps = "5"\n'),
        ("[defaults.t2i]\nseed = 1\n", "steps", "5", '[defaults]\nsteps = "5"\n\n[defaults.t2i]\nseed = 1\n'),
        ("defaults.t2i.seed = 1\n", "steps", "5", 'defaults.t2i.seed = 1\ndefaults.steps = "5"\n'),
        ("defaults = { steps = 1 } # few\n", "steps", "5", 'defaults = { steps = "5" } # few\n'),
        ("defaults = { steps = 1 }\n", "t2i.a", "5", 'defaults = { steps = 1, t2i = {a = "5"}}\n'),
        ("[defaults]\r\nsteps = 1\r\n", "steps", "5", '[defaults]\r\nsteps = "5"\r\n'),
        ("[defaults]\nsteps = 1\n", "steps", None, "[defaults]\n"),
        ("[defaults]\nt2i.steps = 1\n", "t2i.steps", None, "[defaults]\n"),
        ("[defaults]\nsteps = 1\n", "t2i.steps", None, "[defaults]\nsteps = 1\n"),
    ],
)
def test_a_default_is_added_to_the_defaults_table(
    path: Path, before: str, name: str, value: str | None, after: str
) -> None:
    write_default(user_file(path, before), name, value)
    assert path.read_bytes().decode() == after


def test_a_list_of_folders_is_written_as_an_array(path: Path) -> None:
    write_setting(str(path), "models_dirs", ("x", 'y"\\\n'))
    assert tomllib.loads(path.read_text()) == {"models_dirs": ["x", 'y"\\\n']}


def test_a_value_is_never_replaced_by_a_table(path: Path) -> None:
    name = user_file(path, "[defaults]\nt2i = 5\n")
    with pytest.raises(FileError, match="`t2i` is both a value and a table"):
        write_default(name, "t2i.steps", "5")
    assert path.read_text() == "[defaults]\nt2i = 5\n"


def test_a_file_that_is_not_valid_toml_is_not_changed(path: Path) -> None:
    name = user_file(path, "device = \n")
    with pytest.raises(ConfigError, match="Invalid value"):
        write_setting(name, "device", "cpu")
    assert path.read_text() == "device = \n"


NAMES = st.sampled_from(["steps", "seed", "t2i.steps", "t2i.seed", "blur.radius"])
FILES = st.sampled_from(
    [
        BEFORE, "", "defaults = { steps = 1 }\n", "[defaults.t2i]\nseed = 1\n", 'defaults.t2i.seed = "1"\n',
        "[defaults]\nsteps = 1\n[defaults.t2i]\nseed = 2\n[defaults.blur]\nradius = 3", "defaults = {t2i = {seed = 1}}",
    ]
)  # fmt: skip


@given(before=FILES, changes=st.lists(st.tuples(NAMES, st.one_of(st.none(), st.text(max_size=5)))))
def test_a_default_is_written_whatever_the_layout_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, before: str, changes: list[tuple[str, str | None]]
) -> None:
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    path.write_text(before)
    wanted = flat(tomllib.loads(before).get("defaults", {}))
    for name, value in changes:
        write_default(str(path), name, value)
        wanted.pop(name, None)
        if value is not None:
            wanted[name] = value
    assert flat(tomllib.loads(path.read_text()).get("defaults", {})) == wanted


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_settings_changed_by_eight_processes_at_once_are_all_kept(path: Path) -> None:
    name = user_file(path, BEFORE)
    assert forked_at_once(8, lambda number: write_default(name, f"i{number}", str(number))) == [0] * 8
    defaults = tomllib.loads(path.read_text())["defaults"]
    assert {f"i{number}": str(number) for number in range(8)}.items() <= defaults.items()


def test_the_file_stays_locked_between_reading_and_writing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    name = user_file(path, BEFORE)
    seen = []

    def watched(step: str) -> None:
        plain = getattr(file, step)

        def check(*args: Any) -> Any:
            with open(f"{name}.lock", "a") as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append(step)
            return plain(*args)

        monkeypatch.setattr(file, step, check)

    watched("read_file")
    watched("_write")
    write_setting(name, "device", "cuda")
    assert seen == ["read_file", "_write"]
    with open(f"{name}.lock", "a") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.skipif(os.name == "nt", reason="POSIX file modes")
def test_a_symbolic_link_to_the_file_and_the_mode_of_the_file_are_kept(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "invokeai.toml"
    user_file(target, BEFORE)
    target.chmod(0o600)
    path.parent.mkdir()
    path.symlink_to(target)
    write_setting(str(path), "device", "cuda")
    assert (path.is_symlink(), target.stat().st_mode & 0o777) == (True, 0o600)
    assert tomllib.loads(target.read_text())["device"] == "cuda"
    assert os.listdir(target.parent) == ["invokeai.toml"]


def test_the_error_for_a_file_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError) as caught:
        write_setting(str(tmp_path / "file" / "config.toml"), "device", "cpu")
    assert caught.value.hint == "make it writable, or choose another folder: see INVOKEAI_HOME in `help environment`"
