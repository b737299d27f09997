"""Lines run on a server: the same output, files and status as here, and only what is needed travels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import CliResult
from tests.invokeai_cli.on_server.fake_api import TOKEN, FakeApi

RunThere = Callable[..., CliResult]
LINES = {
    "an image": "t2i a red house --seed 7 --steps 2 | blur 2 | save h.png",
    "a file": "i2i in.png a fox --seed 7 --steps 2 | save fox.png",
    "a large seed": "t2i a red house --seed 18446744073709551615 --steps 2 | save h.png",
    "a sweep": "t2i a fox --seed 1..3 --steps 2 | grid | save g.png",
    "two results": "load in.png as a | blur 4 | blend @a | save soft.png",
    "numbers": "add 1 2 | mul 5",
    "a mask": "load in.png as a | mask-threshold as m | inpaint a sun --image @a --mask @m --seed 3 | save m.png",
    "another VAE": "t2i a red house --vae default --seed 7 --steps 2 | save v.png",
}


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_output_files_and_status_are_the_same_as_here(
    line: str, there: RunThere, type_: Callable[..., CliResult], tmp_path: Path, api: FakeApi
) -> None:
    found = []
    for run, name in ((type_, "here"), (there, "on-server")):
        folder = tmp_path / name
        folder.mkdir()
        Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(folder / "in.png")
        done = run(line, folder=folder, INVOKEAI_CACHE="no")
        found.append((done.status, done.out, files_in(folder)))
    assert found[0] == found[1]
    assert found[0][0] == 0
    assert any("/invocations" in each for each in api.asked) == ("add" not in line)


def test_with_on_a_line_runs_on_the_server_that_it_names(
    address: str, type_: Callable[..., CliResult], api: FakeApi
) -> None:
    assert type_("--on", address, "t2i a fox --steps 1", INVOKEAI_TOKEN=TOKEN).status == 0
    assert "POST /sessions" in api.asked


def test_local_overrides_the_variable(there: RunThere, api: FakeApi) -> None:
    assert there("--on", "local", "t2i a fox --steps 1").status == 0
    assert api.asked == []


def test_the_session_on_the_server_is_removed_at_the_end(there: RunThere, api: FakeApi) -> None:
    there("t2i a fox --steps 1")
    assert api.asked[-1].startswith("DELETE /sessions/")
    assert api.invoker.sessions() == []


def test_an_image_is_sent_once_and_not_at_all_if_the_server_has_it(
    there: RunThere, api: FakeApi, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "in.png")
    there("load in.png as a | blur 2 | blend @a", INVOKEAI_CACHE="no")
    assert api.asked.count("POST /images") == 1
    api.asked.clear()
    there("load in.png | blur 3", INVOKEAI_CACHE="no")
    assert api.asked.count("POST /images") == 0


def test_images_of_a_repeated_line_are_cached_here(there: RunThere, api: FakeApi) -> None:
    line = "t2i a fox --steps 1 --seed 7 | blur 2 | save f.png --overwrite"
    there(line)
    api.lines.clear()
    assert there(line).out == "f.png\n"
    events = [json.loads(text) for lines in api.lines.values() for text in lines]
    finished = {each["node_type"]: each["reused"] for each in events if each["event"] == "node_finished"}
    assert {"decode", "blur"}.isdisjoint(finished)


def test_results_of_the_server_are_not_taken_for_results_of_this_machine(
    there: RunThere, type_: Callable[..., CliResult]
) -> None:
    line = "t2i a fox --steps 1 --seed 7"
    there(line)
    events = type_(line, "--events").events
    assert not any(each.get("reused") for each in events if each.get("node_type") == "denoise")


def test_progress_and_events_are_those_of_a_local_run(there: RunThere) -> None:
    events = there("t2i a fox --steps 2 --seed 7", "--events").events
    kinds = [(each["event"], each.get("node_type")) for each in events]
    assert ("node_progress", "denoise") in kinds
    finished = next(each for each in events if each["event"] == "node_finished" and each["node_type"] == "denoise")
    assert finished["facts"]["steps"] == 2
    assert finished["worker"] == "server"


def test_models_are_those_of_the_server(there: RunThere) -> None:
    assert [each["name"] for each in there("models", "--json").document["models"]] == ["default"]
    refused = there("t2i a fox --model nowhere")
    assert refused.status == 4
    assert "error: there is no model `nowhere`" in refused.err


def test_a_node_that_fails_there_fails_here_with_the_same_words(
    there: RunThere, type_: Callable[..., CliResult], tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "in.png")
    Image.new("RGB", (32, 64), "red").save(tmp_path / "small.png")
    line = "load small.png as a | load in.png | if yes @a @a | match @a | crop 60 60 --left 1 --top 1"
    here, on_server = type_(line), there(line)
    assert on_server == here
    assert on_server.status != 0


def test_a_connection_that_is_cut_loses_no_event(there: RunThere, api: FakeApi) -> None:
    api.cuts = [0, 1, 2, 0, 3, 1]
    done = there("t2i a fox --steps 4 --seed 7 | save f.png", "--events")
    assert done.status == 0
    steps = [each["step"] for each in done.events if each["event"] == "node_progress"]
    assert steps == sorted(set(steps))
    assert api.cuts == []


def test_a_wrong_token_is_refused_with_what_to_do(there: RunThere, api: FakeApi) -> None:
    refused = there("t2i a fox", INVOKEAI_TOKEN="wrong")
    assert refused.err == (
        "error: the request has no valid token\n  set INVOKEAI_TOKEN to the token that `invokeai serve` printed there\n"
    )
    assert refused.status == 1
    assert api.asked == ["GET /about"]


def test_a_server_that_is_not_there_is_reported_before_anything_runs(type_: Callable[..., CliResult]) -> None:
    refused = type_("t2i a fox", INVOKEAI_SERVER="127.0.0.1:9")
    assert refused.err == (
        "error: the server at 127.0.0.1:9 cannot be reached: connection refused\n"
        "  on that machine, `invokeai serve` starts it\n"
    )
    assert refused.status == 1


def test_without_the_server_sessions_help_and_completion_still_work(type_: Callable[..., CliResult]) -> None:
    gone = {"INVOKEAI_SERVER": "127.0.0.1:9"}
    for words in (["sessions"], ["help", "t2i"], ["config", "show"], ["__complete", "4", "t2i", "a", "--model", "x"]):
        done = type_(*words, **gone)
        assert (done.status, done.err) == (0, "")


def test_an_address_that_is_none_is_refused(type_: Callable[..., CliResult]) -> None:
    refused = type_("--on", "gpu:many", "t2i a fox")
    assert refused.status == 2
    assert refused.err.startswith("error: `gpu:many` is not the address of a server\n")


def test_the_settings_of_a_project_cannot_send_lines_elsewhere(type_: Callable[..., CliResult], tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('server = "elsewhere.example"\n')
    refused = type_("add", "1", "2")
    assert refused.status == 2
    assert "server" in refused.err
