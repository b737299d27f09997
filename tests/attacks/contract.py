"""Send generated requests to every address of the API: answers must be as the OpenAPI document says.

Run `python -m tests.attacks.contract --examples 50`; half of the examples follow the document, and half break it on
purpose. The examples are the same in each run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from invocations.local import LocalServices
from invokeai_web.api_app import create_app
from invokeai_web.options import ServeOptions
from invokeai_web.server import Server
from tests.invokeai_cli.scripted import ScriptedGeneration

TOKEN: Final = "token-of-the-contract"
BASE_URL: Final = "http://127.0.0.1:9090"
HEADERS: Final = {"Authorization": f"Bearer {TOKEN}"}
CHECKS: Final = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
"""What each answer is checked for. That valid data is accepted is not: no schema can say which lines are valid."""


@contextmanager
def contract_server() -> Iterator[Server]:
    """Yield a server in a temporary home, whose images are made without a model."""
    generation = LocalServices.generation
    with tempfile.TemporaryDirectory() as home:
        before = os.environ.get("INVOKEAI_HOME")
        os.environ["INVOKEAI_HOME"] = home
        LocalServices.generation = property(lambda services: ScriptedGeneration(services.images))  # type: ignore[assignment,method-assign]
        server = Server.open(ServeOptions(in_process=True, requests_per_second=0), folder=home, token=TOKEN)
        try:
            yield server
        finally:
            server.close()
            LocalServices.generation = generation  # type: ignore[method-assign]
            if before is None:
                del os.environ["INVOKEAI_HOME"]
            else:
                os.environ["INVOKEAI_HOME"] = before


def failures(examples: int, words: str = "") -> Iterator[tuple[str, str]]:
    """Yield each address with what is wrong with its answers, or "".

    examples: for each address and method. words: only addresses that contain this text
    """
    with contract_server() as server:
        app = create_app(server)
        schema = schemathesis.openapi.from_dict(asyncio.run(_document(app)))
        schema.app = app
        for found in schema.get_all_operations():
            operation = found.ok()
            if words in operation.label:
                yield operation.label, _wrong(operation, server, examples)


def _wrong(operation: Any, server: Server, examples: int) -> str:
    """Return what is wrong with the answers of an operation, or ""."""
    known = _known_values(server)
    positive = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    try:
        _try(positive, known, (examples + 1) // 2)
        if operation.body or operation.query or operation.path_parameters:
            _try(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE), {}, examples // 2)
    except (Exception, BaseExceptionGroup) as error:  # a failed check, or several of them
        return f"{type(error).__name__}: {error}"
    return ""


def _try(strategy: Any, known: Mapping[str, str], examples: int) -> None:
    number = 0

    @settings(
        max_examples=max(examples, 1),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=strategy)
    def answer(case: Any) -> None:
        nonlocal number
        number += 1
        if number % 4 and case.path_parameters:  # most examples name something that exists
            for name in [name for name in case.path_parameters if name in known]:
                case.path_parameters[name] = known[name]
        case.call_and_validate(headers=HEADERS, base_url=BASE_URL, checks=CHECKS)

    answer()


def _known_values(server: Server) -> dict[str, str]:
    """Return values for the parameters of addresses that name something that exists."""
    session = server.invoker.create().id
    with server.workspace_of(session) as workspace:
        workspace.run("t2i a fox --width 64 --height 64 --steps 1 --seed 7")
    item = server.coordinator.enqueue(session)
    return {"session_id": session, "item_id": item.id, "type": "blur", "name": "default"}


async def _document(app: Any) -> Any:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL, headers=HEADERS) as client:
        return (await client.get("/api/v1/openapi.json")).json()


def main() -> int:
    """Print what is wrong with each address; the exit status is 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=50, help="requests for each address and method")
    parser.add_argument("--only", default="", help="only addresses that contain this text")
    options = parser.parse_args()
    count = wrong = 0
    for label, problem in failures(options.examples, options.only):
        count += 1
        wrong += bool(problem)
        print(f"{label}: {problem or 'as the document says'}", flush=True)
    print(f"{count} addresses, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
