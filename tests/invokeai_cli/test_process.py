"""The program as a process: signals, pipes, closed streams, imports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.slow_node import add_slow_node

COMMAND = [sys.executable, "-m", "invokeai_cli"]


def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    given = {"capture_output": True, "text": True, "timeout": 240, "stdin": subprocess.DEVNULL, **options}
    return subprocess.run([*COMMAND, *words], check=False, **given)  # type: ignore[call-overload, no-any-return]


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which `invokeai` runs the program."""
    program = " ".join(COMMAND)
    return subprocess.run(
        ["bash", "-c", f"invokeai() {{ {program} \"$@\"; }}\n{line}"],
        capture_output=True, text=True, timeout=240, check=False, env={**os.environ, **variables},
    )  # fmt: skip


@pytest.fixture
def start_line(isolated_home: Path, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that starts a line with a slow node and returns once that node runs."""
    add_slow_node(isolated_home)

    def begin(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, "--events", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, cwd=tmp_path,
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if '"node_started"' in line and '"hold"' in line:
                return process
        raise AssertionError(process.communicate())

    return begin


def test_a_line_that_was_killed_is_listed_as_unfinished(start_line: Callable[..., subprocess.Popen[str]]) -> None:
    process = start_line("add 1000 500 | hold | add 1")
    process.kill()
    process.communicate(timeout=240)
    assert run("session", "show").stdout.splitlines()[1] == "1     add 1000 500 | hold | add 1  unfinished"
    assert run("history").stdout.split(maxsplit=2)[2] == "unfinished  add 1000 500 | hold | add 1\n"
    assert "  1, 1 unfinished  3  " in run("sessions").stdout


def test_129_ctrl_c_during_a_step_keeps_the_results_of_finished_nodes(
    start_line: Callable[..., subprocess.Popen[str]],
) -> None:
    process = start_line("add 1000 500 | hold | add 1")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=240)
    last = json.loads(out.splitlines()[-1])
    assert process.returncode == last["status"] == 130
    (error,) = last["errors"]
    assert error["code"] == "interrupted"
    assert error["message"].startswith("interrupted: 1 of 3 nodes had finished; their results are kept in session ")
    assert error["hint"] == f"`session resume {last['session']}` resumes it"
    kept = json.loads(run("session", "show", last["session"], "--json").stdout)
    assert kept["results"] == [{"node": "1", "path": [], "outputs": {"value": 1500}}]
    assert kept["lines"][0]["outcome"] == "cancelled"
    shown = run("session", "show", last["session"]).stdout.splitlines()
    assert re.fullmatch(r"1     add 1000 500 \| hold \| add 1  interrupted [\d.]+ m?s", shown[1])
    assert "  1, 1 interrupted  3  " in run("sessions").stdout
    (listed,) = json.loads(run("sessions", "--failed", "--json").stdout)["sessions"]
    assert (listed["failed"], listed["interrupted"], listed["unfinished"]) == (1, 1, 0)
    refused = run("retry").stderr.splitlines()
    assert refused[0] == f"error: nothing has failed in session {last['session']}"
    assert refused[1] == f"  the session was interrupted; `session resume {last['session']}` resumes it"


def test_the_message_after_an_interrupted_loop_counts_nodes_rather_than_iterations(
    start_line: Callable[..., subprocess.Popen[str]],
) -> None:
    process = start_line("range 1 4 | iterate | add 1 | collect | length | hold | add 1")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=240)
    (error,) = json.loads(out.splitlines()[-1])["errors"]
    assert error["message"].startswith("interrupted: 5 of 7 nodes had finished; their results are kept in session ")


def test_a_second_ctrl_c_ends_the_program_at_once(isolated_home: Path, tmp_path: Path) -> None:
    add_slow_node(isolated_home)
    process = subprocess.Popen([*COMMAND, "hold 1 --deaf"], stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stderr is not None
    assert process.stderr.readline() == "hold: 10 % (1 of 10)\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline() == "stopping after this step; press Ctrl-C again to stop immediately\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert (process.returncode, "Traceback" in err) == (130, False)


def test_sigterm_ends_the_program_with_exit_status_143(start_line: Callable[..., subprocess.Popen[str]]) -> None:
    process = start_line("hold 1")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 143
    assert "Traceback" not in err


@pytest.mark.parametrize("line", ["invokeai --help", "invokeai range 0 100000", "invokeai nodes", "invokeai --version"])
def test_a_pipe_closed_by_its_reader_ends_the_program_quietly_with_141(line: str) -> None:
    done = shell(f"{line} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}", PYTHONUNBUFFERED="1")
    assert done.stdout in ("141\n", "0\n")  # 0 if everything was written before the reader closed
    assert done.stderr == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_program_exits_with_141_if_the_reader_closes_in_the_middle_of_a_result(unbuffered: str) -> None:
    line = "invokeai range 0 100000 | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}"
    done = shell(line, PYTHONUNBUFFERED=unbuffered)
    assert done.stdout == "141\n", done.stderr


def test_writing_to_a_pipe_without_a_reader_exits_with_141() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, "add", "1", "2"], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=240)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("line", "status", "err"),
    [
        ("invokeai add 1 2 >&-", 1, "error: standard output is closed\n"),
        ("invokeai add 1 2 <&-", 0, ""),
        ("invokeai add 1 2 2>&-", 0, ""),
        ("invokeai ad 2>&-", 2, ""),
        ("invokeai add 1 2 >/dev/full", 1, "error: standard output cannot be written: No space left on device\n"),
        ("invokeai ad 2>/dev/full", 2, ""),
        ("invokeai add 1 2 <&- >&- 2>&-", 1, ""),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_or_full_stream_causes_at_most_one_error_and_no_traceback(
    line: str, status: int, err: str, unbuffered: str
) -> None:
    done = shell(line, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (status, err)


def test_closed_streams_are_never_replaced_by_opened_files(isolated_home: Path) -> None:
    assert shell("invokeai add 1 2 <&- >&-").returncode == 1
    assert run("sessions").returncode == 0


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
@pytest.mark.parametrize("line", ["invokeai nodes", "invokeai --help", "invokeai t2i é 🦊 --steps zwölf"])
def test_output_is_written_in_any_encoding(line: str, variables: dict[str, str]) -> None:
    done = shell(line, **variables)
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr


def test_undecodable_bytes_are_shown_as_escapes() -> None:
    done = subprocess.run([*COMMAND, b"caf\xe9"], capture_output=True, check=False, timeout=240)
    assert done.returncode == 2
    assert b"there is no command `caf\\xe9`" in done.stderr


def test_a_file_with_an_undecodable_name_is_loaded(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    name = os.fsencode(tmp_path) + b"/caf\xe9.png"
    os.rename(tmp_path / "plain.png", name)
    done = subprocess.run(
        [*COMMAND, b"load", b"caf\xe9.png"], capture_output=True, check=False, cwd=tmp_path, timeout=240
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"caf\xe9.png\n", b"")


def test_a_temporary_folder_is_used_if_the_home_folder_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = shell("invokeai add 1 2", INVOKEAI_HOME=str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert done.stderr.count("warning: ") == 2
    done = shell("unset HOME INVOKEAI_HOME; invokeai --help | head -1")
    assert done.stdout.startswith("Image generation")


@pytest.mark.parametrize("words", [["--help"], ["blur", "--help"], ["ad"], ["add", "--x"], ["__complete", "1", "ad"]])
def test_136_help_errors_and_completion_import_nothing_heavy(words: list[str]) -> None:
    program = (
        "import sys\nfrom invokeai_cli.__main__ import main\ntry:\n    main(sys.argv[1:])\n"
        "finally:\n    print('\\n' + ' '.join(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, timeout=240
    )
    loaded = set(done.stderr.rsplit("\n", 2)[-2].split())
    assert not loaded & {"torch", "diffusers", "transformers", "PIL", "numpy", "pydantic", "typer", "rich", "sqlite3"}
    assert not loaded & {"importlib.metadata", "asyncio", "logging", "argparse"}


@pytest.mark.parametrize("blocks", [1, 30, 60])
def test_a_full_disk_causes_an_error_and_leaves_no_partial_file(tmp_path: Path, blocks: int) -> None:
    """A limit on the file size simulates a full disk."""
    from PIL import Image

    Image.effect_noise((300, 300), 90).save(tmp_path / "noise.png")
    done = shell(f"cd {tmp_path}; ulimit -f {blocks}; invokeai 'load noise.png | scale 2 | save big.png'")
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["noise.png"]


def test_an_invalid_session_database_is_reported(isolated_home: Path) -> None:
    (isolated_home / "data").mkdir()
    (isolated_home / "data" / "sessions.sqlite").write_bytes(b"no database" * 100)
    for words in (("add", "1", "2"), ("history",)):
        done = run(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("error: the sessions in `")


@pytest.mark.parametrize(
    ("words", "offered"),
    [("invokeai blu", "blur"), ("invokeai load x '\\|' blu", "blur"), ("invokeai load ./po", "./poster.png")],
)
def test_the_bash_script_completes_a_word(tmp_path: Path, words: str, offered: str) -> None:
    (tmp_path / "poster.png").write_text("")
    script = (
        f"cd {tmp_path}\nexport PATH={Path(sys.executable).parent}:$PATH\n"
        f'eval "$(invokeai completion bash)"\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n'
        '_invokeai\necho "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=240)
    assert (done.stdout.split(), done.stderr) == ([offered], "")


def test_adding_numbers_imports_no_tensor_library() -> None:
    program = (
        "import sys\nfrom invokeai_cli.__main__ import main\ntry:\n    main(['add', '1', '2'])\n"
        "finally:\n    print('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240)
    assert done.stdout == "3\nFalse\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
def test_an_image_that_cannot_be_written_to_standard_output_causes_one_error(
    isolated_home: Path, tmp_path: Path
) -> None:
    Image.effect_noise((64, 64), 90).save(tmp_path / "x.png")
    with open("/dev/full", "wb") as full:
        streams = {"capture_output": False, "stdout": full, "stderr": subprocess.PIPE}
        result = run("-q", "load x.png | save -", cwd=tmp_path, **streams)
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "error: save (2): `standard output` cannot be written: no space left on device",
        "  free some disk space and run the line again; to continue a script, use `--resume`",
    ]
