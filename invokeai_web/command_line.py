"""The command line of `python -m invokeai_web`: words -> options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from workflows.problems import UsageError

from .listening import is_loopback
from .options import LOOPBACK, PORT, ServeOptions

PROGRAM: Final = "invokeai serve"
COMPAT: Final = ("openai", "a1111")
ENDING: Final = """\
The token is created at the first start and printed at each start; the variable INVOKEAI_TOKEN overrides it.
Ctrl-C or SIGTERM stops the server: running items get 20 seconds to finish, and the others wait for the next start."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"`{PROGRAM} --help` lists the options")


def parse(words: Sequence[str]) -> ServeOptions:
    """Return the options in the words of a command line. Raises: UsageError; SystemExit after `--help`."""
    found: dict[str, Any] = vars(_parser().parse_args(list(words)))
    port = found.pop("port")
    compat = _names(found.pop("compat"), COMPAT)
    names, proxies = tuple(found.pop("host_names")), tuple(found.pop("trusted_proxies"))
    options = ServeOptions(
        port=PORT if port is None else port,
        exact_port=port is not None,
        compat=compat,
        host_names=names,
        trusted_proxies=proxies,
        **found,
    )
    check(options)
    return options


def check(options: ServeOptions) -> None:
    """Refuse options that do not fit together. Raises: UsageError."""
    if bool(options.tls_cert) != bool(options.tls_key):
        raise UsageError("`--tls-cert` and `--tls-key` belong together", "give both, or none")
    for name, path in (("--tls-cert", options.tls_cert), ("--tls-key", options.tls_key)):
        if path and not os.path.isfile(path):
            raise UsageError(f"`{name}`: there is no file `{path}`")
    if options.allow_files and not is_loopback(options.listen):
        message = f"`--allow-files` works only on loopback, and `{options.listen}` is not"
        raise UsageError(message, "upload the files instead, or leave out `--listen`")
    if options.allow_files and not os.path.isdir(options.allow_files):
        raise UsageError(f"`--allow-files`: there is no folder `{options.allow_files}`")
    if options.events != "local" and not options.events.startswith(("redis://", "rediss://")):
        raise UsageError(f"`--events` must be `local` or the URL of a Redis server, not `{options.events}`")


def _parser() -> argparse.ArgumentParser:
    made = _Parser(
        prog=PROGRAM,
        description="Serve the HTTP API and Socket.IO on this machine.",
        epilog=ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )

    def add(name: str, help_: str, value: str = "", **how: Any) -> None:
        if value:
            made.add_argument(name, help=help_, metavar=value, **how)
        else:
            made.add_argument(name, help=help_, action="store_true")

    add("--listen", f"address to listen on (default: {LOOPBACK}, which only this machine can reach)", "ADDRESS",
        default=LOOPBACK)  # fmt: skip
    add("--port", f"port (default: {PORT}, or the next free one)", "PORT", type=_port)
    add("--host-name", "another name of this server, as in its URL; may be repeated", "NAME[:PORT]",
        action="append", default=[], dest="host_names")  # fmt: skip
    add("--token-file", "file of the token (default: `token` in the config folder)", "FILE", default="")
    add("--tls-cert", "certificate for HTTPS, in PEM", "FILE", default="")
    add("--tls-key", "private key of the certificate, in PEM", "FILE", default="")
    add("--trusted-proxy", "address of a reverse proxy whose X-Forwarded headers are used; may be repeated", "ADDRESS",
        action="append", default=[], dest="trusted_proxies")  # fmt: skip
    add("--workers", "worker processes that run nodes: a number, or auto (default: one for each graphics card)", "N",
        type=_workers, default="auto")  # fmt: skip
    add("--in-process", "run nodes in threads of the server")
    add("--queue", "whether the queue runs at the start: running, paused (default: as it was)", "STATE",
        choices=("running", "paused"), default="")  # fmt: skip
    add("--events", "how events reach other server processes: local, or redis://HOST (default: local)", "URL",
        default="local")  # fmt: skip
    add("--compat", "other APIs to offer, separated by commas: openai, a1111", "NAMES", default="")
    add("--allow-files", "folder whose files lines may read; only on loopback", "DIR", default="")
    made.add_argument("--verbose", "-v", help="log requests, and tracebacks of failed nodes", action="store_true")
    return made


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= 65535):
        raise argparse.ArgumentTypeError(f"`{text}` is not a port: it must be a number from 0 to 65535")
    return int(text)


def _workers(text: str) -> str:
    if text == "auto" or (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 99):
        return text
    raise argparse.ArgumentTypeError(f"`{text}` must be auto or a number from 1 to 99")


def _names(text: str, known: Sequence[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise UsageError(f"`--compat`: there is no API `{name}`", "known: " + ", ".join(known))
    return names
