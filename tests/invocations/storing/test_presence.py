"""Other processes can see that a session is in use, until the process that uses it ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from invocations.errors import SessionBusy
from invocations.storing.local import LocalStore
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


def test_a_session_counts_as_in_use_while_another_process_has_it_open(tmp_path):
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_session_that_another_process_uses_is_not_removed(tmp_path):
    store = LocalStore(tmp_path / "sessions.sqlite")
    ready, begun = os.pipe()
    end, ended = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(ended)
            other = LocalStore(tmp_path / "sessions.sqlite")
            other.create("s", 1.0)
            os.write(begun, b"x")
            os.read(end, 1)  # waits until the parent closes its end of the pipe
        finally:
            os._exit(0)
    os.read(ready, 1)
    with pytest.raises(SessionBusy, match="another process is using session `s`"):
        store.delete("s")
    assert [info.id for info in store.infos()] == ["s"]
    for number in (end, ended, ready, begun):
        os.close(number)
    os.waitpid(child, 0)
    store.delete("s")
    assert store.infos() == []
    store.close()
