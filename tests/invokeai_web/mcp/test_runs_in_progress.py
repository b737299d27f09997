"""Progress, cancellation and parallel calls while a line runs, with both versions of the protocol."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from mcp import Client

from tests.invokeai_web.mcp.conftest import ERAS, Play, text_of
from workflows.workspace import Workspace

DEADLINE_S = 60


@pytest.mark.parametrize("era", ERAS)
def test_progress_is_reported_while_a_line_runs_and_only_grows(play: Play, era: str) -> None:
    reports: list[tuple[float, float | None, str | None]] = []

    async def note(value: float, total: float | None, message: str | None) -> None:
        reports.append((value, total, message))

    async def conversation(client: Client) -> None:
        await client.call_tool("run", {"line": "t2i a fox --steps 5 | blur 2"}, progress_callback=note)
        values = [value for value, _, _ in reports]
        assert values == sorted(set(values))
        assert {total for _, total, _ in reports} == {7.0}
        assert reports[0][2] == "model"

    play(conversation, era)


@pytest.mark.parametrize("era", ERAS)
def test_a_cancelled_call_cancels_the_line_and_the_next_one_runs(play: Play, folder: Path, era: str) -> None:
    async def conversation(client: Client) -> None:
        begun = anyio.Event()

        async def note(value: float, total: float | None, message: str | None) -> None:
            begun.set()

        async with anyio.create_task_group() as group:

            async def call() -> None:
                await client.call_tool("run", {"line": "hold 5 | add 1"}, progress_callback=note)

            group.start_soon(call)
            with anyio.fail_after(DEADLINE_S):
                await begun.wait()
            group.cancel_scope.cancel()
        with anyio.fail_after(DEADLINE_S):
            after = await client.call_tool("run", {"line": "add 1 2"})
        lines = (await client.call_tool("history")).structured_content["lines"]
        assert text_of(after) == "3"
        assert [(each["line"], each["outcome"]) for each in lines] == [
            ("hold 5 | add 1", "cancelled"),
            ("add 1 2", "done"),
        ]

    play(conversation, era)


def test_a_line_that_is_cancelled_while_it_waits_for_another_one_never_begins(play: Play, folder: Path) -> None:
    async def conversation(client: Client) -> None:
        begun = anyio.Event()

        async def note(value: float, total: float | None, message: str | None) -> None:
            begun.set()

        async with anyio.create_task_group() as group:

            async def hold() -> None:
                await client.call_tool("run", {"line": "hold 5"}, progress_callback=note)

            group.start_soon(hold)
            with anyio.fail_after(DEADLINE_S):
                await begun.wait()
            with anyio.move_on_after(0.05):
                await client.call_tool("run", {"line": "add 1 2"})
            (folder / "go").touch()
        lines = (await client.call_tool("history")).structured_content["lines"]
        assert [(each["line"], each["outcome"]) for each in lines] == [("hold 5", "done")]

    play(conversation)


def test_a_line_can_be_planned_and_searched_for_while_another_one_runs(play: Play, folder: Path) -> None:
    async def conversation(client: Client) -> None:
        begun = anyio.Event()

        async def note(value: float, total: float | None, message: str | None) -> None:
            begun.set()

        async with anyio.create_task_group() as group:

            async def hold() -> None:
                await client.call_tool("run", {"line": "hold 5"}, progress_callback=note)

            group.start_soon(hold)
            with anyio.fail_after(DEADLINE_S):
                await begun.wait()
                for tool, arguments in (
                    ("plan", {"line": "add 1 2"}),
                    ("explain", {"line": "| add 2"}),
                    ("search_nodes", {"words": "blur"}),
                    ("history", {}),
                ):
                    assert not (await client.call_tool(tool, arguments)).is_error
            (folder / "go").touch()

    play(conversation)


def test_calls_at_once_run_one_after_the_other_in_one_session(play: Play) -> None:
    async def conversation(client: Client) -> None:
        answers: list[str] = []
        sessions: set[str] = set()

        async def add(number: int) -> None:
            answer = await client.call_tool("run", {"line": f"add {number} 100"})
            answers.append(text_of(answer))
            sessions.add(answer.structured_content["session"])

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(add, number)
        assert sorted(answers) == [str(100 + number) for number in range(8)]
        assert len(sessions) == 1

    play(conversation)


def test_lines_that_another_process_adds_to_the_session_are_seen(play: Play, folder: Path) -> None:
    async def conversation(client: Client) -> None:
        first = await client.call_tool("run", {"line": "add 1 2 as mine"})
        with Workspace.open(folder, session=first.structured_content["session"]) as other:
            other.run("add @mine 10 as theirs")
        answer = await client.call_tool("run", {"line": "add @theirs 100"})
        assert text_of(answer) == "113"

    play(conversation)
