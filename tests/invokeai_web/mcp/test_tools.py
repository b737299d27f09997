"""The tools, called by the real MCP client library, which checks each answer against the tool's output schema."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from mcp import Client, MCPError
from mcp_types import BlobResourceContents, ResourceLink
from PIL import Image

from invocations.catalog.registry import open_registry
from invokeai_web.plain_json import plain_json
from tests.invokeai_web.mcp.conftest import Play, text_of
from workflows.manual.agent import MAX_CHARS
from workflows.services import engine_mode
from workflows.workspace import Workspace


def test_a_client_sees_five_tools_of_which_only_run_changes_anything(play: Play) -> None:
    async def conversation(client: Client) -> None:
        tools = (await client.list_tools()).tools
        writing = [tool.name for tool in tools if tool.annotations and not tool.annotations.read_only_hint]
        assert [tool.name for tool in tools] == ["plan", "run", "explain", "search_nodes", "history"]
        assert writing == ["run"]
        assert all(tool.output_schema and tool.output_schema["type"] == "object" for tool in tools)
        assert tools[0].input_schema["required"] == ["line"]
        assert tools[0].input_schema["properties"]["max_items"]["type"] == "integer"

    play(conversation)


def test_the_server_introduces_itself_with_how_lines_are_written_and_every_command(play: Play) -> None:
    async def conversation(client: Client) -> None:
        assert client.server_info is not None
        assert client.server_info.name == "invokeai"
        page = client.instructions or ""
        commands = [each for each in open_registry() if f"\n  {each}" not in page]
        assert (commands, len(page) <= MAX_CHARS) == ([], True)

    play(conversation)


def test_a_line_runs_and_the_next_one_continues_it(play: Play) -> None:
    async def conversation(client: Client) -> None:
        first = await client.call_tool("run", {"line": "add 1 2 as total | mul 5"})
        second = await client.call_tool("run", {"line": "| add @total"})
        assert (text_of(first), text_of(second)) == ("15", "18")
        assert first.structured_content["session"] == second.structured_content["session"]
        assert second.structured_content["results"][0]["value"] == 18

    play(conversation)


def test_an_image_is_returned_as_a_link_that_the_client_can_read(play: Play, folder: Path) -> None:
    async def conversation(client: Client) -> None:
        answer = await client.call_tool("run", {"line": "t2i a fox --seed 7 --steps 2 --width 64 --height 32"})
        (link,) = [block for block in answer.content if isinstance(block, ResourceLink)]
        path = folder / "000001-7-a-fox.png"
        assert (link.uri, link.mime_type, link.size) == (path.as_uri(), "image/png", path.stat().st_size)
        (made,) = answer.structured_content["images"]
        assert (made["uri"], made["path"], made["width"], made["height"]) == (link.uri, str(path), 64, 32)
        (content,) = (await client.read_resource(link.uri)).contents
        assert isinstance(content, BlobResourceContents)
        assert Image.open(io.BytesIO(base64.b64decode(content.blob))).getpixel((0, 0)) == (7, 2, 30)
        assert [each.uri for each in (await client.list_resources()).resources] == [link.uri]

    play(conversation)


def test_only_images_that_the_connection_has_saved_can_be_read(play: Play, folder: Path) -> None:
    secret = folder / "secret.png"
    Image.new("RGB", (1, 1)).save(secret)

    async def conversation(client: Client) -> None:
        for uri in (secret.as_uri(), "file:///etc/passwd", f"{folder.as_uri()}/../secret.png", "nonsense:"):
            with pytest.raises(MCPError, match="only images that lines of this connection have saved can be read"):
                await client.read_resource(uri)

    play(conversation)


def test_a_refusal_is_that_of_the_terminal_with_its_caret_and_hint(play: Play) -> None:
    text = "error: there is no command `bluur`\n  t2i a fox | bluur 3\n              ^^^^^\n  did you mean `blur`?"

    async def conversation(client: Client) -> None:
        for tool in ("plan", "run", "explain"):
            answer = await client.call_tool(tool, {"line": "t2i a fox | bluur 3"})
            assert (answer.is_error, text_of(answer)) == (True, text)
            (error,) = answer.structured_content["errors"]
            assert (error["code"], error["span"], error["text"]) == ("unknown_command", [12, 17], text)
            assert error["hint"] == "did you mean `blur`?"
        assert (await client.call_tool("history")).structured_content["lines"] == []

    play(conversation)


def test_the_results_of_a_line_that_fails_in_part_are_returned_with_the_error(play: Play) -> None:
    async def conversation(client: Client) -> None:
        answer = await client.call_tool("run", {"line": "div 6 0,1,2"})
        assert answer.is_error
        assert [each["value"] for each in answer.structured_content["results"]] == [6, 3]
        assert text_of(answer) == (
            "6\n3\nerror: div (1) for b 0: division by zero\n  run the line again; finished results come from the cache"
        )

    play(conversation)


def test_standard_input_and_output_are_refused_since_they_carry_the_protocol(play: Play) -> None:
    async def conversation(client: Client) -> None:
        for line, what in (("t2i a fox | save -", "output"), ("load - | blur 2", "input")):
            answer = await client.call_tool("run", {"line": line})
            assert text_of(answer).startswith(
                f"error: `-` is standard {what}, which the agent's messages use\n  {line}"
            )
            assert text_of(answer).endswith("\n  write the name of a file")
            assert answer.structured_content["errors"][0]["code"] == "no_stream"

    play(conversation)


def test_a_large_sweep_needs_max_items(play: Play) -> None:
    async def conversation(client: Client) -> None:
        line = "add 1 1..300"
        refused = await client.call_tool("run", {"line": line})
        assert refused.structured_content["errors"][0]["hint"] == "write fewer values, or pass `max_items`"
        assert text_of(refused).endswith("write fewer values, or pass `max_items`")
        answer = await client.call_tool("run", {"line": line, "max_items": 300})
        assert not answer.is_error
        assert len(answer.structured_content["results"]) == 300
        answer = await client.call_tool("run", {"line": "range 1 151"})
        assert text_of(answer).endswith("\n100\n... and 50 more")

    play(conversation)


def test_wrong_arguments_are_told_by_name(play: Play) -> None:
    async def conversation(client: Client) -> None:
        answer = await client.call_tool("run", {"lin": "add 1 2"})
        assert text_of(answer) == (
            "error: the argument `line` is missing; there is no argument `lin`\n  the arguments are line, max_items"
        )
        answer = await client.call_tool("history", {"limit": 0})
        assert text_of(answer).startswith("error: `limit`: input should be greater than or equal to 1")
        with pytest.raises(MCPError, match="there is no tool `draw`; the tools are plan, run, explain"):
            await client.call_tool("draw", {})

    play(conversation)


def test_plan_returns_stages_values_and_reasons_and_runs_nothing(play: Play, folder: Path) -> None:
    async def conversation(client: Client) -> None:
        answer = await client.call_tool("plan", {"line": "t2i a fox --steps 2 | blur 3"})
        data = answer.structured_content
        assert text_of(answer).startswith("valid: t2i, blur; nothing has run\nimages: 1")
        assert [stage["command"] for stage in data["stages"]] == ["t2i", "blur"]
        assert {"node": "2", "input": "radius", "value": 3.0, "origin": "written", "model": None} in data["values"]
        assert ("1.decode", "2", "piped") in [
            (each["source"], each["target"], each["reason"]) for each in data["edges"]
        ]
        assert data["images"] == 1

    play(conversation)
    assert [*folder.glob("*.png")] == []


def test_explain_says_what_is_cached(play: Play) -> None:
    async def conversation(client: Client) -> None:
        line = {"line": "add 1 2 | mul 5"}
        before = await client.call_tool("explain", line)
        await client.call_tool("run", line)
        after = await client.call_tool("explain", line)
        assert before.structured_content["cached"] == []
        assert after.structured_content["cached"] == ["3", "4"]
        assert "3  add  cached" in text_of(after)

    play(conversation)


def test_search_nodes_finds_commands_also_by_the_names_of_other_tools(play: Play) -> None:
    async def conversation(client: Client) -> None:
        every = await client.call_tool("search_nodes", {"limit": 5})
        assert len(every.structured_content["commands"]) == 5
        assert every.structured_content["total"] > 50
        assert f"{every.structured_content['total'] - 5} more; raise `limit` to see them" in text_of(every)
        (blur, *_) = (await client.call_tool("search_nodes", {"words": "blur"})).structured_content["commands"]
        assert (blur["type"], blur["takes"], blur["returns"]) == ("blur", "image", "image")
        assert [each["option"] for each in blur["inputs"]] == ["--image", "--radius"]
        none = await client.call_tool("search_nodes", {"words": "teleport"})
        assert text_of(none).startswith("error: no command matches `teleport`")

    play(conversation)


def test_history_lists_the_lines_of_all_sessions_or_of_one(play: Play, folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.run("add 20 1")

    async def conversation(client: Client) -> None:
        own = await client.call_tool("run", {"line": "mul 2 3"})
        found = (await client.call_tool("history")).structured_content["lines"]
        assert [(each["line"], each["outcome"]) for each in found] == [("add 20 1", "done"), ("mul 2 3", "done")]
        session = own.structured_content["session"]
        found = (await client.call_tool("history", {"session": session})).structured_content["lines"]
        assert [each["line"] for each in found] == ["mul 2 3"]
        assert "mul 2 3" in text_of(await client.call_tool("history", {"words": "mul"}))
        assert text_of(await client.call_tool("history", {"failed": True})) == "no line matches"

    play(conversation)


def test_an_integer_that_javascript_cannot_represent_is_a_string(play: Play) -> None:
    async def conversation(client: Client) -> None:
        answer = await client.call_tool("plan", {"line": "t2i a fox --seed 18446744073709551615"})
        assert "18446744073709551615" in [each["value"] for each in answer.structured_content["values"]]

    play(conversation)


def test_values_that_json_lacks_are_strings() -> None:
    assert plain_json({"a": [2**53 - 1, 2**53, -(2**60)]}) == {"a": [2**53 - 1, str(2**53), str(-(2**60))]}
    assert plain_json([float("inf"), float("nan"), 1.5, True, None]) == ["inf", "nan", 1.5, True, None]
    assert plain_json({"caf\udce9": ("\udce9",)}) == {"caf\\udce9": ["\\udce9"]}


def test_the_settings_for_workers_and_the_engine_are_honored(
    play: Play, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("INVOKEAI_JOBS", "2")

    async def conversation(client: Client) -> None:
        notes = (await client.call_tool("explain", {"line": "add 1 2"})).structured_content["notes"]
        assert notes == ["2 worker processes run the nodes, each with its own copy of the model"]

    play(conversation)
    monkeypatch.setenv("INVOKEAI_JOBS", "1")
    monkeypatch.setenv("INVOKEAI_ENGINE", "on")
    with Workspace.open(folder) as workspace:  # as the server opens it
        assert engine_mode(workspace.settings) == "on"


@pytest.mark.parametrize(
    "line",
    ["", "\0", "| | |", "add 1 2\nadd 3 4", "t2i " + "(" * 5000, "a" * 100_001, "run night.inv", "load /etc/passwd"],
    ids=["nothing", "a null character", "bars", "two lines", "many parentheses", "a huge line", "a directive",
         "a file that is no image"],
)  # fmt: skip
def test_a_hostile_line_is_answered_with_an_error_and_nothing_breaks(play: Play, line: str) -> None:
    async def conversation(client: Client) -> None:
        for tool in ("plan", "run", "explain"):
            answer = await client.call_tool(tool, {"line": line, "max_items": 1})
            assert answer.is_error or line.startswith("t2i")
            assert "Traceback" not in text_of(answer)
        assert text_of(await client.call_tool("run", {"line": "add 1 2"})) == "3"

    play(conversation)
