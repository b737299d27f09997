"""Other processes see which sessions are in use, until the process ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from invocations.storing.presence import Presence

pytest.importorskip("fcntl")
HOLDER = """
import sys
from pathlib import Path
from invocations.storing.presence import Presence
presence = Presence(Path(sys.argv[1]))
presence.hold("s")
presence.hold("s")
print(presence.is_shared("s"), presence.is_shared("t"), flush=True)
sys.stdin.readline()
print(presence.is_shared("s"), flush=True)
sys.stdin.readline()
"""


def test_a_session_is_shared_while_another_process_holds_it(tmp_path):
    path = tmp_path / "lock"
    presence = Presence(path)
    assert not presence.is_shared("s")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    with holder:
        assert holder.stdout.readline() == "False False\n"
        assert (presence.is_shared("s"), presence.is_shared("t")) == (True, False)
        presence.hold("s")
        assert presence.is_shared("s")
        holder.stdin.write("\n")
        assert holder.stdout.readline() == "True\n"
        holder.kill()
    assert not presence.is_shared("s")
    presence.close()
    assert not Presence(path).is_shared("s")


def test_a_file_that_cannot_be_locked_is_not_an_error(tmp_path):
    presence = Presence(tmp_path / "no folder" / "lock")
    presence.hold("s")
    assert not presence.is_shared("s")
    presence.close()
