"""A script stopped half-way by Ctrl-C or kill -9 can be resumed."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from invokeai_cli.environment import Environment
from invokeai_cli.main import run
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.slow_node import add_slow_node

IMAGES, KILLED_AFTER = 6, 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_resuming_a_script_killed_after_three_of_six_images_makes_the_other_three_images(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")
    lines = [f"load p.png | blur {number} | save {number}.png" for number in range(1, IMAGES + 1)]
    (tmp_path / "night.inv").write_text("\n".join(lines))
    child = os.fork()
    if not child:
        try:
            os.chdir(tmp_path)
            variables = {"INVOKEAI_HOME": str(isolated_home)}
            run(["run", "night.inv"], Environment(None, KilledAfterThree(), io.StringIO(), variables, str(tmp_path)))
        finally:
            os._exit(99)  # whatever happens, the child process never returns into pytest
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert sorted(path.stem for path in tmp_path.glob("[0-9].png")) == ["1", "2", "3"]
    result = type_("run", "night.inv", "--resume")
    assert result.status == 0
    assert result.out == "".join(f"{number}.png\n" for number in range(1, IMAGES + 1))
    assert result.err.splitlines()[-1].startswith("3 done, 0 failed, 3 already done, 6 of 6 images, ")


class KilledAfterThree(io.StringIO):
    """A standard output that kills its process when the path of the third image is written."""

    def write(self, text: str) -> int:
        self.seek(0, io.SEEK_END)
        written = super().write(text)
        if self.getvalue().count(".png\n") == KILLED_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        return written


def test_ctrl_c_in_a_script_exits_with_130_and_prints_a_summary_and_the_command_to_resume(
    tmp_path: Path, isolated_home: Path
) -> None:
    add_slow_node(isolated_home)
    (tmp_path / "night.inv").write_text("".join(f"add {number} 1\n" for number in range(3)) + "hold 1\n" * 27)
    process = subprocess.Popen(
        [sys.executable, "-m", "invokeai_cli", "run", "night.inv"], cwd=tmp_path, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("hold: 10 %"):  # the process is running
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=240)
    assert (process.returncode, out) == (130, "1\n2\n3\n")
    *_, summary, way = err.splitlines()
    assert summary.startswith("3 done, 0 failed, ")
    assert way == "`invokeai run night.inv --resume` resumes it; without --resume, it starts over"


def test_the_total_number_of_images_is_shown_while_a_script_runs(type_: TypeLine, tmp_path: Path) -> None:
    Image.effect_noise((24, 24), 60).convert("RGB").save(tmp_path / "p.png")
    (tmp_path / "night.inv").write_text("\n".join(f"load p.png | blur {number}" for number in range(1, 13)))
    clock = count(0.0, 0.5).__next__  # each reading is half a second later, so every update is drawn
    result = type_("run", "night.inv", terminal=True, clock=clock, NO_COLOR="1")
    assert result.status == 0
    assert re.search(r"image 2 of 12 [━╸╺ ]+\d+\.\d s/image +.+ left", result.err)
    assert type_("run", "night.inv", "--overwrite").err.count(" of 12 images)") == 10


def test_running_an_unfinished_script_again_suggests_the_resume_option(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (24, 24)).save(tmp_path / "p.png")
    script = tmp_path / "night.inv"
    script.write_text("".join(f"load p.png | blur {n} | save {n}.png\n" for n in (1, 2, 3)))
    assert type_("run", script.name, "--max-images", "2").status == 3
    refused = type_("run", script.name)
    hint = "use `--resume` to continue the earlier run of this script, or `--overwrite` to replace the file"
    assert (refused.status, refused.err.count(f"  {hint}\n")) == (2, 2)
    assert type_("run", script.name, "--resume").status == 0
    script.write_text(script.read_text() + "add 1 2\n")
    assert "--resume" not in type_("run", script.name).err
