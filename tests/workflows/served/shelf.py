"""Put images on the shelf, and read refusals."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from tests.invocations.services.conftest import noisy
from tests.invocations.services.served import file_bytes


def send(workspace, services, name, image=None, **how):
    """Send an image and put it on the shelf; return its reference."""
    received = services.uploads.receive(file_bytes(image or noisy("RGB", 30, 20)), **how)
    workspace.invoker.gallery.add(received.ref, name)
    return received.ref


def refusal(workspace, line):
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    (error,) = refused.value.errors
    return error.code, error.message, error.hint, line[error.span.start : error.span.end]
