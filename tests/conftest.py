"""Fixtures of the whole suite: each test has its own home folder, and none uses the network."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

import core  # noqa: F401 - says how threads wait before any test imports torch
from tests.listings import list_backwards
from tests.loopback import allow_loopback_only

# A busy machine may stall, so hypothesis limits the number of examples, never their time.
# The suite always picks the same examples, so that a failure is due to a change; `make attack` picks new ones.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("attack", deadline=None, print_blob=True)
settings.load_profile("suite")
NUMBERS = count()


@pytest.fixture(scope="session", autouse=True)
def order_of_files() -> Iterator[None]:
    """List folders backwards if INVOKEAI_TEST_REVERSED is set, so that no test relies on the order of files."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("INVOKEAI_TEST_REVERSED"):
            list_backwards(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let tests connect to this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        allow_loopback_only(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def signals_are_heard() -> None:
    """Handle SIGINT and SIGHUP even if the suite was started in the background or by nohup, which ignore them."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that contains all test homes; a `mktemp` for each test would list all earlier homes."""
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture(scope="session")
def folder_and_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Return the folder and the single file of a tiny model with the same weights (see `single_files`), made once."""
    made: dict[str, tuple[Path, Path]] = {}

    def model(name: str) -> tuple[Path, Path]:
        from tests.single_files import make

        if name not in made:
            made[name] = make(tmp_path_factory.mktemp("tiny"), name)
        return made[name]

    return model


@pytest.fixture(autouse=True)
def isolated_home(worlds: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own home for config, data, state and cache, and disable access to model hubs."""
    home = worlds / f"home{next(NUMBERS)}"
    home.mkdir()
    monkeypatch.setenv("INVOKEAI_HOME", str(home))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("NO_COLOR", "FORCE_COLOR", "INVOKEAI_OUTPUT", "INVOKEAI_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def tiny_model(worlds: Path) -> Callable[[str], Path]:
    """Return the folder of a tiny model with random weights (see `RECIPES`), which lies in a folder of models."""

    def folder(recipe: str) -> Path:
        from tests.core.conftest import make_recipe  # imports torch

        place = worlds / "tiny models" / recipe
        return place if place.exists() else make_recipe(place, recipe)

    return folder
