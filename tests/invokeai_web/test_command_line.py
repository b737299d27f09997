"""The options of `serve`, and their refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from invokeai_web.__main__ import main
from invokeai_web.command_line import parse
from invokeai_web.options import ServeOptions


def test_without_options_the_server_listens_on_loopback_and_the_next_free_port() -> None:
    assert parse([]) == ServeOptions()
    assert (ServeOptions().listen, ServeOptions().port, ServeOptions().exact_port) == ("127.0.0.1", 9090, False)


def test_every_option_is_read(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").touch()
    cert = str(tmp_path / "cert.pem")
    words = (
        f"--port 8080 --host-name a.example --host-name b.example:1 --token-file t --tls-cert {cert} --tls-key {cert} "
        f"--trusted-proxy 10.0.0.1 --workers 2 --in-process --queue paused --events redis://h --compat openai,a1111 "
        f"--allow-files {tmp_path} -v"
    )
    assert parse(words.split()) == ServeOptions(
        port=8080, exact_port=True, host_names=("a.example", "b.example:1"), token_file="t", tls_cert=cert,
        tls_key=cert, trusted_proxies=("10.0.0.1",), workers="2", in_process=True, queue="paused", events="redis://h",
        compat=("openai", "a1111"), allow_files=str(tmp_path), verbose=True,
    )  # fmt: skip


REFUSED = {
    "an unknown option": ("--prot 1", "unrecognized arguments: --prot 1"),
    "a word too many": ("9090", "there is no command `9090`"),
    "a port that is none": (
        "--port 70000",
        "argument --port: `70000` is not a port: it must be a number from 0 to 65535",
    ),
    "a number of workers": ("--workers 0", "argument --workers: `0` must be auto or a number from 1 to 99"),
    "an unknown API": ("--compat openai,comfy", "`--compat`: there is no API `comfy`"),
    "half of TLS": ("--tls-cert x", "`--tls-cert` and `--tls-key` belong together"),
    "a missing certificate": ("--tls-cert nowhere --tls-key nowhere", "`--tls-cert`: there is no file `nowhere`"),
    "files for other machines": (
        "--listen 0.0.0.0 --allow-files .",
        "`--allow-files` works only on loopback, and `0.0.0.0` is not",
    ),
    "a missing folder": ("--allow-files nowhere", "`--allow-files`: there is no folder `nowhere`"),
    "another bus": ("--events kafka://x", "`--events` must be `local` or the URL of a Redis server, not `kafka://x`"),
    "an address of another machine": ("--listen 203.0.113.9", "this machine does not have the address `203.0.113.9`"),
    "an address that is none": ("--listen nowhere.invalid", "this machine does not have the address `nowhere.invalid`"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_option_is_refused_with_status_2(
    words: str, message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", f"error: {message}")


def test_help_lists_the_options_and_imports_nothing_of_the_web(tmp_path: Path) -> None:
    probe = "import sys\ntry:\n    from invokeai_web.__main__ import main; main(['--help'])\nfinally:\n"
    probe += "    print([n for n in ('fastapi', 'uvicorn', 'socketio', 'pydantic', 'torch') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "INVOKEAI_HOME": str(tmp_path)},
    )  # fmt: skip
    assert (done.stdout.splitlines()[-1], done.stderr) == ("[]", "")
    assert "--trusted-proxy ADDRESS" in done.stdout


def test_without_the_web_packages_one_line_says_how_to_install_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invokeai_web.__main__.find_spec", lambda name: None)
    assert main([]) == 2
    needed = "error: `serve` needs packages that are not installed: pip install 'invokeai-cli[web]'\n"
    assert capsys.readouterr() == ("", needed)
