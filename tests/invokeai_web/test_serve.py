"""`python -m invokeai_web` as a process: what it prints, how it answers, how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

DEADLINE_S = 120


@contextmanager
def serving(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Yield a server process and the lines that it printed at its start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "invokeai_web", "--port", "0", "--in-process", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "INVOKEAI_HOME": str(home)},
    )  # fmt: skip
    try:
        lines: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Ctrl-C"):
                break
        yield process, lines
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE_S)


def url_in(lines: list[str]) -> tuple[str, str]:
    """Return the URL and the token that a server printed."""
    found = re.fullmatch(r"open   (http://127\.0\.0\.1:\d+)/#token=(\S+)", next(x for x in lines if x[:4] == "open"))
    assert found is not None
    return found[1], found[2]


def test_the_printed_token_opens_the_server_and_sigterm_ends_it_with_status_0(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, lines):
        url, token = url_in(lines)
        assert lines[0].endswith(f" at {url}")
        assert lines[2] == f"token  in {tmp_path / 'config' / 'token'}"
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert client.get("/api/v1/health").json() == {"status": "ok"}
            assert client.get("/api/v1/stats").status_code == 401
            answer = client.get("/api/v1/stats", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, "server" in answer.headers) == (200, False)
            with serving(tmp_path) as (_, second):
                assert second[0] == f"another server with the same sessions runs at {url} (process {process.pid})"
                assert url_in(second)[1] == token
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=DEADLINE_S)
        assert (process.returncode, out, err) == (0, "stopped\n", "")
        assert token not in err


def test_ctrl_c_ends_a_server_and_its_log_has_neither_the_token_nor_a_traceback(tmp_path: Path) -> None:
    with serving(tmp_path, "--verbose") as (process, lines):
        url, token = url_in(lines)
        with httpx.Client(base_url=url, trust_env=False) as client:
            client.get("/api/v1/about", headers={"Authorization": f"Bearer {token}"})
            client.post("/api/v1/auth/cookie", json={"token": token})
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert '"GET /api/v1/about HTTP/1.1" 200' in err
    assert token not in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [["--listen", "0.0.0.0"]], ids=" ".join)
def test_a_server_that_other_machines_can_reach_warns_that_nothing_is_encrypted(
    words: list[str], tmp_path: Path
) -> None:
    with serving(tmp_path, *words) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=DEADLINE_S)[1] == (
            "warning: other machines can reach 0.0.0.0, and the connection is not encrypted: use `--tls-cert` and "
            "`--tls-key`, or a reverse proxy with HTTPS\n"
        )
