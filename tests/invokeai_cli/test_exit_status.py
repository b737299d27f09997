"""The exit status for each kind of problem."""

from __future__ import annotations

import pytest

from invocations.services.errors import ServiceError
from invokeai_cli import exit_status
from workflows.problems import ConfigError, FileError, UsageError, describe, problem


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("no"), 2),
        (ConfigError("no"), 2),
        (FileError("no"), 1),
        (FileNotFoundError(2, "No such file", "x"), 1),
        (ServiceError("there is no model `x`", code="model_missing"), 4),
        (ServiceError("the model `x` is too large", code="does_not_fit"), 5),
    ],
)
def test_each_kind_of_error_has_its_exit_status(error: Exception, status: int) -> None:
    (found,) = describe(error)
    assert exit_status.of(found) == status


def test_a_signal_has_the_exit_status_that_shells_use() -> None:
    assert exit_status.of(problem("interrupted", "interrupted")) == 130
    assert exit_status.of(problem("terminated", "terminated")) == 143
