"""Runs nginx with a configuration from a page, in front of a server."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

WRITTEN = "http://127.0.0.1:9090"  # the address of the server in the configuration
DEADLINE_S = 30.0
FRAME = """
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, blocks: Sequence[str], address: str) -> Iterator[int]:
    """Run nginx with the blocks of a page, each of which belongs into `http` or into `server`; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    location = "".join(block for block in blocks if block.startswith("location")).replace(WRITTEN, address)
    http = "".join(block for block in blocks if not block.startswith("location"))
    file = folder / "nginx.conf"
    file.write_text(FRAME.format(folder=folder, port=port, http=http, location=location))
    with subprocess.Popen(["nginx", "-c", str(file), "-p", str(folder)], stderr=subprocess.PIPE) as process:
        try:
            wait_for_port(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(DEADLINE_S)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something listens on a port."""
    end = time.monotonic() + DEADLINE_S
    while True:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() < end, "nginx did not start"
            time.sleep(0.01)
