"""A fake server with a scripted generation service, and the program with this server as its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from invocations.local import LocalServices
from tests.invokeai_cli.conftest import CliResult
from tests.invokeai_cli.on_server.fake_api import TOKEN, FakeApi, serving
from tests.invokeai_cli.scripted import ScriptedGeneration

RunThere = Callable[..., CliResult]


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the generation service, here and on the server, with one that needs no model."""
    monkeypatch.setattr(LocalServices, "generation", property(lambda services: ScriptedGeneration(services.images)))


@pytest.fixture
def api(tmp_path: Path) -> FakeApi:
    """Return what the server holds."""
    return FakeApi(tmp_path / "server")


@pytest.fixture
def address(api: FakeApi) -> Iterator[str]:
    """Yield the address of the server."""
    with serving(api) as address:
        yield address


@pytest.fixture
def there(address: str, type_: Callable[..., CliResult]) -> RunThere:
    """Return a function that runs the program with the server and its token."""

    def run(*words: str, **how: str) -> CliResult:
        return type_(*words, **{"INVOKEAI_SERVER": address, "INVOKEAI_TOKEN": TOKEN, **how})

    return run
